package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/segment"
	"perennial/store"
)

// Rule says who enters a version of a journey without an event that would say so: those in a segment, those whose date has come, or those who were
// named. A journey that is about a kind of thing is entered once for each such thing that it is true of.
type Rule struct {
	version *version
	at      string // source of the date expression; empty where no date is waited for
	late    journey.Span
	when    string // source of the condition; empty where there is none
	needs   string // source of a date that has to be known, though nobody waits for it to come; empty where there is none

	once   sync.Once
	facts  []segment.Fact // that those expressions speak of
	failed error
}

// Place is where a customer would enter a journey.
type Place struct {
	Key  string          // id of the thing that the journey is about; empty where it is about the customer
	For  string          // the day that it is entered for, such as "2026-05-04"; empty where no date is waited for
	What *customer.Thing // that thing
}

// ErrNoRule says that a journey looks for nobody by itself.
var ErrNoRule = errors.New("it looks for nobody by itself")

// ErrRetired says that nobody enters a journey any more.
var ErrRetired = errors.New("it is retired: nobody enters it, until it is published again")

// OwnRule is the rule of the journey's newest version. The error wraps ErrNoRule where customers enter it by an event, or are only started; it wraps
// store.ErrNotFound where no journey of that name is published.
func (e *Entrance) OwnRule(ctx context.Context, name string) (*Rule, error) {
	v, err := e.newest(ctx, name)
	if err != nil {
		return nil, err
	}
	r, err := v.rule()
	if err != nil {
		return nil, fmt.Errorf("journey %s: %w", name, err)
	}
	return r, nil
}

// rule is the version's own.
func (v *version) rule() (r *Rule, err error) {
	enter := v.plan.Enter
	if enter.Retired {
		return nil, ErrRetired
	}
	if enter.Every.IsZero() {
		return nil, ErrNoRule
	}
	r = &Rule{version: v, late: enter.Late}
	if enter.At != 0 {
		if r.at, err = v.expression(enter.At); err != nil {
			return nil, err
		}
	}
	if enter.When != 0 {
		if r.when, err = v.expression(enter.When); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// ByHand is the rule of somebody who enters customers into the newest version of a journey: all of them, or those in a segment. It refuses what
// the segment gets wrong, and a journey whose key only an event can give.
func (e *Entrance) ByHand(ctx context.Context, name, condition string) (*Rule, error) {
	v, err := e.newest(ctx, name)
	if err != nil {
		return nil, err
	}
	if v.plan.Enter.Retired {
		return nil, fmt.Errorf("journey %s: %w", name, ErrRetired)
	}
	if v.plan.Enter.Key != 0 {
		return nil, fmt.Errorf("journey %s is entered once for each key that its event, %s, brings: nobody can enter it without", name, v.plan.Enter.On)
	}
	needs, err := v.needs()
	if err != nil {
		return nil, err
	}
	if condition == "" {
		return &Rule{version: v, needs: needs}, nil
	}
	env, err := segment.NewEnv(v.catalogue, segment.Scope{Each: v.plan.Enter.Each})
	if err != nil {
		return nil, err
	}
	issues, _ := env.Check(condition, segment.Bool)
	wrong := make([]error, len(issues))
	for i, issue := range issues {
		wrong[i] = issueError(issue)
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return &Rule{version: v, when: condition, needs: needs}, nil
}

// needs is the source of the date by which the version is entered, empty where it is not entered by one. Its steps rely on that date: whoever enters
// by another way has to have it as well.
func (v *version) needs() (string, error) {
	if v.plan.Enter.At == 0 {
		return "", nil
	}
	return v.expression(v.plan.Enter.At)
}

// errNoDate says why somebody can't enter a journey whose steps rely on a date.
func (v *version) errNoDate() error {
	return fmt.Errorf("not in %s: its date is not known", v.plan.Journey)
}

func issueError(issue segment.Issue) error {
	what := fmt.Sprintf("segment, character %d: %s", issue.Offset+1, issue.What)
	if issue.Mend != "" {
		what += "; " + issue.Mend
	}
	return errors.New(what)
}

// newest returns the newest version of a journey.
func (e *Entrance) newest(ctx context.Context, name string) (*version, error) {
	number, err := e.Store.NewestNumber(ctx, name)
	if err != nil {
		return nil, err
	}
	return e.Versions.get(ctx, name, number)
}

// entry is what for an entrant enters: the day, or where the rule knows none what is given.
func (r *Rule) entry(entrant Entrant, enteredFor string) store.NewEnrollment {
	return store.NewEnrollment{
		Customer: entrant.Customer.ID, Key: entrant.Key, EnteredFor: cmp.Or(entrant.For, enteredFor), EnteredAt: entrant.Looked, Late: r.late,
	}
}

// names are the facts that the rule speaks of.
func (r *Rule) names() ([]segment.Fact, error) {
	r.once.Do(func() {
		for _, source := range []string{r.when, r.at} {
			if source == "" {
				continue
			}
			facts, err := r.version.evaluator.Names(source)
			if err != nil {
				r.failed = err
				return
			}
			r.facts = append(r.facts, facts...)
		}
	})
	return r.facts, r.failed
}

// Journey is the name of the journey that customers enter.
func (r *Rule) Journey() string { return r.version.plan.Journey }

// Version is the number of the version that customers enter.
func (r *Rule) Version() int { return r.version.number }

// judge says where a customer enters at the instant of the facts, which is one place for each thing of a journey that is about things. The error
// tells of what could not be judged, by its expressions and without personal data; the places are right all the same.
func (r *Rule) judge(ctx context.Context, facts segment.Facts) ([]Place, error) {
	if facts.Profile.Closed {
		return nil, nil
	}
	each := r.version.plan.Enter.Each
	if each == "" {
		place, in, err := r.place(ctx, facts)
		if err != nil || !in {
			return nil, err
		}
		return []Place{place}, nil
	}
	var places []Place
	var unclear []error
	for _, thing := range facts.Profile.Things {
		if thing.Of != each {
			continue
		}
		facts.Thing = &thing
		place, in, err := r.place(ctx, facts)
		if err != nil {
			unclear = append(unclear, err)
			continue
		}
		if in {
			places = append(places, place)
		}
	}
	return places, errors.Join(unclear...)
}

// place judges one customer, or one of their things.
func (r *Rule) place(ctx context.Context, facts segment.Facts) (place Place, in bool, err error) {
	if facts.Thing != nil {
		place.Key, place.What = facts.Thing.ID, facts.Thing
		if err := store.CheckID(place.Key); err != nil {
			return place, false, fmt.Errorf("the id of a thing: %w", err)
		}
	}
	// The date comes first: the condition may speak of whatever the date needs.
	if r.at != "" {
		at, err := r.version.evaluator.Time(ctx, r.at, facts)
		if errors.Is(err, segment.ErrAbsent) {
			return place, false, nil // who has no birthday that is known, and what is never renewed, has no date
		}
		if err != nil {
			return place, false, err
		}
		at = at.In(zoneOf(facts.Profile))
		if facts.Now.Before(at) || facts.Now.After(r.late.From(at)) {
			return place, false, nil
		}
		place.For = at.Format(time.DateOnly)
	}
	if r.when != "" {
		if in, err = r.version.evaluator.Bool(ctx, r.when, facts); err != nil || !in {
			return place, false, err
		}
	}
	if r.needs != "" {
		if _, err := r.version.evaluator.Time(ctx, r.needs, facts); err != nil {
			if errors.Is(err, segment.ErrAbsent) {
				return place, false, r.version.errNoDate()
			}
			return place, false, err
		}
	}
	return place, true, nil
}

func zoneOf(p customer.Profile) *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}

// firstOf is the first of several errors that were joined: enough for a log.
func firstOf(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
