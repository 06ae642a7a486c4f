package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"perennial/deploy/stack"
	"perennial/domain/clock"
	"perennial/domain/journey"
)

func newDev(c *console) *cobra.Command {
	var state, journeys string
	var throwaway bool
	var rate int64
	command := &cobra.Command{
		Use:   "dev",
		Short: "Run everything on this machine",
		Long: `Run everything on this machine until Ctrl-C: a private PostgreSQL, Temporal with its UI, the sandbox that stands in for all
providers, the gateway and a worker. The journeys of the folder are published. What is known is kept in .state/ for the next time.

DATABASE_URL and TEMPORAL_ADDRESS replace its own database and Temporal where they are set.`,
		Example: `  starter dev
  starter dev --throwaway                        # forget everything at the end
  starter dev --throwaway --rate 4320            # try a journey: a day lasts twenty seconds
  DATABASE_URL=postgres://localhost/mine starter dev`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if rate > 1 && !throwaway {
				return errors.New("--rate is for trying things out: what is kept would be in the future for the next time. Add --throwaway")
			}
			now := time.Now()
			o := machineOptions{state: state, throwaway: throwaway, clock: clock.Starting(now, now, rate), progress: c.stderr}
			if rate > 1 { // ten in the morning is then three at night on real walls: nobody real may hear of it
				c, o.isolated = c.isolated(), true
			}
			return c.dev(cmd.Context(), journeys, o)
		},
	}
	command.Flags().StringVar(&state, "state", "", "folder of its data (default .state in the clone)")
	command.Flags().StringVar(&journeys, "journeys", "", "folder of the journeys to publish (default journeys in the clone)")
	command.Flags().BoolVar(&throwaway, "throwaway", false, "keep nothing")
	command.Flags().Int64Var(&rate, "rate", 1, "how many times as fast as real time everything lives; with --throwaway")
	return command
}

// addresses is where people and programs find the parts.
type addresses struct {
	TemporalUI  string `json:"temporal_ui"`
	Inboxes     string `json:"inboxes"`
	Gateway     string `json:"gateway"`
	Environment string `json:"environment"` // a file that a shell reads: the variables for other commands
	Logs        string `json:"logs"`
}

func (m *machine) addresses() addresses {
	return addresses{
		TemporalUI: m.settings.TemporalUIURL, Inboxes: m.page, Gateway: m.settings.Public(),
		Environment: filepath.Join(m.State, "env"), Logs: filepath.Dir(m.LogFile("machine")),
	}
}

func (c *console) dev(ctx context.Context, journeys string, o machineOptions) (err error) {
	m, err := startMachine(ctx, c, o)
	if err != nil {
		return err
	}
	defer func() {
		if stopped := m.Close(); err == nil {
			err = stopped
		}
	}()
	if _, err := m.publish(ctx, journeys); err != nil {
		return err
	}
	a := m.addresses()
	if err := m.writeEnvironment(a.Environment); err != nil {
		return err
	}
	err = c.show(a, func(p *page) {
		p.line("Perennial runs on this machine. Ctrl-C stops it.")
		p.line("")
		p.fields(
			"Temporal UI", a.TemporalUI,
			"what phones and inboxes received", a.Inboxes,
			"gateway", a.Gateway+"  (events in, customers' pages)",
			"logs", a.Logs,
		)
		p.line("")
		p.line("For other commands, in another terminal:")
		p.line("  . %s", a.Environment)
		p.line("  bin/starter doctor")
	})
	if err != nil {
		return err
	}
	return m.Wait()
}

// writeEnvironment writes the variables with which other commands find this machine, for its owner alone: there are secrets among them.
func (m *machine) writeEnvironment(path string) error {
	var lines strings.Builder
	for _, variable := range m.settings.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		fmt.Fprintf(&lines, "export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
	}
	if err := os.WriteFile(path, []byte(lines.String()), 0o600); err != nil {
		return fmt.Errorf("write the variables for other commands: %w", err)
	}
	return nil
}

// atStart is why a machine publishes.
const atStart = "published at start"

// publish publishes the contact policy and the journeys of a folder, the clone's own where it is empty, and returns their plans.
func (m *machine) publish(ctx context.Context, folder string) ([]journey.Plan, error) {
	if folder == "" {
		var err error
		if folder, err = journeysFolder(); err != nil {
			return nil, fmt.Errorf("%w; name their folder with --journeys", err)
		}
	}
	library, err := loadLibrary(folder)
	if err != nil {
		return nil, err
	}
	if err := checkScans(library, nil, m.settings.Clock); err != nil {
		return nil, err
	}
	policy, err := publication{}.policy(folder)
	if err != nil {
		return nil, err
	}
	if policy != nil {
		if _, err := policy.publish(ctx, m.store, username(), atStart, m.settings.Now().UTC()); err != nil {
			return nil, err
		}
	}
	if _, err := publish(ctx, m.store, library, nil, username(), atStart, m.settings.Now()); err != nil {
		return nil, err
	}
	if _, err := schedules(m.settings, m.store, m.temporal).Reconcile(ctx); err != nil {
		return nil, err
	}
	var plans []journey.Plan
	for _, compiled := range library.Journeys {
		plans = append(plans, *compiled.Plan)
	}
	return plans, nil
}

// journeysFolder is the folder of the journeys in the clone.
func journeysFolder() (string, error) {
	root, err := stack.Root(".")
	if err != nil {
		return "", fmt.Errorf("find the journeys to publish: %w", err)
	}
	return filepath.Join(root, "journeys"), nil
}
