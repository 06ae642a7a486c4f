package activities

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"perennial/domain/clock"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// Schedules keeps one Temporal Schedule for each journey whose newest version is entered by scan or by date, and none for others. What the database
// says is the truth: publishing brings the schedules in line at once, and every worker does so at its start and in its sweeps, so that a crash in
// between, or a Temporal that is away, is made up for.
type Schedules struct {
	Store    *store.Store
	Temporal client.Client
	Clock    clock.Clock
	Log      *slog.Logger

	mu    sync.Mutex
	known map[string]int // the newest versions that the schedules were last brought in line with
	at    time.Time      // when that was
}

// ScheduleID is the id of the schedule that scans for a journey.
func ScheduleID(journey string) string { return schedulePrefix + journey }

const schedulePrefix = "enter-"

// schedulesAge is how long, in real time, schedules are taken to be as they were left, where no version is newer.
const schedulesAge = time.Minute

// The limits of a schedule, in real time.
const (
	shortestInterval = time.Second // Temporal's own
	shortestCatchup  = 10 * time.Second
	longestOffset    = time.Hour
)

// ScanInterval is how often, in real time, a journey looks at all customers: days and less, since the check refuses months and years. The
// error says that the clock is too fast for it.
func ScanInterval(name string, every journey.Span, c clock.Clock) (time.Duration, error) {
	const day = 24 * time.Hour
	long := time.Duration(every.Days)*day + every.Exact
	interval := c.RealDuration(long).Truncate(time.Second) // Temporal counts whole seconds
	if interval < shortestInterval {
		return 0, fmt.Errorf("journey %s looks for customers every %s, which is less than a second by a clock that runs %d times as fast, and no schedule does that: use a rate of at most %d",
			name, every, c.Rate, long/shortestInterval)
	}
	return interval, nil
}

// scan is a schedule as it should be.
type scan struct {
	journey string
	title   string
	every   journey.Span
	real    time.Duration // between two scans
}

// Reconcile brings the schedules in line with the newest versions, and says how many it created, changed or removed. A journey for which there can
// be no schedule has none: the log says why.
func (s *Schedules) Reconcile(ctx context.Context) (changed int, err error) {
	// What is there is asked first: a schedule that is listed was published before, so that one of which the database then knows nothing is surely
	// out of date.
	there, err := s.list(ctx)
	if err != nil {
		return 0, err
	}
	newest, err := s.Store.NewestPlans(ctx)
	if err != nil {
		return 0, err
	}
	wanted := s.wanted(newest)
	var failed []error
	for _, id := range there {
		if _, keep := wanted[id]; keep {
			continue
		}
		removed, err := s.remove(ctx, id)
		failed = append(failed, err)
		if removed {
			changed++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(wanted)) {
		if wanted[id] == nil {
			continue
		}
		differed, err := s.set(ctx, id, *wanted[id])
		failed = append(failed, err)
		if differed {
			changed++
		}
	}
	if err := errors.Join(failed...); err != nil {
		return changed, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known, s.at = numbers(newest), time.Now()
	return changed, nil
}

// Repair is Reconcile where there may be something to do: a version is newer than what was seen last, or that was long ago.
func (s *Schedules) Repair(ctx context.Context) (changed int, err error) {
	newest, err := s.Store.NewestPlans(ctx)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	same := maps.Equal(numbers(newest), s.known) && time.Since(s.at) < schedulesAge
	s.mu.Unlock()
	if same {
		return 0, nil
	}
	return s.Reconcile(ctx)
}

func numbers(newest []store.NewestPlan) map[string]int {
	numbers := map[string]int{}
	for _, n := range newest {
		numbers[n.Journey] = n.Version
	}
	return numbers
}

// wanted are the schedules that should be there, by id; nil is one that is none of our business.
func (s *Schedules) wanted(newest []store.NewestPlan) map[string]*scan {
	wanted := map[string]*scan{}
	for _, n := range newest {
		id := ScheduleID(n.Journey)
		plan, err := journey.DecodePlan(n.Plan)
		if err != nil {
			wanted[id] = nil
			s.Log.Warn("The schedule of a journey is left as it is: a newer build published it.", "journey", n.Journey, "version", n.Version, "error", err)
			continue
		}
		if plan.Enter.Every.IsZero() {
			continue
		}
		interval, err := ScanInterval(plan.Journey, plan.Enter.Every, s.Clock)
		if err != nil {
			s.Log.Warn("A journey has no schedule: nobody enters it by its rule.", "journey", n.Journey, "version", n.Version, "error", err)
			continue
		}
		wanted[id] = &scan{journey: plan.Journey, title: plan.Title, every: plan.Enter.Every, real: interval}
	}
	return wanted
}

// list returns the ids of the schedules of scans that there are, as Temporal's visibility knows them: the newest may be missing.
func (s *Schedules) list(ctx context.Context) ([]string, error) {
	entries, err := s.Temporal.ScheduleClient().List(ctx, client.ScheduleListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list schedules: %w", err)
	}
	var ids []string
	for entries.HasNext() {
		entry, err := entries.Next()
		if err != nil {
			return nil, fmt.Errorf("list schedules: %w", err)
		}
		if strings.HasPrefix(entry.ID, schedulePrefix) && entry.WorkflowType.Name == workflows.ScanWorkflow {
			ids = append(ids, entry.ID)
		}
	}
	return ids, nil
}

// Next returns when, in real time, all customers are looked at next for a journey: zero where somebody paused its schedule, not there where it has
// none.
func (s *Schedules) Next(ctx context.Context, journey string) (at time.Time, there bool, err error) {
	described, err := s.Temporal.ScheduleClient().GetHandle(ctx, ScheduleID(journey)).Describe(ctx)
	if _, none := errors.AsType[*serviceerror.NotFound](err); none {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, fmt.Errorf("look at the schedule of %s: %w", journey, err)
	}
	if paused := described.Schedule.State != nil && described.Schedule.State.Paused; paused || len(described.Info.NextActionTimes) == 0 {
		return time.Time{}, true, nil
	}
	return described.Info.NextActionTimes[0], true, nil
}

func (s *Schedules) remove(ctx context.Context, id string) (removed bool, err error) {
	err = s.Temporal.ScheduleClient().GetHandle(ctx, id).Delete(ctx)
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("remove the schedule %s: %w", id, err)
	}
	return true, nil
}

// set changes a schedule where it differs, or creates it. Whoever paused it finds it paused.
func (s *Schedules) set(ctx context.Context, id string, want scan) (differed bool, err error) {
	err = s.Temporal.ScheduleClient().GetHandle(ctx, id).Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			differed = want.differs(in.Description.Schedule)
			if !differed {
				return nil, temporal.ErrSkipScheduleUpdate
			}
			changed := in.Description.Schedule
			changed.Spec, changed.Action, changed.Policy = want.spec(), want.action(), want.policy()
			if !changed.State.Paused {
				changed.State.Note = want.note()
			}
			return &client.ScheduleUpdate{Schedule: &changed}, nil
		},
	})
	if _, missing := errors.AsType[*serviceerror.NotFound](err); missing {
		return s.create(ctx, id, want)
	}
	if err != nil && !errors.Is(err, temporal.ErrSkipScheduleUpdate) {
		return false, fmt.Errorf("change the schedule %s: %w", id, err)
	}
	return differed, nil
}

// create creates a schedule, unless another process did just now.
func (s *Schedules) create(ctx context.Context, id string, want scan) (created bool, err error) {
	policy := want.policy()
	_, err = s.Temporal.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID: id, Spec: *want.spec(), Action: want.action(), Overlap: policy.Overlap, CatchupWindow: policy.CatchupWindow, Note: want.note(),
	})
	if _, there := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); there || errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("create the schedule %s: %w", id, err)
	}
	return true, nil
}

func (w scan) spec() *client.ScheduleSpec {
	return &client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: w.real, Offset: w.offset()}}}
}

// offset spreads journeys with the same interval over up to an hour of it, always in the same way.
func (w scan) offset() time.Duration {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(w.journey))                      // a hash takes everything
	over := uint64(min(w.real, longestOffset) / time.Second) //nolint:gosec // at least a second
	return time.Duration(sum.Sum64()%over) * time.Second     //nolint:gosec // less than an hour of seconds
}

func (w scan) policy() *client.SchedulePolicies {
	return &client.SchedulePolicies{
		Overlap: enums.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: max(w.real, shortestCatchup),
	}
}

func (w scan) action() *client.ScheduleWorkflowAction {
	return &client.ScheduleWorkflowAction{
		ID: ScheduleID(w.journey), Workflow: workflows.ScanWorkflow, Args: []any{workflows.ScanRequest{Journey: w.journey}},
		TaskQueue: workflows.JourneysQueue, StaticSummary: "Who enters " + w.title + "?",
	}
}

func (w scan) note() string {
	return fmt.Sprintf("Looks at every customer every %s, and lets those enter %s who do by its rule. Made by publishing the journey.", w.every, w.title)
}

// differs says whether a schedule is not as it should be. Its arguments follow from its id.
func (w scan) differs(is client.Schedule) bool {
	spec, policy := w.spec(), w.policy()
	action, ok := is.Action.(*client.ScheduleWorkflowAction)
	if !ok || is.Spec == nil || is.Policy == nil {
		return true
	}
	return !slices.Equal(is.Spec.Intervals, spec.Intervals) || len(is.Spec.Calendars)+len(is.Spec.CronExpressions) > 0 ||
		*is.Policy != *policy || action.Workflow != workflows.ScanWorkflow || action.TaskQueue != workflows.JourneysQueue ||
		action.StaticSummary != w.action().StaticSummary
}
