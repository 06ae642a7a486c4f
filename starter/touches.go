package main

import (
	"github.com/spf13/cobra"
)

func newTouches(c *console) *cobra.Command {
	cmd := family("touches", "List touches that a person should look at",
		`A touch is one attempt to reach a customer, or to tell a colleague of one. One whose provider gave no answer, such as after a cut connection, is in doubt: the
provider is asked whether it took it. One is unconfirmed when nobody can find out: it is not sent again, and a receipt of the provider may settle it later.`,
		"  starter touches unconfirmed")
	cmd.AddCommand(newTouchesUnconfirmed(c))
	return cmd
}

func newTouchesUnconfirmed(c *console) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "unconfirmed",
		Short: "List the touches of which nobody knows whether they were sent, the oldest first",
		Long: `List the touches of which nobody knows whether they were sent, the oldest first, and why. What is in doubt settles itself, most within minutes. What is
unconfirmed is not sent again, unless the contact policy says so for its topic: where it matters, look the customer up at the provider, or ask them.`,
		Example: `  starter touches unconfirmed
  starter touches unconfirmed --json`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 {
				return errLimit
			}
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			touches, err := s.UnconfirmedTouches(cmd.Context(), limit)
			if err != nil {
				return err
			}
			return c.show(touches, func(p *page) {
				if len(touches) == 0 {
					p.line("No touch is unconfirmed.")
					return
				}
				writeTouches(p, touches, true, utc)
				p.line("\n%s; times are UTC; %s.", count(int64(len(touches)), "touch", "touches"), clockLine(settings))
				if len(touches) == limit {
					p.line("There may be more: raise --limit.")
				}
			})
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 200, "the most to list, as a `number`")
	return cmd
}
