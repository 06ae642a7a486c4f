package main

import (
	"github.com/spf13/cobra"

	"perennial/store"
)

func newCustomersConsents(c *console) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "consents ID",
		Short: "Show every word that a customer gave on what they want to hear about, the newest first",
		Long: `Show every word that a customer gave on what they want to hear about, the newest first: when, on which channel, how, and in
which word, such as STOP. The newest one on a topic holds. Times are UTC.`,
		Example: `  starter customers consents c-1042
  starter customers consents c-1042 --json`,
		Args: takes("the ID of a customer"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 1 {
				return errLimit
			}
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			if _, err := s.Profile(cmd.Context(), args[0]); err != nil {
				return notThere(err, "such customer", "an id is written as the import had it, such as c-1042")
			}
			log, err := s.ConsentLog(cmd.Context(), args[0], limit)
			if err != nil {
				return err
			}
			return c.show(log, func(p *page) {
				if len(log) == 0 {
					p.line("%s never gave a word on any topic.", args[0])
					return
				}
				p.table("", []string{"WHEN", "TOPIC", "SAID", "HOW", "CHANNEL", "WORD"}, consentRows(log))
				p.line("\nTimes are UTC; %s.", clockLine(settings))
				if len(log) == limit {
					p.line("There may be more: raise --limit.")
				}
			})
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 100, "the most to list, as a `number`")
	return cmd
}

func consentRows(log []store.Consent) [][]string {
	rows := make([][]string, len(log))
	for i, c := range log {
		said := "no"
		if c.Granted {
			said = "yes"
		}
		rows[i] = []string{utc(c.At), c.Topic, said, c.Source, c.Channel.Title(), c.Wording}
	}
	return rows
}
