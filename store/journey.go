package store

import (
	"context"
	"time"

	"perennial/domain/customer"
	"perennial/store/db"
)

// Version is one immutable publication of a journey. The store does not look inside Plan and Catalogue.
type Version struct {
	Journey     string
	Number      int       // from 1
	Hash        string    // of all that operations wrote, templates included
	Source      string    // the YAML, as written
	Plan        []byte    // the compiled form
	Catalogue   []byte    // what its expressions were type-checked against
	EntersOn    string    // the event type that enters; empty where none does
	Listens     []string  // the event types that its running enrollments want
	Author      string    // who published it
	Message     string    // why
	PublishedAt time.Time // by the stack's clock
}

// Template is one text that a version sends: a template in one channel and language.
type Template struct {
	Name     string
	Channel  customer.Channel
	Language string
	Source   string
}

// Publish stores a version and its templates under the next number of its journey; v.Number is ignored. A version whose hash is that
// of the newest one is that one: its number is answered, and fresh is false. Publications of one journey wait for each other.
func (s *Store) Publish(ctx context.Context, v Version, templates []Template) (number int, fresh bool, err error) {
	err = s.InTx(ctx, func(tx *Tx) error {
		number, fresh, err = tx.Publish(ctx, v, templates)
		return err
	})
	return number, fresh, err
}

// Publish is [Store.Publish] in this transaction.
func (tx *Tx) Publish(ctx context.Context, v Version, templates []Template) (number int, fresh bool, err error) {
	number, fresh, err = tx.publish(ctx, v, templates)
	return number, fresh, wrap(err, "publish journey %s", v.Journey)
}

func (tx *Tx) publish(ctx context.Context, v Version, templates []Template) (number int, fresh bool, err error) {
	if err := tx.q.LockJourney(ctx, v.Journey); err != nil {
		return 0, false, err
	}
	newest, err := tx.q.NewestHash(ctx, v.Journey)
	if err != nil && !noRows(err) {
		return 0, false, err
	}
	if err == nil && newest.Hash == v.Hash {
		return newest.Version, false, nil
	}
	number = newest.Version + 1
	err = tx.q.InsertVersion(ctx, db.InsertVersionParams{
		Journey: v.Journey, Version: number, Hash: v.Hash, Source: v.Source, Plan: orEmpty(v.Plan), Catalogue: orEmpty(v.Catalogue),
		EntersOn: orNull(v.EntersOn), Listens: orEmpty(v.Listens), Author: v.Author, Message: v.Message, PublishedAt: v.PublishedAt,
	})
	if err != nil {
		return 0, false, err
	}
	p := db.InsertTemplatesParams{Journey: v.Journey, Version: number}
	for _, t := range templates {
		p.Names = append(p.Names, t.Name)
		p.Channels = append(p.Channels, string(t.Channel))
		p.Languages = append(p.Languages, t.Language)
		p.Sources = append(p.Sources, t.Source)
	}
	return number, true, tx.q.InsertTemplates(ctx, p)
}

// Version returns one version of a journey, the newest where number is 0; ErrNotFound where there is none.
func (s session) Version(ctx context.Context, journey string, number int) (Version, error) {
	if number == 0 {
		row, err := s.q.NewestVersion(ctx, journey)
		return versionOf(row), wrap(err, "read the newest version of journey %s", journey)
	}
	row, err := s.q.JourneyVersion(ctx, journey, number)
	return versionOf(row), wrap(err, "read version %d of journey %s", number, journey)
}

// NewestNumber returns the number of the newest version of a journey; ErrNotFound where none was published.
func (s session) NewestNumber(ctx context.Context, journey string) (int, error) {
	newest, err := s.q.NewestHash(ctx, journey)
	return newest.Version, wrap(err, "find the newest version of journey %s", journey)
}

// NewestPlan is the compiled form of a journey's newest version.
type NewestPlan struct {
	Journey string
	Version int
	Plan    []byte
}

// NewestPlans returns the compiled form of the newest version of every journey, by name.
func (s session) NewestPlans(ctx context.Context) ([]NewestPlan, error) {
	rows, err := s.q.NewestPlans(ctx)
	plans := make([]NewestPlan, len(rows))
	for i, r := range rows {
		plans[i] = NewestPlan(r)
	}
	return plans, wrap(err, "read the newest plan of each journey")
}

// Templates returns the texts that a version sends, by name, channel and language.
func (s session) Templates(ctx context.Context, journey string, number int) ([]Template, error) {
	rows, err := s.q.Templates(ctx, journey, number)
	templates := make([]Template, len(rows))
	for i, r := range rows {
		templates[i] = Template{Name: r.Name, Channel: customer.Channel(r.Channel), Language: r.Language, Source: r.Source}
	}
	return templates, wrap(err, "read the templates of version %d of journey %s", number, journey)
}

// EnteringOn returns the newest version of each journey that an event of this type enters.
func (s session) EnteringOn(ctx context.Context, eventType string) ([]Version, error) {
	rows, err := s.q.VersionsEnteringOn(ctx, eventType)
	return versionsOf(rows), wrap(err, "find the journeys that %s enters", eventType)
}

// NewestCatalogue returns the profile catalogue of the newest publication; ErrNotFound where nothing was published.
func (s session) NewestCatalogue(ctx context.Context) ([]byte, error) {
	catalogue, err := s.q.NewestCatalogue(ctx)
	return catalogue, wrap(err, "read the newest profile catalogue")
}

// Listed is a journey with the enrollments that run in it.
type Listed struct {
	Version // the newest

	Running []RunningAt // by version and step, all versions
}

// RunningAt is how many enrollments run at one step of one version.
type RunningAt struct {
	Version int
	Step    string // empty before the first step
	Running int64  // those paused among them
	Paused  int64
}

// Journeys returns every journey by name. It counts all running enrollments, so it is for people's lists.
func (s session) Journeys(ctx context.Context) ([]Listed, error) {
	rows, err := s.q.NewestVersions(ctx)
	if err != nil {
		return nil, wrap(err, "list journeys")
	}
	counts, err := s.q.RunningByStep(ctx)
	if err != nil {
		return nil, wrap(err, "count running enrollments")
	}
	running := map[string][]RunningAt{}
	for _, c := range counts {
		running[c.Journey] = append(running[c.Journey], RunningAt{Version: c.Version, Step: c.Step, Running: c.Running, Paused: c.Paused})
	}
	listed := make([]Listed, len(rows))
	for i, r := range rows {
		listed[i] = Listed{Version: versionOf(r), Running: running[r.Journey]}
	}
	return listed, nil
}

// Publication is one version of a journey as its history tells it.
type Publication struct {
	Version     int       `json:"version"`
	Hash        string    `json:"hash"`
	Author      string    `json:"author,omitempty"`
	Message     string    `json:"message,omitempty"` // why
	PublishedAt time.Time `json:"published_at"`
	Running     int64     `json:"running"` // enrollments that are in it now, those paused among them
	Paused      int64     `json:"paused"`
}

// Versions returns the history of a journey, the newest version first; none where it was never published.
func (s session) Versions(ctx context.Context, journey string) ([]Publication, error) {
	rows, err := s.q.Versions(ctx, journey)
	history := make([]Publication, len(rows))
	for i, r := range rows {
		history[i] = Publication{
			Version: r.Version, Hash: r.Hash, Author: r.Author, Message: r.Message, PublishedAt: r.PublishedAt, Running: r.Running, Paused: r.Paused,
		}
	}
	return history, wrap(err, "list the versions of journey %s", journey)
}

// JourneyNames returns the names of all journeys that were ever published, sorted.
func (s session) JourneyNames(ctx context.Context) ([]string, error) {
	names, err := s.q.JourneyNames(ctx)
	return names, wrap(err, "list the names of journeys")
}

func versionsOf(rows []db.JourneyVersion) []Version {
	versions := make([]Version, len(rows))
	for i, r := range rows {
		versions[i] = versionOf(r)
	}
	return versions
}

func versionOf(r db.JourneyVersion) Version {
	return Version{
		Journey: r.Journey, Number: r.Version, Hash: r.Hash, Source: r.Source, Plan: r.Plan, Catalogue: r.Catalogue,
		EntersOn: orZero(r.EntersOn), Listens: r.Listens, Author: r.Author, Message: r.Message, PublishedAt: r.PublishedAt,
	}
}
