package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"perennial/channel/sandbox"
	"perennial/config"
	"perennial/demo"
	"perennial/domain/clock"
)

// demoStart is when the demo's clock starts: a Monday morning in London.
var demoStart = time.Date(2026, 5, 4, 7, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant that Go has no constant for

// demoSetUp is how long after its beginning the demo's first day begins, in real time: by then everything is up.
const demoSetUp = 5 * time.Second

// demoPatience is how long the demo's providers may take to answer: they are on this machine.
const demoPatience = 2 * time.Second

// demoFaults are how often, in percent, the demo's providers fail.
func demoFaults(seed uint64) sandbox.Faults {
	return sandbox.Faults{Seed: seed, Throttle: 3, ServerError: 1, Cut: 2, BadAddress: 4}
}

// demoOptions say which demo to run.
type demoOptions struct {
	machineOptions

	days      int
	rate      int64
	seed      uint64
	customers int
	report    string
	keep      bool
}

func newDemo(c *console) *cobra.Command {
	o := demoOptions{}
	command := &cobra.Command{
		Use:   "demo",
		Short: "Let a sample business live before your eyes",
		Long: `Let a sample business of made-up customers live on a clock that runs fast: some buy, some answer, some complain, many stay silent.
Everything is real but the providers: they are the sandbox, which also fails now and then. At the end it says what was done, and counts
from what customers received what must not happen: a message outside their hours, without their consent, or twice. Then it exits with 1.`,
		Example: `  starter demo
  starter demo --days 30 --seed 7
  starter demo --keep                 # leave everything up at the end, to look around`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.demo(cmd.Context(), o) },
	}
	flags := command.Flags()
	flags.IntVar(&o.days, "days", 14, "how many days the business lives")
	flags.Int64Var(&o.rate, "rate", 17280, "how many times as fast as real time: 17280 makes a day last five seconds")
	flags.Uint64Var(&o.seed, "seed", 1, "what the customers and their behaviour are drawn from")
	flags.IntVar(&o.customers, "customers", 50, "how many customers there are")
	flags.StringVar(&o.report, "report", "", "write the summary to this file too, as JSON")
	flags.BoolVar(&o.keep, "keep", false, "leave everything up at the end, until Ctrl-C")
	return command
}

func (c *console) demo(ctx context.Context, o demoOptions) error {
	if o.days < 1 || o.rate < 1 || o.customers < 1 {
		return errors.New("--days, --rate and --customers must be at least 1")
	}
	summary, err := c.runDemo(ctx, o, nil)
	if err != nil {
		return err
	}
	if !summary.OK() {
		return errors.New("the demo did what must not be done: see VIOLATIONS above")
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
	o.clock = clock.Starting(demoStart, time.Now().Add(demoSetUp), o.rate)
	o.faults, o.patience = demoFaults(o.seed), demoPatience
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
	plans, err := m.publish(ctx, "")
	if err != nil {
		return demo.Summary{}, err
	}
	fmt.Fprintf(c.stderr, "A business of %d customers lives %d days, a day in %.3g s. Look at it:\n  Temporal UI  %s\n  inboxes      %s\n\n",
		o.customers, o.days, 86400/float64(o.rate), m.settings.TemporalUIURL, m.page)
	living, ended := context.WithCancel(m.Context())
	defer ended()
	if meanwhile != nil {
		go meanwhile(living, m)
	}
	bar := c.demoBar()
	summary, err := demo.Run(living, demo.Config{
		Store: m.store, Temporal: m.temporal, Sandbox: m.sandbox, Gateway: m.settings.Public(), Clock: o.clock, Start: demoStart, Plans: plans,
		Customers: o.customers, Days: o.days, Seed: o.seed, Progress: bar,
	})
	if err != nil {
		return summary, err
	}
	if err := c.report(o, summary); err != nil {
		return summary, err
	}
	if !o.keep {
		return summary, nil
	}
	fmt.Fprintf(c.stderr, "\nEverything is left up until Ctrl-C: Temporal UI %s, inboxes %s\n", m.settings.TemporalUIURL, m.page)
	return summary, m.Wait()
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
