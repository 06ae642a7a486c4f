package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"perennial/domain/journey"
	"perennial/domain/message"
	"perennial/domain/segment"
	"perennial/store"
)

// Versions reads published versions, and keeps those it has read: a version never changes.
type Versions struct {
	store *store.Store

	mu   sync.Mutex
	read map[versionKey]*version
}

type versionKey struct {
	journey string
	number  int
}

// version is a published version, ready for use.
type version struct {
	number    int
	plan      *journey.Plan
	catalogue segment.Catalogue
	evaluator *segment.Evaluator
	templates *message.Set
}

// NewVersions returns an empty cache over the store.
func NewVersions(s *store.Store) *Versions {
	return &Versions{store: s, read: map[versionKey]*version{}}
}

// get returns a version. An error that wraps store.ErrNotFound is final. A version that this build can't read is not: a newer one may have
// published it, and take its enrollments up again.
func (v *Versions) get(ctx context.Context, name string, number int) (*version, error) {
	key := versionKey{name, number}
	v.mu.Lock()
	known := v.read[key]
	v.mu.Unlock()
	if known != nil {
		return known, nil
	}
	stored, err := v.store.Version(ctx, name, number)
	if err != nil {
		return nil, err
	}
	templates, err := v.store.Templates(ctx, name, number)
	if err != nil {
		return nil, err
	}
	ready, err := prepare(stored, templates)
	if err != nil {
		return nil, fmt.Errorf("version %d of journey %s can't be read by this build: %w", number, name, err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.read[key] = ready
	return ready, nil
}

func prepare(stored store.Version, templates []store.Template) (*version, error) {
	plan, err := journey.DecodePlan(stored.Plan)
	if err != nil {
		return nil, err
	}
	var catalogue segment.Catalogue
	if err := json.Unmarshal(stored.Catalogue, &catalogue); err != nil {
		return nil, fmt.Errorf("read its catalogue: %w", err)
	}
	sources := make([]message.Source, len(templates))
	for i, t := range templates {
		sources[i] = message.Source{File: t.Name + "." + string(t.Channel) + "." + t.Language + ".liquid", Text: t.Source}
	}
	set := message.Published(catalogue, sources) // one that can't be rendered fails its touch alone
	return &version{number: stored.Number, plan: plan, catalogue: catalogue, evaluator: segment.NewEvaluator(catalogue), templates: set}, nil
}

// expression returns the source of an expression by its number.
func (v *version) expression(number int) (string, error) {
	if number < 1 || number > len(v.plan.Expressions) {
		return "", fmt.Errorf("journey %s has no expression %d", v.plan.Journey, number)
	}
	return v.plan.Expressions[number-1].Source, nil
}
