package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"perennial/chaos"
	"perennial/config"
	"perennial/deploy/stack"
	"perennial/domain/clock"
	"perennial/store"
)

// chaosOptions say which run to make.
type chaosOptions struct {
	chaos.Config

	minutes float64
	report  string
	keep    bool
}

func newChaos(c *console) *cobra.Command {
	o := chaosOptions{}
	command := &cobra.Command{
		Use:   "chaos",
		Short: "Break everything under load, and count what was lost",
		Long: `Kill and stop everything under load, and count what was lost by it. It starts a PostgreSQL, the four services of a Temporal that keeps its
data there, two gateways and two workers, each a process of its own, and the sandbox, whose providers fail now and then and whose receipts come
late, twice, in the wrong order, or from somebody else. Customers order, answer, pay, complain and say stop. A schedule from the seed kills
processes at once (kill -9) and stops them for longer than a touch's lease; each line says when, what and for how long.

When all is up again and quiet, what the providers took is held against the ledger, the events and the enrollments. What must be zero is
counted out of how many; the exit code is 1 where it is not, or where a run was too tame to show it. What all of it means: docs/chaos.md.`,
		Example: `  starter chaos
  starter chaos --minutes 10 --seed 3
  starter chaos --report chaos.json`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := c.runChaos(cmd.Context(), o)
			if err != nil {
				return err
			}
			return c.reportChaos(o, report)
		},
	}
	flags := command.Flags()
	flags.Float64Var(&o.minutes, "minutes", 5, "for how long things are broken")
	flags.Uint64Var(&o.Seed, "seed", 1, "what is drawn from it: what is broken when, and what customers do")
	flags.IntVar(&o.Customers, "customers", 200, "how many customers there are, up to 400")
	flags.StringVar(&o.report, "report", "", "write the report to this file too, as JSON")
	flags.BoolVar(&o.keep, "keep", false, "keep the folder of data and logs, and say where it is")
	return command
}

// leastChaos is how often each kind of blow must have been done in a run of so many minutes.
func leastChaos(minutes float64) int { return max(1, int(minutes*2/3)) }

// runChaos makes a run on a machine of its own, whatever the environment says.
func (c *console) runChaos(ctx context.Context, o chaosOptions) (_ chaos.Report, err error) {
	if o.minutes < 1 || o.Customers < 1 {
		return chaos.Report{}, errors.New("--minutes and --customers must be at least 1")
	}
	o.Length, o.Least = time.Duration(o.minutes*float64(time.Minute)), leastChaos(o.minutes)
	if o.State, err = temporaryState("chaos-"); err != nil {
		return chaos.Report{}, err
	}
	if o.keep {
		fmt.Fprintf(c.stderr, "Data and logs are in %s.\n", o.State)
	} else {
		defer func() { err = errors.Join(err, os.RemoveAll(o.State)) }()
	}
	if o.Starter, err = os.Executable(); err != nil {
		return chaos.Report{}, fmt.Errorf("find our own program: %w", err)
	}
	o.Worker = filepath.Join(filepath.Dir(o.Starter), "worker")
	if _, err := os.Stat(o.Worker); err != nil {
		return chaos.Report{}, errors.New("the worker's program is not beside this one: `make build` builds both")
	}
	return c.breakThings(ctx, o.Config)
}

// breakThings makes a run with programs and folders as given.
func (c *console) breakThings(ctx context.Context, o chaos.Config) (_ chaos.Report, err error) {
	if o.Root, err = stack.Here(); err != nil {
		return chaos.Report{}, err
	}
	o.Clock, o.Publish, o.Progress = clock.Starting(demoStart, time.Now(), chaos.Rate), publishChaos, c.stderr
	return chaos.Run(ctx, o)
}

// publishChaos publishes what is in a folder.
func publishChaos(ctx context.Context, settings config.Config, s *store.Store, temporal client.Client, folder string) error {
	m := &machine{settings: settings, store: s, temporal: temporal}
	_, err := m.publish(ctx, folder)
	return err
}

func (c *console) reportChaos(o chaosOptions, report chaos.Report) error {
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
		if err := c.encode(report); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(c.stderr)
		if err := report.Print(c.stdout); err != nil {
			return err
		}
	}
	if !report.OK() {
		return errors.New("the run found what must not be, or was too tame to find it: see the counts above")
	}
	return nil
}
