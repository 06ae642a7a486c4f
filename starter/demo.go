package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"perennial/config"
	"perennial/demo"
	"perennial/domain/clock"
	"perennial/domain/journey"
)

// demoStart is when the demo's first day begins: on a Monday morning in London, sixty days before the new year, so that the year's greeting falls
// into them.
var demoStart = time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant that Go has no constant for

// Once database and Temporal are up, the rest is set up before the demo's first day begins, in real time: within twice what they took, and no less
// or more than this.
const (
	demoSetUpLeast = 6 * time.Second
	demoSetUpMost  = 2 * time.Minute
)

// demoPhase is how long after a scan's turn the first day begins, in real time. Temporal's schedules count from the epoch: where every demo begins at
// the same point between two turns, scans come at the same hours of its days.
const demoPhase = 500 * time.Millisecond

// demoPatience is how long the demo's providers may take to answer: they are on this machine.
const demoPatience = 2 * time.Second

// demoOptions say which demo to run.
type demoOptions struct {
	machineOptions

	days      int
	rate      int64
	seed      uint64
	customers int
	report    string
	compare   string
	keep      bool
	ended     func(demo.Summary) // is called when the summary has been shown, before what is kept up is waited for
}

func newDemo(c *console) *cobra.Command {
	o := demoOptions{}
	command := &cobra.Command{
		Use:   "demo",
		Short: "Let a sample business live before your eyes",
		Long: `Let a sample business, a car dealership with a workshop, live on a clock that runs fast. Its made-up customers buy, come by, renew, answer,
complain, say stop, or stay silent, by what they received. Everything is real but the providers: they are the sandbox, which also fails now
and then. At the end it says what was done, and counts from what customers received what must not happen: a message outside their hours,
without their consent, or twice. Then it exits with 1; so it does where three hundred customers in sixty days saw too little of something.`,
		Example: `  starter demo
  starter demo --days 30 --customers 100 --seed 7
  starter demo --keep                 # leave everything up at the end, to look around
  starter demo --report before.json
  starter demo --compare before.json  # name each difference from that run`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.demo(cmd.Context(), o) },
	}
	flags := command.Flags()
	flags.IntVar(&o.days, "days", 60, "how many days the business lives")
	flags.Int64Var(&o.rate, "rate", 17280, "how many times as fast as real time: 17280 makes a day last five seconds")
	flags.Uint64Var(&o.seed, "seed", 1, "what the customers and their behaviour are drawn from")
	flags.IntVar(&o.customers, "customers", 300, "how many customers there are")
	flags.StringVar(&o.report, "report", "", "write the summary to this file too, as JSON")
	flags.StringVar(&o.compare, "compare", "", "compare with the summary in this `file`, of an earlier run with the same seed; name each difference, and exit with 1 if there are too many")
	flags.BoolVar(&o.keep, "keep", false, "leave everything up at the end, until Ctrl-C")
	return command
}

func (c *console) demo(ctx context.Context, o demoOptions) error {
	if o.days < 1 || o.rate < 2 || o.customers < 1 {
		return errors.New("--days and --customers must be at least 1, and --rate at least 2")
	}
	if most := demo.MostCustomers(); o.customers > most {
		return fmt.Errorf("--customers must be at most %d: there are no more phone numbers that are nobody's", most)
	}
	before, err := o.toCompareWith()
	if err != nil {
		return err
	}
	var disagree error
	if before != nil {
		o.ended = func(now demo.Summary) { disagree = c.compareDemos(o.compare, *before, now) }
	}
	summary, err := c.runDemo(ctx, o, nil)
	if err != nil {
		return err
	}
	var failed []error
	if !summary.OK() {
		failed = append(failed, errors.New("the demo did what must not be done: see VIOLATIONS above"))
	}
	for _, missing := range summary.TooLittle() {
		failed = append(failed, errors.New(missing))
	}
	return errors.Join(append(failed, disagree)...)
}

// toCompareWith reads the summary of an earlier run, before minutes are spent on another one; nil where none was asked for.
func (o demoOptions) toCompareWith() (*demo.Summary, error) {
	if o.compare == "" {
		return nil, nil //nolint:nilnil // nothing was asked for
	}
	encoded, err := os.ReadFile(o.compare)
	if err != nil {
		return nil, fmt.Errorf("read the summary to compare with: %w", err)
	}
	var before demo.Summary
	if err := json.Unmarshal(encoded, &before); err != nil {
		return nil, fmt.Errorf("%s is no summary of a demo, as --report writes it: %w", o.compare, err)
	}
	_, err = demo.Summary{Seed: o.seed, Customers: o.customers, Days: o.days}.Compare(before)
	return &before, err
}

// compareDemos names each difference. The error says that there are too many.
func (c *console) compareDemos(file string, before, now demo.Summary) error {
	comparison, err := now.Compare(before)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stderr, "\nCompared with %s: %d enrollments are in both, %d of them with another outcome, and %d are in one only.\n",
		file, comparison.Of, len(comparison.Outcomes), len(comparison.Entered))
	for _, d := range slices.Concat(comparison.Entered, comparison.Outcomes) {
		fmt.Fprintf(c.stderr, "  %s\n", d)
	}
	if !comparison.OK() {
		return errors.New("two runs with one seed do not agree: see the differences above")
	}
	return nil
}

// runDemo runs the demo on a machine of its own, whatever the environment says: made-up customers and a clock that runs fast have no business in
// somebody's database or Temporal, nor their messages at a provider's. Meanwhile, where it is given, runs beside it.
func (c *console) runDemo(ctx context.Context, o demoOptions, meanwhile func(context.Context, *machine)) (_ demo.Summary, err error) {
	c = c.isolated()
	o.isolated = true
	if o.state == "" {
		if o.state, err = temporaryState("demo-"); err != nil {
			return demo.Summary{}, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.state)) }()
	}
	began := time.Now()
	o.begin = func() clock.Clock { return demoClock(o.rate, time.Since(began), time.Now()) }
	o.patience = demoPatience
	o.throwaway, o.anyPort, o.progress = true, true, c.stderr
	m, err := startMachine(ctx, c, o.machineOptions)
	if err != nil {
		return demo.Summary{}, err
	}
	defer func() {
		if stopped := m.Close(); err == nil {
			err = stopped
		}
	}()
	if err := m.ready(m.Context()); err != nil {
		return demo.Summary{}, err
	}
	folder, err := journeysFolder()
	if err != nil {
		return demo.Summary{}, err
	}
	catalogue, err := catalogueOf(folder, true)
	if err != nil {
		return demo.Summary{}, err
	}
	business := demo.Config{
		Store: m.store, Temporal: m.temporal, Sandbox: m.sandbox, Gateway: m.settings.Public(), Clock: m.settings.Clock, Start: demoStart,
		Catalogue: catalogue, Publish: func(ctx context.Context) ([]journey.Plan, error) { return m.publish(ctx, folder) },
		Customers: o.customers, Days: o.days, Seed: o.seed, Progress: c.demoBar(),
	}
	watch, err := demo.WorthWatching(business)
	if err != nil {
		return demo.Summary{}, err
	}
	fmt.Fprintf(c.stderr, "A car dealership of %d customers lives %d days from %s on, a day in %.3g s. Look at it:\n", o.customers, o.days,
		demoStart.Format("2 January 2006"), 86400/float64(o.rate))
	c.sayWhere(m, watch)
	living, ended := context.WithCancel(m.Context())
	defer ended()
	if meanwhile != nil {
		go meanwhile(living, m)
	}
	summary, err := demo.Run(living, business)
	if err != nil {
		return summary, err
	}
	if err := c.report(o, summary); err != nil {
		return summary, err
	}
	if o.ended != nil {
		o.ended(summary)
	}
	if !o.keep {
		return summary, nil
	}
	fmt.Fprintln(c.stderr, "\nEverything is left up until Ctrl-C:")
	c.sayWhere(m, watch)
	return summary, m.Wait()
}

// demoClock is the demo's clock, made once database and Temporal are up, which took so long. A machine that needed long for these needs long for
// the rest.
func demoClock(rate int64, took time.Duration, now time.Time) clock.Clock {
	first := now.Add(min(max(demoSetUpLeast, 2*took), demoSetUpMost))
	turn := max(time.Second, (24 * time.Hour / time.Duration(rate)).Truncate(time.Second)) // as schedules have it
	first = time.Unix(0, 0).Add(first.Sub(time.Unix(0, 0)).Truncate(turn) + turn + demoPhase)
	return clock.Starting(demoStart, first, rate)
}

// sayWhere says what there is to look at, with one customer's page.
func (c *console) sayWhere(m *machine, customer string) {
	for _, line := range [][2]string{
		{"Temporal UI", m.settings.TemporalUIURL + "  what each enrollment does and waits for"},
		{"inboxes", m.page + "  what phones and inboxes receive"},
		{"a customer", m.settings.Public() + "/customers/" + customer + "  all that is known of one, and what was done"},
	} {
		fmt.Fprintf(c.stderr, "  %-12s %s\n", line[0], line[1])
	}
	fmt.Fprintln(c.stderr)
}

// isolated is the console without what the environment says of databases, Temporals and providers.
func (c *console) isolated() *console {
	alone := *c
	alone.config = config.Default
	alone.temporal = func(settings config.Config) (client.Options, error) {
		return client.Options{HostPort: settings.TemporalAddress}, nil
	}
	return &alone
}

// demoBar shows how far the demo is: on a terminal as a bar, elsewhere as a line every so often.
func (c *console) demoBar() func(demo.Progress) {
	describe := func(p demo.Progress) string {
		return fmt.Sprintf("%s  %d received, %d answered, %d enrollments running, %d ended", p.Now.Format("Mon 2 Jan 15:04"), p.Received, p.Answered, p.Running, p.Ended)
	}
	if !c.progress {
		said := -1
		return func(p demo.Progress) {
			if tenth := int(p.Done * 10); tenth > said {
				said = tenth
				fmt.Fprintf(c.stderr, "%3d %%  %s\n", tenth*10, describe(p))
			}
		}
	}
	bar := progressbar.NewOptions(1000, progressbar.OptionSetWriter(c.stderr), progressbar.OptionSetWidth(24), progressbar.OptionSetPredictTime(false),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetElapsedTime(false))
	return func(p demo.Progress) {
		bar.Describe(describe(p))
		_ = bar.Set(int(p.Done * 1000)) // a terminal that is gone needs no bar
	}
}

func (c *console) report(o demoOptions, summary demo.Summary) error {
	if o.report != "" {
		encoded, err := json.MarshalIndent(summary, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.report, append(encoded, '\n'), 0o600); err != nil {
			return fmt.Errorf("write the summary: %w", err)
		}
	}
	if c.json {
		return c.show(summary, nil)
	}
	fmt.Fprintln(c.stderr)
	return summary.Print(c.stdout)
}
