package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"perennial/store"
)

// migrated is what a migration did.
type migrated struct {
	From int `json:"from"`
	To   int `json:"to"`
}

func newMigrate(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to this build",
		Long: `Bring the schema of the database of DATABASE_URL up to this build. Run it before a new build starts; running it again does
nothing, and two at once wait for each other. A schema that is newer than this build is left alone, with an error.`,
		Example: "  starter migrate",
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := c.config()
			if err != nil {
				return err
			}
			s, err := openDatabase(cmd.Context(), settings)
			if err != nil {
				return err
			}
			defer s.Close()
			has, wants, err := s.Schema(cmd.Context())
			if err != nil {
				return err
			}
			if has > wants {
				return schemaProblem(has, wants)
			}
			var m migrated
			if m.From, m.To, err = s.Migrate(cmd.Context()); err != nil {
				return err
			}
			if m.From != m.To { // before it there may be no log to write into
				done := deed(settings, store.Migrated, store.OfSchema, strconv.Itoa(m.To), fmt.Sprintf("from version %d to %d", m.From, m.To))
				if err := s.Note(cmd.Context(), done); err != nil {
					return err
				}
			}
			return c.show(m, func(p *page) {
				if m.From == m.To {
					p.line("The schema is up to date: version %d.", m.To)
					return
				}
				p.line("The schema went from version %d to version %d.", m.From, m.To)
			})
		},
	}
}
