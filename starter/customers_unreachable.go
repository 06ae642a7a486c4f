package main

import (
	"strings"

	"github.com/spf13/cobra"

	"perennial/store"
)

func newCustomersUnreachable(c *console) *cobra.Command {
	var limit int
	var owner string
	cmd := &cobra.Command{
		Use:   "unreachable",
		Short: "List the customers who can't be reached on any channel that they want",
		Long: `List the customers who can't be reached on any channel that they want: who looks after them, why each of their addresses is not
used, and since when. An address is used again once it is changed, or once the customer writes to us from it.`,
		Example: `  starter customers unreachable
  starter customers unreachable --owner rep-01 --json`,
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
			all, err := s.UnreachableCustomers(cmd.Context(), owner, limit)
			if err != nil {
				return err
			}
			return c.show(all, func(p *page) {
				if len(all) == 0 {
					p.line("Every customer can be reached.")
					return
				}
				p.table("", []string{"CUSTOMER", "OWNER", "CHANNEL", "WHY", "SINCE"}, unreachableRows(all))
				p.line("\n%s; times are UTC; %s.", count(int64(len(all)), "customer", "customers"), clockLine(settings))
				if len(all) == limit {
					p.line("There may be more: raise --limit.")
				}
			})
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 200, "the most to list, as a `number`")
	cmd.Flags().StringVar(&owner, "owner", "", "only those of one `colleague`")
	return cmd
}

// unreachableRows has a row for each address, the customer in the first.
func unreachableRows(all []store.Unreachable) [][]string {
	var rows [][]string
	for _, u := range all {
		if len(u.Addresses) == 0 {
			rows = append(rows, []string{u.Customer, u.Owner, "", "there is no address", ""})
		}
		for i, a := range u.Addresses {
			row := []string{u.Customer, u.Owner, a.Channel.Title(), whyUnused(a), utc(a.Since)}
			if i > 0 {
				row[0], row[1] = `"`, `"`
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func whyUnused(a store.UnusedAddress) string {
	if a.Reason == "" {
		return "not a channel that they want"
	}
	return strings.ReplaceAll(a.Reason, "_", " ")
}
