package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"perennial/deploy/stack"
	"perennial/domain/clock"
)

func newDev(c *console) *cobra.Command {
	var state, journeys string
	var throwaway, anyPort bool
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
  starter dev --any-port                         # beside whatever has the usual ports
  DATABASE_URL=postgres://localhost/mine starter dev`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if rate > 1 && !throwaway {
				return errors.New("--rate is for trying things out: what is kept would be in the future for the next time. Add --throwaway")
			}
			if err := forgetOwnVariables(); err != nil {
				return err
			}
			now := time.Now()
			o := machineOptions{state: state, throwaway: throwaway, anyPort: anyPort, clock: clock.Starting(now, now, rate), progress: c.stderr}
			c := c.alone()
			if rate > 1 { // ten in the morning is then three at night on real walls: nobody real may hear of it
				c, o.isolated = c.isolated(), true
			}
			return c.dev(cmd.Context(), journeys, o)
		},
	}
	command.Flags().StringVar(&state, "state", "", "folder of its data (default .state in the clone)")
	command.Flags().StringVar(&journeys, "journeys", "", "folder of the journeys (default journeys in the clone)")
	command.Flags().BoolVar(&anyPort, "any-port", false, "take free ports where others have the usual ones")
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
		Environment: filepath.Join(m.State, stack.AnnouncementFile), Logs: filepath.Dir(m.LogFile("machine")),
	}
}

func (c *console) dev(ctx context.Context, journeys string, o machineOptions) (err error) {
	given, err := c.config()
	if err != nil {
		return err
	}
	found := o.state == ""
	if o.throwaway && found {
		if o.state, err = temporaryState(throwawayFolder); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.state)) }()
	}
	m, err := startMachine(ctx, c, o)
	if errors.Is(err, stack.ErrTaken) && !o.anyPort {
		return fmt.Errorf("%w, or let `bin/starter dev --any-port` choose", err)
	}
	if err != nil {
		return err
	}
	defer func() {
		stopped := m.Close()
		if err == nil && stopped == nil {
			fmt.Fprintln(c.stderr, "\n"+farewell(o, m.State))
		}
		if err == nil {
			err = stopped
		}
	}()
	begun, err := m.begin(ctx, journeys)
	if err != nil {
		return err
	}
	a := m.addresses()
	announcement, err := stack.Announce(a.Environment, environmentFile(m.settings, given))
	if err != nil {
		return err
	}
	defer func() { _ = announcement.Close() }() // what it said is over
	started := started{addresses: a, Journeys: begun, found: found}
	if err := c.show(started, started.write); err != nil {
		return err
	}
	return m.Wait()
}

// started is what a machine says when it runs.
type started struct {
	addresses

	Journeys beginning `json:"journeys"`

	found bool // by other commands, of themselves
}

func (s started) write(p *page) {
	p.line("Perennial runs on this machine. Ctrl-C stops it.")
	p.line("")
	p.fields(
		"Temporal UI", s.TemporalUI,
		"what phones and inboxes received", s.Inboxes,
		"gateway", s.Gateway+"  (events in, customers' pages)",
		"logs", s.Logs,
		"variables for other programs", s.Environment,
	)
	p.line("")
	s.Journeys.write(p)
	p.line("")
	p.line("In another terminal:")
	if !s.found {
		p.line("  . %s", s.Environment)
	}
	p.line("  bin/starter doctor")
}

// farewell is the last that is heard of a machine.
func farewell(o machineOptions, state string) string {
	if o.throwaway {
		return "Stopped. What was known is forgotten."
	}
	return "Stopped. What is known stays in " + state + " for the next time."
}

// stateFolder holds, in the clone, the data of the machine that is kept. Those of others are folders in it.
const (
	stateFolder     = ".state"
	throwawayFolder = "throwaway-"
)

// temporaryState makes a folder for the data of a machine that keeps nothing: that of the one that keeps all is no place for it.
func temporaryState(prefix string) (string, error) {
	root, err := stack.Here()
	if err != nil {
		return "", err
	}
	all := filepath.Join(root, stateFolder)
	if err := os.MkdirAll(all, 0o750); err != nil {
		return "", fmt.Errorf("make a folder for what will be thrown away: %w", err)
	}
	state, err := os.MkdirTemp(all, prefix)
	if err != nil {
		return "", fmt.Errorf("make a folder for what will be thrown away: %w", err)
	}
	return state, nil
}

// journeysFolder is the folder of the journeys in the clone.
func journeysFolder() (string, error) {
	root, err := stack.Root(".")
	if err != nil {
		return "", fmt.Errorf("find the journeys to publish: %w", err)
	}
	return filepath.Join(root, "journeys"), nil
}
