package main

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"perennial/store"
)

func newReplies(c *console) *cobra.Command {
	cmd := family("replies", "List what customers wrote that a person has to read",
		`What customers write is matched to the question that they were asked, or to words such as STOP. What is neither is for a person to
read, and so is what comes from an address at which nobody is reached. The output says who people are: mind where it goes.`,
		"  starter replies list\n  starter replies read twilio:SM0123")
	cmd.AddCommand(newRepliesList(c), newRepliesRead(c))
	return cmd
}

func newRepliesList(c *console) *cobra.Command {
	var limit int
	var filter store.ReplyFilter
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the messages that nobody has read, the oldest first",
		Long: `List the messages that nobody has read, the oldest first: whose they are, on which channel they came, what they say, and the
question that was open. A message without a customer came from the address that stands beside it.`,
		Example: `  starter replies list
  starter replies list --owner rep-01
  starter replies list --all --json`,
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
			replies, err := s.Replies(cmd.Context(), filter, limit)
			if err != nil {
				return err
			}
			return c.show(replies, func(p *page) {
				if len(replies) == 0 {
					p.line("There is nothing to read.")
					return
				}
				p.table("", []string{"CAME", "CUSTOMER", "OWNER", "CHANNEL", "FROM", "TEXT", "ANSWERS", "READ", "BY", "ID"}, replyRows(replies))
				p.line("\n%s; times are UTC; %s.", count(int64(len(replies)), "message", "messages"), clockLine(settings))
				if len(replies) == limit {
					p.line("There may be more: raise --limit.")
				}
			})
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 200, "the most to list, as a `number`")
	cmd.Flags().StringVar(&filter.Owner, "owner", "", "only those of the customers of one `colleague`")
	cmd.Flags().BoolVar(&filter.Read, "all", false, "also those that somebody has read")
	return cmd
}

func newRepliesRead(c *console) *cobra.Command {
	var by string
	cmd := &cobra.Command{
		Use:   "read ID...",
		Short: "Write down that you have read messages: they are listed no more",
		Example: `  starter replies read twilio:SM0123 slack:Ev0456
  starter replies read mail-311 --by rep-01`,
		Long: "Write down that you have read messages, by their ids: `starter replies list` lists them no more. Who read one first stays.",
		Args: func(cmd *cobra.Command, args []string) error {
			return takes(slices.Repeat([]string{"the ID of a message"}, max(len(args), 1))...)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			err = s.InTx(cmd.Context(), func(tx *store.Tx) error {
				for _, id := range args {
					if err := tx.MarkReplyRead(cmd.Context(), id, by, settings.Now().UTC()); err != nil {
						return notThere(err, "such message", "`starter replies list` prints the ids, in its last column")
					}
					if err := tx.Note(cmd.Context(), deed(settings, store.ReplyRead, store.OfMessage, id, "done")); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			return c.show(args, func(p *page) { p.line("%s read.", count(int64(len(args)), "message is", "messages are")) })
		},
	}
	cmd.Flags().StringVar(&by, "by", username(), "who read them, as a `name`")
	return cmd
}

func replyRows(replies []store.Reply) [][]string {
	rows := make([][]string, len(replies))
	for i, r := range replies {
		rows[i] = []string{
			utc(r.At), r.Customer, r.Owner, r.Channel.Title(), r.Address, inOneLine(r.Text), r.Touch, utc(r.ReadAt), r.ReadBy, r.ID,
		}
	}
	return rows
}

// longestLine is how much of a text a row of a table shows; --json shows all of it.
const longestLine = 80

// inOneLine shows the beginning of a text on one line.
func inOneLine(text string) string {
	line := strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(line) <= longestLine {
		return line
	}
	return string([]rune(line)[:longestLine-1]) + "…"
}
