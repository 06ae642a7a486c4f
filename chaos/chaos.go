package chaos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/client"

	"perennial/config"
	"perennial/domain/clock"
	"perennial/store"
)

// Rate is how fast the clock of a run is: the hour for which customers want to be reached, or not, lasts ten seconds.
const Rate = 360

// Config is what a run stands on, and how long it breaks it.
type Config struct {
	// Root is the clone, State the folder for data and logs.
	Root, State string

	// Starter and Worker are the programs.
	Starter, Worker string

	// Env is added to the workers' environment.
	Env []string

	// Clock is the stack's, at Rate.
	Clock clock.Clock

	// Publish publishes the contact policy and the journeys of a folder.
	Publish func(ctx context.Context, settings config.Config, s *store.Store, temporal client.Client, folder string) error

	// Length is for how long things are broken; before and after that they are let work. Zero breaks nothing and lets the load run for as long
	// as Calm says.
	Length, Calm time.Duration

	// Quiet is how long a run may take to come to rest once nothing is broken any more. What is not done by then is stuck. Defaults to 4 minutes.
	Quiet time.Duration

	// Least is how often each kind of blow must have been done. Defaults to once.
	Least int

	// Customers is how many there are. Defaults to 200.
	Customers int

	// Seed is what everything is drawn from.
	Seed uint64

	// Progress takes a line for each thing that is done. Defaults to nowhere.
	Progress io.Writer
}

// setUpTime is how long everything may take to start.
const setUpTime = 5 * time.Minute

// Run breaks things, and says what was lost by it.
func Run(ctx context.Context, c Config) (report Report, err error) {
	c.Quiet = cmp.Or(c.Quiet, 4*time.Minute)
	c.Least, c.Customers = cmp.Or(c.Least, 1), min(cmp.Or(c.Customers, 200), maxCustomers)
	w := newWorld(c)
	defer func() { err = errors.Join(err, w.close()) }()
	all := people(c.Customers)
	if err := w.setUp(ctx, all); err != nil {
		return Report{}, err
	}
	w.diary.begun = time.Now()
	w.diary.note("load", "customers order, come by, ask for offers and get invoices")
	l := newLoad(w.gateways, c.Clock, all)
	people := newCrowd(w.sandbox, l, c.Seed)
	loading, enough := context.WithCancel(ctx)
	defer enough()
	reading, asleep := context.WithCancel(ctx)
	defer asleep()
	l.wait.Go(func() { l.run(loading, ctx, c.Seed) })
	l.wait.Go(func() { people.run(reading, ctx) })
	var struck []Struck
	if c.Length > 0 {
		struck = w.strikeAll(ctx, schedule(c.Seed, c.Length))
	} else if err := sleep(ctx, c.Calm); err != nil {
		return Report{}, err
	}
	enough()
	w.diary.note("load", "nothing more is broken, and no more events come in; what was begun is finished"+people.words())
	if err := w.readyWithin(ctx, c.Quiet); err != nil {
		return Report{}, err
	}
	ledger, err := w.openLedger(ctx)
	if err != nil {
		return Report{}, err
	}
	defer ledger.close()
	if err := ledger.untilQuiet(ctx, c.Quiet); err != nil {
		return Report{}, err
	}
	asleep()
	l.wait.Wait()
	if err := errors.Join(l.fatal, ledger.untilQuiet(ctx, c.Quiet)); err != nil { // customers may have said something last
		return Report{}, err
	}
	w.diary.note("load", "all is quiet")
	return w.reckon(ctx, ledger, l, people, struck)
}

// setUp starts everything, in good time or not at all.
func (w *world) setUp(ctx context.Context, all []*person) error {
	ctx, cancel := context.WithTimeoutCause(ctx, setUpTime, fmt.Errorf("it could not be set up within %v: see the logs in %s", setUpTime, w.State))
	defer cancel()
	if err := w.start(ctx); err != nil {
		return err
	}
	return w.prepare(ctx, all)
}

// prepare makes the schema, publishes the journeys, imports the customers and starts gateways and workers.
func (w *world) prepare(ctx context.Context, all []*person) error {
	s, err := store.Open(ctx, w.settings.DatabaseURL.Reveal())
	if err != nil {
		return err
	}
	defer s.Close()
	if _, _, err := s.Migrate(ctx); err != nil {
		return err
	}
	folder := filepath.Join(w.State, "journeys")
	if err := WriteJourneys(folder); err != nil {
		return err
	}
	if err := w.Publish(ctx, w.settings, s, w.temporal, folder); err != nil {
		return fmt.Errorf("publish the journeys of the run: %w", err)
	}
	if err := importPeople(ctx, s, all, w.Clock.At(time.Now()).UTC()); err != nil {
		return err
	}
	return w.startOurs(ctx)
}

// reckon gathers what there is to know, and counts.
func (w *world) reckon(ctx context.Context, ledger *ledger, l *load, crowd *crowd, struck []Struck) (Report, error) {
	e := evidence{
		clock: w.Clock, people: map[string]*person{}, received: w.sandbox.Messages(), refused: w.sandbox.Refused(), told: append(l.told, crowd.told...),
		heard: crowd.heard, wrote: crowd.wrote, struck: struck, forged: w.sandbox.Forged(), hungUp: w.provider.hungUp,
	}
	for _, p := range l.people {
		e.people[p.id] = p
	}
	if err := ledger.read(ctx, &e); err != nil {
		return Report{}, err
	}
	if err := w.readHistories(ctx, &e); err != nil {
		return Report{}, err
	}
	if err := w.readLogs(&e); err != nil {
		return Report{}, err
	}
	report := reckon(e)
	report.Seed, report.Length, report.Diary, report.Struck = w.Seed, w.Length, w.diary.lines, struck
	report.Tries = l.tries
	if w.Length > 0 {
		report.Tame = append(tooTame(struck, w.Least), tooLittle(report)...)
	}
	return report, nil
}
