package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"perennial/domain/customer"
	"perennial/domain/segment"
	"perennial/store"
)

// Entrant is a customer who would enter a journey.
type Entrant struct {
	Place

	Customer customer.Profile
	Looked   time.Time // when they were looked at: what they do from then on is told to their enrollment
	AsOf     time.Time // by what was known when they were judged; zero is when they were looked at
}

// judged is the instant at which they were judged.
func (e Entrant) judged() time.Time {
	if e.AsOf.IsZero() {
		return e.Looked
	}
	return e.AsOf
}

// NoLonger says that a customer who was to enter does not: by what is known now, the rule does not let them in.
const NoLonger store.Entry = "no longer"

// Page is what looking at some customers, in the order of their ids, found.
type Page struct {
	Looked   int
	Entrants []Entrant
	Unclear  []Unclear
	Last     string // the last one looked at; empty where nobody was left
}

// Unclear is a customer on whom the rule can't be evaluated: they don't enter.
type Unclear struct {
	Customer string
	Why      error // without personal data
}

// PageSize is how many customers are looked at between two notes of how far one has come.
const PageSize = 500

// Look judges the next customers after one, by what was known of them at an instant; zero is now.
func (e *Entrance) Look(ctx context.Context, r *Rule, after string, asOf time.Time) (Page, error) {
	seen := Entrant{Looked: e.now(), AsOf: asOf}
	profiles, err := e.Store.Profiles(ctx, after, PageSize, seen.judged())
	if err != nil {
		return Page{}, err
	}
	return e.judge(ctx, r, profiles, seen)
}

// LookAt judges these customers, by what was known of them at an instant; zero is now. The error wraps store.ErrNotFound where there is no such
// customer.
func (e *Entrance) LookAt(ctx context.Context, r *Rule, ids []string, asOf time.Time) (Page, error) {
	seen := Entrant{Looked: e.now(), AsOf: asOf}
	profiles := make([]customer.Profile, len(ids))
	for i, id := range ids {
		var err error
		if profiles[i], err = e.Store.ProfileAsOf(ctx, id, seen.judged()); err != nil {
			return Page{}, err
		}
	}
	return e.judge(ctx, r, profiles, seen)
}

// judge says who of these customers enters, seen at the same instant.
func (e *Entrance) judge(ctx context.Context, r *Rule, profiles []customer.Profile, seen Entrant) (Page, error) {
	page := Page{Looked: len(profiles)}
	for _, who := range profiles {
		if err := ctx.Err(); err != nil {
			return page, err
		}
		places, err := r.judge(ctx, facts(ctx, e.Store, who, seen.judged(), seen.judged()))
		if history, ok := errors.AsType[*segment.HistoryError](err); ok {
			return page, history
		}
		for _, place := range places {
			page.Entrants = append(page.Entrants, Entrant{Place: place, Customer: who, Looked: seen.Looked, AsOf: seen.AsOf})
		}
		if err != nil {
			page.Unclear = append(page.Unclear, Unclear{Customer: who.ID, Why: err})
		}
		page.Last = who.ID
	}
	return page, nil
}

// entering is how many customers enter at once. One after the other, most of the time would be spent waiting for Temporal.
const entering = 16

// Admitted is what became of an entrant. Where Err is set, nothing was written, and trying it again would not change that.
type Admitted struct {
	Entrant

	Entry      store.Entry
	Enrollment store.Enrollment // the new one, or the one that is in the way
	Err        error
}

// Admit lets entrants enter, several at once, and tells one after the other what became of them. Those who have no day of their own enter for what
// enteredFor says: under the same words nobody enters twice. Where the database is away it ends early with an error; all may then be admitted again.
// An enrollment that Temporal does not take now is left to the sweep.
func (e *Entrance) Admit(ctx context.Context, r *Rule, entrants []Entrant, enteredFor string, tell func(Admitted)) error {
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(entering)
	for _, entrant := range entrants {
		group.Go(func() error {
			enrollment, entry, err := e.admit(ctx, r, entrant, enteredFor)
			if err != nil && !hopeless(err) {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			tell(Admitted{Entrant: entrant, Enrollment: enrollment, Entry: entry, Err: err})
			return nil
		})
	}
	return group.Wait()
}

func (e *Entrance) admit(ctx context.Context, r *Rule, entrant Entrant, enteredFor string) (store.Enrollment, store.Entry, error) {
	if err := ctx.Err(); err != nil {
		return store.Enrollment{}, "", err
	}
	n := e.newcomer(r.version, r.entry(entrant, enteredFor))
	var enrollment store.Enrollment
	entry := NoLonger
	err := e.Store.InTx(ctx, func(tx *store.Tx) error {
		still, err := e.still(ctx, tx, r, &entrant)
		if err != nil || !still {
			return err
		}
		enrollment, entry, err = tx.Enroll(ctx, n)
		if err != nil || entry != store.Entered || e.Hand == (store.Doer{}) {
			return err
		}
		return tx.Note(ctx, store.Deed{
			At: e.now(), By: e.Hand, What: store.EnrolledByHand, Of: store.OfEnrollment, Subject: strconv.FormatInt(enrollment.ID, 10),
			Customer: enrollment.Customer, Outcome: fmt.Sprintf("in %s, version %d", enrollment.Journey, enrollment.Version),
		})
	})
	if err != nil {
		return enrollment, "", err
	}
	if entry != store.Entered && entry != store.EnteredBefore || !enrollment.Running() || !enrollment.StartedAt.IsZero() {
		return enrollment, entry, nil
	}
	if err := e.start(ctx, r.version, enrollment, entrant.Customer); err != nil {
		e.Log.Warn("An enrollment is left to the sweep to start.", "enrollment", enrollment.ID, "error", err)
	}
	return enrollment, entry, nil
}

// still locks the customer's row and judges them again, since they may have done something after they were looked at; the entrant is then as they are
// now. Their time is that of the look, so that nobody misses their date by a moment. As of another instant, they are judged by what was known then.
func (e *Entrance) still(ctx context.Context, tx *store.Tx, r *Rule, entrant *Entrant) (bool, error) {
	known := entrant.AsOf
	if known.IsZero() {
		known = e.now()
	}
	who, err := tx.LockProfileAsOf(ctx, entrant.Customer.ID, known)
	if err != nil {
		return false, err
	}
	places, err := r.judge(ctx, facts(ctx, tx, who, entrant.judged(), known))
	if history, ok := errors.AsType[*segment.HistoryError](err); ok {
		return false, history
	}
	entrant.Customer = who
	return slices.ContainsFunc(places, func(p Place) bool { return p.Key == entrant.Key && p.For == entrant.For }), ctx.Err()
}

// Would says what would become of an entrant by the journey's rule of entering again, and changes nothing. Those who have no day of their own would
// enter for what enteredFor says.
func (e *Entrance) Would(ctx context.Context, r *Rule, entrant Entrant, enteredFor string) (store.Entry, error) {
	return e.Store.MayEnter(ctx, e.newcomer(r.version, r.entry(entrant, enteredFor)))
}

// Why says what is known of an entrant that the rule speaks of, at the instant at which they were judged, without what is personal.
func (e *Entrance) Why(ctx context.Context, r *Rule, entrant Entrant) ([]segment.Known, error) {
	names, err := r.names()
	if err != nil {
		return nil, err
	}
	known := facts(ctx, e.Store, entrant.Customer, entrant.judged(), entrant.judged())
	known.Thing = entrant.What
	return r.version.evaluator.Why(ctx, names, known)
}

// facts are what is known of a customer at an instant, with what happened until another.
func facts(ctx context.Context, from knowledge, who customer.Profile, now, known time.Time) segment.Facts {
	return segment.Facts{
		Profile: who, Now: now, Known: known,
		Happened: func() (map[string][]time.Time, error) { return from.Happened(ctx, who.ID, known) },
	}
}
