package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"perennial/bench"
	"perennial/config"
	"perennial/domain/clock"
)

// benchOptions say which bench to run.
type benchOptions struct {
	machineOptions

	size      bench.Size
	report    string
	databases []string // Temporal's, where another Temporal is used
}

func newBench(c *console) *cobra.Command {
	o := benchOptions{size: bench.Whole()}
	command := &cobra.Command{
		Use:   "bench",
		Short: "Measure what it costs, beside what Temporal alone costs",
		Long: `Measure how many touches and starts a second are made, beside a floor: Temporal alone, with a timer, a local activity and an activity on a
queue of its own for each touch, which do nothing. Floor and ours take turns on one server. Then what a touch adds to a history, how soon an event
has its effect, how late touches are, and what enrollments cost that only wait. Everything is real but the providers: they are the sandbox.

It starts a PostgreSQL and a Temporal on SQLite of its own and leaves nothing. With TEMPORAL_ADDRESS it measures that Temporal, in a namespace in which no
Perennial has worked (TEMPORAL_NAMESPACE), and deletes its runs at the end. What all of it means: docs/performance.md.`,
		Example: `  starter bench
  starter bench --rounds 1 --running 20 --starts 50 --sleepers 500     # a quick look: its figures mean little
  starter bench --postgres                                              # a Temporal that keeps its data in PostgreSQL
  TEMPORAL_ADDRESS=temporal.internal:7233 TEMPORAL_NAMESPACE=bench starter bench --report bench.json`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.size.Check(); err != nil {
				return err
			}
			report, err := c.runBench(cmd.Context(), o)
			if err != nil {
				return err
			}
			return c.reportBench(o, report)
		},
	}
	flags := command.Flags()
	flags.IntVar(&o.size.Rounds, "rounds", o.size.Rounds, "how often floor and ours are measured, in turn")
	flags.IntVar(&o.size.Running, "running", o.size.Running, "how many runs make touches at once")
	flags.IntVar(&o.size.Touches, "touches", o.size.Touches, "how many touches each of them makes")
	flags.IntVar(&o.size.Starts, "starts", o.size.Starts, "how many runs are started in a round")
	flags.IntVar(&o.size.Reactions, "reactions", o.size.Reactions, "how many events come in while touches are made")
	flags.IntVar(&o.size.Sleepers, "sleepers", o.size.Sleepers, "how many enrollments wait in the end")
	flags.BoolVar(&o.postgres, "postgres", false, "keep the data of its own Temporal in PostgreSQL, with 4 shards, instead of SQLite")
	flags.StringVar(&o.report, "report", "", "write the report to this file too, as JSON")
	flags.StringArrayVar(&o.databases, "temporal-database", nil, "`URL` of a PostgreSQL database of the Temporal at TEMPORAL_ADDRESS, to measure its size. May be repeated: visibility has one of its own")
	return command
}

// runBench runs the bench on a machine of its own. Of the environment only a Temporal counts, where one is named.
func (c *console) runBench(ctx context.Context, o benchOptions) (_ bench.Report, err error) {
	settings, err := c.config()
	if err != nil {
		return bench.Report{}, err
	}
	another := settings.TemporalAddress != ""
	if another && o.postgres {
		return bench.Report{}, errors.New("--postgres is for the bench's own Temporal: unset TEMPORAL_ADDRESS, or leave it out")
	}
	mine := c.isolated()
	o.isolated = true
	if another {
		mine.temporal = c.temporal
		mine.config = func() (config.Config, error) {
			alone, err := config.Default()
			alone.TemporalAddress = settings.TemporalAddress
			return alone, err
		}
		o.env = temporalVariables()
	}
	if o.state == "" {
		if o.state, err = temporaryState("bench-"); err != nil {
			return bench.Report{}, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.state)) }()
	}
	now := time.Now()
	o.clock = clock.Starting(demoStart, now, bench.Rate)
	o.anyPort, o.progress = true, c.stderr // what is kept is kept in files, as it would be: memory is quicker than any database
	if another {
		if err := vacant(ctx, mine, settings); err != nil {
			return bench.Report{}, err
		}
	}
	m, err := startMachine(ctx, mine, o.machineOptions)
	if err != nil {
		return bench.Report{}, err
	}
	defer func() {
		stopped := m.Close()
		if another {
			stopped = errors.Join(stopped, leave(ctx, mine, settings))
		}
		if err == nil {
			err = stopped
		}
	}()
	return m.bench(mine, o)
}

// bench publishes the journeys of the bench, and measures.
func (m *machine) bench(c *console, o benchOptions) (bench.Report, error) {
	folder := filepath.Join(m.State, "journeys")
	if err := bench.Write(folder, o.size); err != nil {
		return bench.Report{}, err
	}
	if _, err := m.publish(m.Context(), folder); err != nil {
		return bench.Report{}, err
	}
	options, err := c.temporalOptions(m.settings)
	if err != nil {
		return bench.Report{}, err
	}
	measured := bench.Config{
		Store: m.store, Temporal: m.temporal, Namespace: options.Namespace, Clock: m.settings.Clock, Gateway: m.settings.Public(),
		Entrance:    entrance(m.settings, m.store, m.temporal, options.Namespace, c.logger(m.settings)),
		DatabaseURL: m.DatabaseURL, WorkerPID: m.worker.PID(), Size: o.size, Progress: c.benchBar(),
	}
	switch {
	case m.TemporalUI == "":
		measured.TemporalURLs = o.databases
	case o.postgres:
		measured.TemporalURLs = []string{sibling(m.DatabaseURL, "temporal"), sibling(m.DatabaseURL, "temporal_visibility")}
	default:
		measured.TemporalFile = filepath.Join(m.State, "temporal", "temporal.db")
	}
	return bench.Run(m.Context(), measured)
}

// sibling is the URL of another database of the same server.
func sibling(database, name string) string {
	u, err := url.Parse(database)
	if err != nil {
		return "" // the machine connected to it
	}
	u.Path = "/" + name
	return u.String()
}

// temporalVariables are those of our environment that say how to reach a Temporal.
func temporalVariables() []string {
	var all []string
	for _, variable := range os.Environ() {
		if strings.HasPrefix(variable, "TEMPORAL_") {
			all = append(all, variable)
		}
	}
	return all
}

// vacant refuses somebody's Temporal where a Perennial works.
func vacant(ctx context.Context, c *console, settings config.Config) error {
	return c.withTemporal(ctx, settings, func(temporal client.Client, namespace string) error {
		return bench.Vacant(ctx, temporal, namespace)
	})
}

// leaveTime is how long deleting what a bench made may take.
const leaveTime = 10 * time.Minute

// leave takes away what the bench made in somebody's Temporal, even when it was interrupted.
func leave(ctx context.Context, c *console, settings config.Config) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTime)
	defer cancel()
	return c.withTemporal(ctx, settings, func(temporal client.Client, namespace string) error {
		fmt.Fprintln(c.stderr, "Deleting the runs of the bench.")
		return bench.Leave(ctx, temporal, namespace)
	})
}

func (c *console) withTemporal(ctx context.Context, settings config.Config, do func(client.Client, string) error) error {
	options, err := c.temporalOptions(settings)
	if err != nil {
		return err
	}
	temporal, err := c.dial(ctx, settings)
	if err != nil {
		return err
	}
	defer temporal.Close()
	return do(temporal, options.Namespace)
}

// benchBar shows how far the bench is: on a terminal as a bar, elsewhere as a line for each part.
func (c *console) benchBar() func(string, int, int) {
	if !c.progress {
		said := ""
		return func(what string, _, total int) {
			if what != said {
				said = what
				fmt.Fprintf(c.stderr, "%s: %d\n", what, total)
			}
		}
	}
	bar := progressbar.NewOptions(1, progressbar.OptionSetWriter(c.stderr), progressbar.OptionSetWidth(24), progressbar.OptionSetPredictTime(false),
		progressbar.OptionClearOnFinish(), progressbar.OptionShowCount())
	return func(what string, done, total int) {
		bar.ChangeMax(total)
		bar.Describe(what)
		_ = bar.Set(done) // a terminal that is gone needs no bar
	}
}

func (c *console) reportBench(o benchOptions, report bench.Report) error {
	if o.report != "" {
		encoded, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.report, append(encoded, '\n'), 0o600); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	if c.json {
		return c.encode(report)
	}
	fmt.Fprintln(c.stderr)
	return report.Print(c.stdout)
}
