package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// level says how bad a finding is.
type level string

const (
	ok   level = "ok"
	warn level = "warn" // it works, but perhaps not as meant
	bad  level = "bad"  // something does not work
)

// finding is one thing that doctor looked at.
type finding struct {
	Level level  `json:"level"`
	About string `json:"about"`
	What  string `json:"what"`         // how it is
	Do    string `json:"do,omitempty"` // what to do about it
}

func newDoctor(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check configuration, database, Temporal, workers, gateway and what was left lying",
		Long: `Check the configuration, what it leads to, and whether anything was left lying. Each line is ok, warn or bad, with what to do
about it. The exit code is 1 where anything is bad.`,
		Example: `  starter doctor
  starter doctor --json`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			found := c.examine(cmd.Context())
			if err := c.show(found, func(p *page) { writeFindings(p, found) }); err != nil {
				return err
			}
			var n int64
			for _, f := range found {
				if f.Level == bad {
					n++
				}
			}
			if n > 0 {
				return fmt.Errorf("%s", count(n, "thing is bad", "things are bad"))
			}
			return nil
		},
	}
}

// examine looks at everything. Without a configuration there is nothing else to look at.
func (c *console) examine(ctx context.Context) []finding {
	settings, err := c.config()
	if err != nil {
		var found []finding
		for line := range strings.Lines(strings.TrimSpace(err.Error())) {
			found = append(found, finding{bad, "configuration", strings.TrimSpace(line), "docs/configuration.md lists every variable"})
		}
		return found
	}
	found := []finding{{Level: ok, About: "configuration", What: "every variable that is set can be read; " + clockLine(settings)}}
	if c.from != "" {
		found = append(found, finding{Level: ok, About: "configuration", What: "this is the `starter dev` that runs here: its variables are in " + c.from})
	}
	found = append(found, examineProviders(ctx, settings)...)
	found = append(found, examineMailbox(ctx, settings))
	found = append(found, examineDatabase(ctx, settings)...)
	found = append(found, c.examineTemporal(ctx, settings)...)
	return append(found, examineGateway(ctx, settings))
}

// findingOf is a finding about an error; do is for errors that don't say what to do themselves.
func findingOf(about string, err error, do string) finding {
	if t, known := errors.AsType[*trouble](err); known {
		return finding{bad, about, t.what, t.do}
	}
	return finding{bad, about, cause(err), do}
}

func writeFindings(p *page, found []finding) {
	var rows [][]string
	for _, f := range found {
		rows = append(rows, []string{string(f.Level), f.About, f.What})
		if f.Do != "" {
			rows = append(rows, []string{"", "", "→ " + f.Do})
		}
	}
	p.align("", rows)
}
