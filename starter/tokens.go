package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"perennial/store"
)

// shownToken is what is known of a token: not the token itself.
type shownToken struct {
	ID        int64      `json:"id"`
	Name      string     `json:"name"`
	Role      store.Role `json:"role"`
	State     string     `json:"state"` // good, ended or revoked
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at,omitzero"`
	RevokedAt time.Time  `json:"revoked_at,omitzero"`
	UsedAt    time.Time  `json:"last_used_at,omitzero"`
}

func newTokens(c *console) *cobra.Command {
	cmd := family("tokens", "Make, list and revoke the tokens that open the gateway",
		`Make, list and revoke the tokens that programs and people carry to the gateway. A token has a role:

  ingest      hands in events, and the reports of mail servers
  manager     reads customers' pages
  metrics     reads the metrics
  operations  does all of these

To change one, make the new one, give it to whoever carries the old one, and revoke that. Running gateways know within seconds.`,
		`  starter tokens create shop --role ingest
  starter tokens list
  starter tokens revoke 3`)
	cmd.AddCommand(newTokensCreate(c), newTokensList(c), newTokensRevoke(c))
	return cmd
}

// tokenDays is how long a token is good, unless it is said otherwise.
const tokenDays = 365

func newTokensCreate(c *console) *cobra.Command {
	var role string
	var days int
	cmd := &cobra.Command{
		Use:   "create NAME --role ROLE",
		Short: "Make a token, and print it this once",
		Long: `Make a token for whoever NAME says, and print it. It is printed this once: of it only a hash is kept, by which it is known again. The name
tells people which token is whose; let it be that of a program or a team.`,
		Example: `  starter tokens create shop --role ingest
  starter tokens create grafana --role metrics --days 90
  starter tokens create showroom --role manager`,
		Args: takes("the NAME of who carries it"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(store.Roles, store.Role(role)) {
				return fmt.Errorf("--role must be one of %s", roleNames())
			}
			if days < 0 {
				return fmt.Errorf("--days must be at least 1, or 0 for a token that never ends")
			}
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			now := time.Now()
			var expires time.Time
			if days > 0 {
				expires = now.AddDate(0, 0, days)
			}
			var id int64
			var token string
			err = s.InTx(cmd.Context(), func(tx *store.Tx) (err error) {
				if id, token, err = tx.CreateToken(cmd.Context(), args[0], store.Role(role), now, expires); err != nil {
					return err
				}
				return tx.Note(cmd.Context(), deed(settings, store.TokenCreated, store.OfToken, strconv.FormatInt(id, 10), role))
			})
			if err != nil {
				return err
			}
			made := struct {
				ID        int64     `json:"id"`
				Token     string    `json:"token"`
				ExpiresAt time.Time `json:"expires_at,omitzero"`
			}{id, token, expires}
			return c.show(made, func(p *page) {
				p.line("%s", token)
				fmt.Fprintf(c.stderr, "This is token %d, for %s. It is not shown again; %s.\n", id, role, ending(expires))
			})
		},
	}
	cmd.Flags().StringVar(&role, "role", "", "what it may do: "+roleNames())
	cmd.Flags().IntVar(&days, "days", tokenDays, "how many days it is good, as a `number`; 0 for one that never ends")
	return cmd
}

func roleNames() string {
	names := make([]string, len(store.Roles))
	for i, role := range store.Roles {
		names[i] = string(role)
	}
	return strings.Join(names, ", ")
}

func ending(at time.Time) string {
	if at.IsZero() {
		return "it never ends"
	}
	return "it ends on " + at.UTC().Format("2 January 2006")
}

func newTokensList(c *console) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the tokens that are good: whose they are, what they may do, when they were used",
		Long: `List the tokens that are good: whose they are, what they may do, when they end and when they were last used. GATEWAY_TOKEN is not
among them.`,
		Example: `  starter tokens list
  starter tokens list --all --json`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			tokens, err := s.Tokens(cmd.Context())
			if err != nil {
				return err
			}
			shown := []shownToken{}
			for _, t := range tokens {
				if one := shownTokenOf(t, time.Now()); all || one.State == tokenGood {
					shown = append(shown, one)
				}
			}
			return c.show(shown, func(p *page) { writeTokens(p, shown) })
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "also those that ended or were revoked")
	return cmd
}

// The states of a token.
const (
	tokenGood    = "good"
	tokenEnded   = "ended"
	tokenRevoked = "revoked"
)

func shownTokenOf(t store.Token, now time.Time) shownToken {
	state := tokenGood
	switch {
	case !t.RevokedAt.IsZero():
		state = tokenRevoked
	case !t.Good(now):
		state = tokenEnded
	}
	return shownToken{t.ID, t.Name, t.Role, state, t.CreatedAt, t.ExpiresAt, t.RevokedAt, t.UsedAt}
}

func writeTokens(p *page, shown []shownToken) {
	if len(shown) == 0 {
		p.line("There is no token: `starter tokens create NAME --role ROLE` makes one.")
		return
	}
	rows := make([][]string, len(shown))
	for i, t := range shown {
		state := t.State
		if state == tokenGood {
			state = ""
		}
		rows[i] = []string{strconv.FormatInt(t.ID, 10), t.Name, string(t.Role), state, utc(t.CreatedAt), utc(t.ExpiresAt), utc(t.UsedAt)}
	}
	p.table("", []string{"ID", "NAME", "ROLE", "STATE", "MADE", "ENDS", "LAST USED"}, rows)
	p.line("\n%s; times are UTC.", count(int64(len(shown)), "token", "tokens"))
}

func newTokensRevoke(c *console) *cobra.Command {
	return &cobra.Command{
		Use:     "revoke ID",
		Short:   "Make a token good no more, within seconds",
		Long:    "Make a token good no more, by its id: `starter tokens list` has it. Running gateways know within seconds; whoever signed in with it is signed out.",
		Example: "  starter tokens revoke 3",
		Args:    takes("the ID of a token"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || id <= 0 {
				return fmt.Errorf("%q is no id of a token: it is a number, as `starter tokens list` shows it", args[0])
			}
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			err = s.InTx(cmd.Context(), func(tx *store.Tx) error {
				if err := tx.RevokeToken(cmd.Context(), id, time.Now()); err != nil {
					return err
				}
				return tx.Note(cmd.Context(), deed(settings, store.TokenRevoked, store.OfToken, args[0], "done"))
			})
			if err != nil {
				return notThere(err, "such token", "`starter tokens list` says which there are")
			}
			return c.show(map[string]any{"id": id, "state": tokenRevoked}, func(p *page) { p.line("Token %d is revoked.", id) })
		},
	}
}
