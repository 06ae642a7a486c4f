package main

import (
	"context"
	"fmt"
	"os/user"
	"path/filepath"

	"github.com/spf13/cobra"

	"perennial/deploy/stack"
	"perennial/domain/journey"
)

func newDev(c *console) *cobra.Command {
	var state, journeys string
	var throwaway bool
	command := &cobra.Command{
		Use:   "dev",
		Short: "Run everything on this machine",
		Long: `Run everything on this machine until Ctrl-C: a private PostgreSQL, Temporal with its UI, the sandbox that stands in for all
providers, the gateway and a worker. The journeys of the folder are published. What is known is kept in .state/ for the next time.

DATABASE_URL and TEMPORAL_ADDRESS replace its own database and Temporal where they are set.`,
		Example: `  starter dev
  starter dev --throwaway                        # forget everything at the end
  DATABASE_URL=postgres://localhost/mine starter dev`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.dev(cmd.Context(), journeys, machineOptions{state: state, throwaway: throwaway, progress: c.stderr})
		},
	}
	command.Flags().StringVar(&state, "state", "", "folder of its data (default .state in the clone)")
	command.Flags().StringVar(&journeys, "journeys", "", "folder of the journeys to publish (default journeys in the clone)")
	command.Flags().BoolVar(&throwaway, "throwaway", false, "keep nothing")
	return command
}

// addresses is where people and programs find the parts.
type addresses struct {
	TemporalUI  string `json:"temporal_ui"`
	Inboxes     string `json:"inboxes"`
	Gateway     string `json:"gateway"`
	DatabaseURL string `json:"database_url"`
	Temporal    string `json:"temporal_address"`
	Logs        string `json:"logs"`
}

func (m *machine) addresses() addresses {
	return addresses{
		TemporalUI: m.settings.TemporalUIURL, Inboxes: m.page, Gateway: m.settings.Public(),
		DatabaseURL: m.DatabaseURL, Temporal: m.TemporalAddress, Logs: filepath.Dir(m.LogFile("x")),
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
		p.line("  export DATABASE_URL='%s' TEMPORAL_ADDRESS=%s TEMPORAL_UI_URL=%s PUBLIC_URL=%s", a.DatabaseURL, a.Temporal, a.TemporalUI, a.Gateway)
		p.line("  bin/starter doctor")
	})
	if err != nil {
		return err
	}
	return m.Wait()
}

// publish publishes the journeys of a folder, the clone's own where it is empty, and returns their plans.
func (m *machine) publish(ctx context.Context, folder string) ([]journey.Plan, error) {
	if folder == "" {
		root, err := stack.Root(".")
		if err != nil {
			return nil, fmt.Errorf("find the journeys to publish: %w; name their folder with --journeys", err)
		}
		folder = filepath.Join(root, "journeys")
	}
	library, err := loadLibrary(folder)
	if err != nil {
		return nil, err
	}
	author := "starter"
	if who, err := user.Current(); err == nil {
		author = who.Username
	}
	if _, err := publish(ctx, m.store, library, nil, author, "published at start", m.settings.Now()); err != nil {
		return nil, err
	}
	var plans []journey.Plan
	for _, compiled := range library.Journeys {
		plans = append(plans, *compiled.Plan)
	}
	return plans, nil
}
