package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"perennial/channel/imap"
	"perennial/gateway"
	"perennial/store"
)

func newMail(c *console) *cobra.Command {
	cmd := family("mail", "Take mails that come to us, and list those that a person should look at",
		`Mails that come to us are reports that one of ours did not arrive, complaints, holiday notes and answers. The gateway reads them from the
mailbox of IMAP_URL; a mail server may hand them in instead. What could not be used is listed.`,
		"  starter mail take --to bounce@example.com\n  starter mail list")
	cmd.AddCommand(newMailTake(c), newMailList(c), newMailSeen(c))
	return cmd
}

// laterError is an error after which a mail server should keep the mail, and bring it again.
type laterError struct{ error }

func (t *laterError) Unwrap() error { return t.error }

// exitLater is what mail servers take for that: EX_TEMPFAIL of sysexits.h. At any other they give the mail back to its sender.
const exitLater = 75

func newMailTake(c *console) *cobra.Command {
	var to, base string
	cmd := &cobra.Command{
		Use:     "take",
		Aliases: []string{"bounce"},
		Short:   "Hand one mail to the gateway, as a mail server's alias does",
		Long: `Hand one mail to the gateway, the whole of it as it came, from standard input: a report, a complaint or an answer. The same mail may
be handed in again without harm. Where the gateway can't take it now, the exit code is 75, at which mail servers keep the mail and try again.`,
		Example: `  starter mail take
  starter mail take --to bounce@example.com`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			raw, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), imap.MaxMail))
			if err != nil {
				return &laterError{fmt.Errorf("read the mail from standard input: %w", err)}
			}
			if len(bytes.TrimSpace(raw)) == 0 {
				return errors.New("there is no mail on standard input: write `starter mail take < FILE`")
			}
			settings, err := c.config()
			if err != nil {
				return &laterError{err}
			}
			if base == "" {
				base = settings.Public()
			}
			taken, err := handMail(cmd.Context(), strings.TrimRight(base, "/"), settings.GatewayToken.Reveal(), to, raw)
			if err != nil {
				return &laterError{err}
			}
			return c.show(taken, func(p *page) { p.line("%s", whatBecame(taken)) })
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "`address` that the mail came to, where its header does not say (default that of its header)")
	cmd.Flags().StringVar(&base, "gateway", "", "`URL` of the gateway (default that of the configuration)")
	return cmd
}

// handMail hands a mail to a gateway.
func handMail(ctx context.Context, base, token, to string, raw []byte) (gateway.TakenMail, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+gateway.MailPath+"?"+url.Values{"to": {to}}.Encode(), bytes.NewReader(raw))
	if err != nil {
		return gateway.TakenMail{}, fmt.Errorf("%q is no URL of a gateway: write it such as http://127.0.0.1:8420", base)
	}
	request.Header.Set("Content-Type", "message/rfc822")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return gateway.TakenMail{}, unreachable("no gateway answers at "+base, errors.Unwrap(err), "is it running, and is the address right?")
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return gateway.TakenMail{}, fmt.Errorf("read the gateway's answer: %w", err)
	}
	switch response.StatusCode {
	case http.StatusOK:
		var taken gateway.TakenMail
		if err := json.Unmarshal(answer, &taken); err != nil || taken.ID == "" {
			return gateway.TakenMail{}, fmt.Errorf("what answers at %s is no gateway of Perennial: is the address right?", base)
		}
		return taken, nil
	case http.StatusServiceUnavailable:
		return gateway.TakenMail{}, errors.New("the gateway can't store it now: bring it again")
	}
	return gateway.TakenMail{}, refused(base, response.StatusCode, answer)
}

// whatBecame says what became of a mail, to whoever handed it in.
func whatBecame(m gateway.TakenMail) string {
	if m.Duplicate {
		return fmt.Sprintf("The mail came before (%s): nothing was changed.", m.Result)
	}
	said := map[store.MailResult]string{
		store.MailDelivered:   "A report that touch " + m.Touch + " arrived.",
		store.MailUndelivered: "A report that touch " + m.Touch + " did not arrive.",
		store.MailDelayed:     "A report that touch " + m.Touch + " is delayed: nothing was changed.",
		store.MailComplaint:   "A complaint about touch " + m.Touch + ": no more mails go there.",
		store.MailReply:       "A message of somebody's: `starter replies list` lists what a person has to read.",
		store.MailAutomatic:   "No person wrote it: nothing was changed.",
	}[m.Result]
	if said == "" {
		said = fmt.Sprintf("It was of no use (%s): %s. `starter mail list` lists it.", m.Result, m.Why)
	}
	return said
}

func newMailList(c *console) *cobra.Command {
	var limit int
	var all bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the mails that a person should look at, the oldest first",
		Long: `List the mails that a person should look at, the oldest first: complaints, and what could not be used, with the reason and where
it lies. What the mails say is not kept, but for answers: those are in ` + "`starter replies list`.",
		Example: "  starter mail list\n  starter mail list --all --json",
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 {
				return errLimit
			}
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			mails, err := s.Mails(cmd.Context(), all, limit)
			if err != nil {
				return err
			}
			return c.show(mails, func(p *page) {
				if len(mails) == 0 {
					p.line("There is nothing to look at.")
					return
				}
				p.table("", []string{"CAME", "WHAT", "TOUCH", "WHY", "WHERE", "SEEN", "BY", "ID"}, mailRows(mails))
				p.line("\n%s; times are UTC; %s.", count(int64(len(mails)), "mail", "mails"), clockLine(settings))
				if len(mails) == limit {
					p.line("There may be more: raise --limit.")
				}
			})
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 200, "the most to list, as a `number`")
	cmd.Flags().BoolVar(&all, "all", false, "every mail that came")
	return cmd
}

func newMailSeen(c *console) *cobra.Command {
	var by string
	cmd := &cobra.Command{
		Use:     "seen ID...",
		Short:   "Write down that you have seen to mails: they are listed no more",
		Long:    "Write down that you have seen to mails, by their ids: `starter mail list` lists them no more. Who did first stays.",
		Example: "  starter mail seen mail:0123456789abcdef",
		Args: func(cmd *cobra.Command, args []string) error {
			return takes(slices.Repeat([]string{"the ID of a mail"}, max(len(args), 1))...)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			err = s.InTx(cmd.Context(), func(tx *store.Tx) error {
				for _, id := range args {
					if err := tx.MarkMailSeen(cmd.Context(), id, by, settings.Now().UTC()); err != nil {
						return notThere(err, "such mail", "`starter mail list` prints the ids, in its last column")
					}
					if err := tx.Note(cmd.Context(), deed(settings, store.MailSeen, store.OfMail, id, "done")); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			return c.show(args, func(p *page) { p.line("%s seen to.", count(int64(len(args)), "mail is", "mails are")) })
		},
	}
	cmd.Flags().StringVar(&by, "by", username(), "who has, as a `name`")
	return cmd
}

func mailRows(mails []store.Mail) [][]string {
	rows := make([][]string, len(mails))
	for i, m := range mails {
		rows[i] = []string{utc(m.At), string(m.Result), m.Touch, m.Why, m.Place, utc(m.SeenAt), m.SeenBy, m.ID}
	}
	return rows
}
