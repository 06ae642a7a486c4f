package activities

import (
	"context"
	"errors"
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
}

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

// Look judges the next customers after one, by what was known of them at an instant.
func (e *Entrance) Look(ctx context.Context, r *Rule, after string, at time.Time) (Page, error) {
	profiles, err := e.Store.Profiles(ctx, after, PageSize, at)
	if err != nil {
		return Page{}, err
	}
	return e.judge(ctx, r, profiles, at)
}

// LookAt judges these customers, by what was known of them at an instant. The error wraps store.ErrNotFound where there is no such customer.
func (e *Entrance) LookAt(ctx context.Context, r *Rule, ids []string, at time.Time) (Page, error) {
	profiles := make([]customer.Profile, len(ids))
	for i, id := range ids {
		var err error
		if profiles[i], err = e.Store.ProfileAsOf(ctx, id, at); err != nil {
			return Page{}, err
		}
	}
	return e.judge(ctx, r, profiles, at)
}

func (e *Entrance) judge(ctx context.Context, r *Rule, profiles []customer.Profile, at time.Time) (Page, error) {
	page := Page{Looked: len(profiles)}
	for _, who := range profiles {
		if err := ctx.Err(); err != nil {
			return page, err
		}
		places, err := r.judge(ctx, e.facts(ctx, who, nil, at))
		if history, ok := errors.AsType[*segment.HistoryError](err); ok {
			return page, history
		}
		for _, place := range places {
			page.Entrants = append(page.Entrants, Entrant{Place: place, Customer: who})
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
	enrollment, entry, err := e.enroll(ctx, r.version, r.entry(entrant, enteredFor))
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

// Would says what would become of an entrant by the journey's rule of entering again, and changes nothing.
func (e *Entrance) Would(ctx context.Context, r *Rule, entrant Entrant) (store.Entry, error) {
	return e.Store.MayEnter(ctx, e.newcomer(r.version, r.entry(entrant, "")))
}

// Why says what is known of an entrant that the rule speaks of, at the instant at which they were judged, without what is personal.
func (e *Entrance) Why(ctx context.Context, r *Rule, entrant Entrant, at time.Time) ([]segment.Known, error) {
	names, err := r.names()
	if err != nil {
		return nil, err
	}
	return r.version.evaluator.Why(ctx, names, e.facts(ctx, entrant.Customer, entrant.What, at))
}

// facts are what is known of a customer, and of one of their things, at an instant.
func (e *Entrance) facts(ctx context.Context, who customer.Profile, what *customer.Thing, at time.Time) segment.Facts {
	return segment.Facts{
		Profile: who, Thing: what, Now: at,
		Happened: func() (map[string][]time.Time, error) { return e.Store.Happened(ctx, who.ID, at) },
	}
}
