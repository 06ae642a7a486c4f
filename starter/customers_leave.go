package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"perennial/activities"
	"perennial/config"
	"perennial/store"
)

func newCustomersClose(c *console) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "close ID --reason WHY",
		Short: "End the relation with a customer: nothing more is sent, and what is known stays",
		Long: `End the relation with a customer. From now on nothing is sent to them, no colleague is told of them, and they enter no journey. What they
are in ends with the outcome "exited: closed". What is known of them stays, and events go on being stored: starter customers reopen takes it back.`,
		Example: `  starter customers close c-1042 --reason "moved abroad"`,
		Args:    takes("the ID of a customer"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(reason) == "" {
				return errors.New("say why in a few words, such as --reason \"moved abroad\"")
			}
			return c.farewell(cmd.Context(), func(_ config.Config, f *activities.Farewell) error {
				left, err := f.Close(cmd.Context(), args[0], strings.TrimSpace(reason), operator())
				if err != nil {
					return begun(err, args[0], "closed")
				}
				return c.show(left, func(p *page) {
					if left.Before {
						p.line("Customer %s had left before: nothing was to be done.", args[0])
						return
					}
					p.line("Customer %s is closed: nothing more is sent. %s.", args[0], count(int64(left.Ended), "enrollment ended", "enrollments ended"))
				})
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`why`, in a few words; it stands in the profile")
	return cmd
}

// reopened is a customer who was closed.
type reopened struct {
	Customer string `json:"customer"`
	Reopened bool   `json:"reopened"` // false where they were not closed
}

func newCustomersReopen(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "reopen ID",
		Short: "Take back that a customer was closed",
		Long: `Take back that a customer was closed: they may be reached again, by what they agreed to, and enter journeys again. What ended when they were
closed does not begin again by itself. Whoever was erased can't be reopened: nothing is left of them, so they come back under a new id.`,
		Example: "  starter customers reopen c-1042",
		Args:    takes("the ID of a customer"),
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			was := reopened{Customer: args[0]}
			err = s.InTx(cmd.Context(), func(tx *store.Tx) error {
				before, err := tx.ReopenCustomer(cmd.Context(), args[0], settings.Now().UTC())
				switch {
				case err != nil:
					return notThere(err, "such customer", "an id is written as the import had it, such as c-1042")
				case before.Erased:
					return fmt.Errorf("customer %s was erased: nothing is left of them; import them under a new id, as for somebody new", args[0])
				case !before.Closed:
					return nil
				}
				was.Reopened = true
				return tx.Note(cmd.Context(), deed(settings, store.Reopened, store.OfCustomer, args[0], "done"))
			})
			if err != nil {
				return err
			}
			return c.show(was, func(p *page) {
				if !was.Reopened {
					p.line("Customer %s is not closed: nothing was to be done.", args[0])
					return
				}
				p.line("Customer %s is a customer again. `starter enroll` lets them enter journeys.", args[0])
			})
		},
	}
}

// erasing is what `customers erase` was asked for.
type erasing struct {
	ids  []string
	from string
	yes  bool
}

// erased is what became of all who were to be erased.
type erased struct {
	Erased   []activities.Left `json:"erased"`
	Unknown  []string          `json:"unknown,omitempty"` // ids of nobody
	Unfinish []string          `json:"unfinished"`        // marked, so nothing is sent to them; something is left to do
	Why      string            `json:"why,omitempty"`     // of the first of those
}

func newCustomersErase(c *console) *cobra.Command {
	var asked erasing
	cmd := &cobra.Command{
		Use:   "erase [ID…]",
		Short: "Erase customers: remove all that is known of them",
		Long: `Erase customers. From the first moment on nothing is sent to them. What they are in ends with the outcome "exited: erased", and then all that
is known of them is removed: name, addresses, consents, events, messages, purchases, what they have, answers, complaints. There is no way back.

What stays: the id, so that no import and no event brings them back by mistake; of each touch and enrollment ids, step, channel, state and times; and
where they said no to a topic, a keyed hash of the address, so that it holds for whoever is imported with that address. Whoever comes back gets a new id.
Cut short, the same command finishes it, and so does a worker within a minute. Files that were imported or exported, logs of providers and backups
are yours to erase.

It asks first. Without a terminal it wants --yes.`,
		Example: `  starter customers erase c-1042
  starter customers erase c-1042 c-1043 --yes
  starter customers erase --from ids.txt --yes    # one id a line`,
		RunE: func(cmd *cobra.Command, args []string) error {
			asked.ids = args
			return asked.run(cmd.Context(), c)
		},
	}
	cmd.Flags().StringVar(&asked.from, "from", "", "a `file` with the ids of customers, one a line")
	cmd.Flags().BoolVar(&asked.yes, "yes", false, "don't ask")
	return cmd
}

func (a erasing) run(ctx context.Context, c *console) error {
	ids, err := a.all()
	if err != nil {
		return err
	}
	if err := a.sure(c, ids); err != nil {
		return err
	}
	return c.farewell(ctx, func(_ config.Config, f *activities.Farewell) error {
		done, err := a.erase(ctx, c, f, ids)
		if err != nil {
			return err
		}
		if err := c.show(done, done.write); err != nil {
			return err
		}
		return done.problem()
	})
}

// all are the ids that were given, each once.
func (a erasing) all() ([]string, error) {
	ids := a.ids
	if a.from != "" {
		text, err := os.ReadFile(a.from)
		if err != nil {
			return nil, fmt.Errorf("read the ids of who is to be erased: %w", err)
		}
		lines := 0
		for line := range strings.Lines(string(text)) {
			lines++
			id := strings.TrimSpace(line)
			if id == "" {
				continue
			}
			if err := store.CheckID(id); err != nil {
				return nil, fmt.Errorf("%s:%d: %w; nobody was erased", a.from, lines, err)
			}
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, errors.New("who is to be erased? Name the ids of customers, or a file of them with --from")
	}
	seen := map[string]bool{}
	var once []string
	for _, id := range ids {
		if !seen[id] {
			once = append(once, id)
		}
		seen[id] = true
	}
	return once, nil
}

// sure asks whether it is meant.
func (a erasing) sure(c *console, ids []string) error {
	if a.yes {
		return nil
	}
	whom := "customer " + ids[0]
	if len(ids) > 1 {
		whom = fmt.Sprintf("%d customers", len(ids))
	}
	if c.answers == nil {
		return fmt.Errorf("erasing %s can't be undone: add --yes if that is what you want", whom)
	}
	fmt.Fprintf(c.stderr, "Erase %s? All that is known of them is removed, and can't be brought back. Type yes: ", whom)
	answer, err := bufio.NewReader(c.answers).ReadString('\n')
	if err != nil && answer == "" || strings.TrimSpace(answer) != "yes" {
		return errors.New("nobody was erased")
	}
	return nil
}

// giveUpAfter is how many customers may not be finished before the rest is left to a worker: there is most likely one cause.
const giveUpAfter = 3

// erase marks them all, so that nothing is sent to any of them, before it does what takes longer.
func (a erasing) erase(ctx context.Context, c *console, f *activities.Farewell, ids []string) (erased, error) {
	done := erased{Erased: []activities.Left{}, Unfinish: []string{}}
	advanced := c.countBar("erasing", int64(2*len(ids)))
	var marked []string
	for _, id := range ids {
		err := f.Mark(ctx, id, operator())
		advanced(1)
		switch {
		case errors.Is(err, store.ErrNotFound):
			done.Unknown = append(done.Unknown, id)
		case err != nil:
			return done, fmt.Errorf("%w; %s marked and will be erased by a worker, the others were not touched", err, count(int64(len(marked)), "customer is", "customers are"))
		default:
			marked = append(marked, id)
		}
	}
	for i, id := range marked {
		if len(done.Unfinish) == giveUpAfter {
			done.Unfinish = append(done.Unfinish, marked[i:]...)
			break
		}
		left, err := f.Finish(ctx, id, operator(), nil)
		advanced(1)
		if ctx.Err() != nil {
			return done, fmt.Errorf("interrupted: %s erased, and %d are marked, so nothing is sent to them; a worker finishes those, and so does the same command",
				count(int64(i), "customer was", "customers were"), len(marked)-i)
		}
		if err != nil {
			if done.Why == "" {
				done.Why = err.Error()
			}
			done.Unfinish = append(done.Unfinish, id)
			continue
		}
		done.Erased = append(done.Erased, left)
	}
	return done, nil
}

func (e erased) write(p *page) {
	var ended, removed int64
	before := 0
	for _, left := range e.Erased {
		ended += int64(left.Ended)
		removed += left.Removed
		if left.Before {
			before++
		}
	}
	p.line("Erased %s: %s, %s removed.", count(int64(len(e.Erased)-before), "customer", "customers"), count(ended, "enrollment ended", "enrollments ended"), count(removed, "row", "rows"))
	if before > 0 {
		p.line("%s erased before: nothing was to be done.", count(int64(before), "customer was", "customers were"))
	}
}

// problem is what a person has to know, as an error.
func (e erased) problem() error {
	var problems []error
	if len(e.Unknown) > 0 {
		problems = append(problems, fmt.Errorf("there is no customer %s: an id is written as the import had it, such as c-1042", strings.Join(e.Unknown, ", ")))
	}
	if len(e.Unfinish) > 0 {
		problems = append(problems, fmt.Errorf("not finished: %s (%s); nothing is sent to them from now on, and a worker finishes it, as does the same command",
			strings.Join(e.Unfinish, ", "), strings.ReplaceAll(e.Why, "\n", "; ")))
	}
	return errors.Join(problems...)
}

// farewell opens what it takes to let customers leave.
func (c *console) farewell(ctx context.Context, do func(config.Config, *activities.Farewell) error) error {
	settings, s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	options, err := c.temporalOptions(settings)
	if err != nil {
		return err
	}
	temporal, err := client.NewLazyClient(options) // the mark needs none, and must not wait for one
	if err != nil {
		return err
	}
	defer temporal.Close()
	return do(settings, &activities.Farewell{Store: s, Temporal: temporal, Clock: settings.Clock, Log: c.logger(settings)})
}

// begun is an error in the middle of letting somebody leave.
func begun(err error, id, how string) error {
	if errors.Is(err, store.ErrNotFound) {
		return notThere(err, "such customer", "an id is written as the import had it, such as c-1042")
	}
	return fmt.Errorf("customer %s is %s and nothing is sent from now on, but it is not finished: %s; a worker finishes it, as does the same command",
		id, how, strings.ReplaceAll(err.Error(), "\n", "; "))
}
