package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"perennial/domain/journey"
)

// Journey is one customer's passage through one journey. It carries out the machine's commands and tells it what happened.
func Journey(ctx workflow.Context, e Enrollment) (Result, error) {
	r := setup(ctx, e)
	return r.run()
}

// run is one run of the workflow.
type run struct {
	Enrollment

	ctx      workflow.Context // cancelled when somebody cancels the run
	quiet    workflow.Context // the same, disconnected: what must be done in spite of that
	plan     *journey.Plan
	state    journey.State
	controls workflow.Channel // of control, from update handlers
	events   workflow.ReceiveChannel
	receipts workflow.ReceiveChannel
	updates  []string // ids of the updates that acted

	timer     timer
	delivery  delivery
	cancelled bool // somebody cancelled the run
	ended     bool // the outcome is written down
	shown     shown
}

// timer is the one timer of a run; the loser of a race is cancelled.
type timer struct {
	until  time.Time
	fires  workflow.Future
	cancel workflow.CancelFunc
}

// delivery is the touch in flight.
type delivery struct {
	ends   workflow.Future
	cancel workflow.CancelFunc
}

// control is what an update asks, on its way to the loop.
type control struct {
	asked journey.Happened
	done  *bool
}

func setup(ctx workflow.Context, e Enrollment) *run {
	quiet, _ := workflow.NewDisconnectedContext(ctx)
	r := &run{
		Enrollment: e,
		ctx:        ctx,
		quiet:      quiet,
		controls:   workflow.NewBufferedChannel(ctx, 64),
		events: workflow.GetSignalChannelWithOptions(ctx, SignalEvent, workflow.SignalChannelOptions{
			Description: "A fact from outside, sent by the gateway.",
		}),
		receipts: workflow.GetSignalChannelWithOptions(ctx, SignalReceipt, workflow.SignalChannelOptions{
			Description: "A provider's word on whether a touch arrived, sent by the gateway.",
		}),
	}
	r.handle()
	return r
}

func (r *run) run() (Result, error) {
	command := r.begin()
	for !r.ended {
		var happened journey.Happened
		switch c := command.(type) {
		case journey.PlanTouch:
			happened = r.planTouch(c)
		case journey.Schedule:
			happened = r.schedule(c)
		case journey.Evaluate:
			happened = r.evaluate(c)
		case journey.SetAttributes:
			happened = r.setAttributes(c)
		case journey.StartJourney:
			happened = r.startJourney(c)
		case journey.Finish:
			happened = r.finish(c)
			r.ended = happened == nil
		case journey.Deliver:
			r.deliver(c)
			happened = r.await()
		case journey.Interrupt:
			r.interrupt()
			happened = r.await()
		case journey.WaitUntil:
			if r.mayContinueAsNew() {
				return Result{}, r.continueAsNew()
			}
			r.arm(c.Until)
			happened = r.await()
		default:
			happened = r.await()
		}
		if !r.ended {
			command = r.next(happened)
		}
	}
	return r.result()
}

// next tells the machine what happened, and shows where the enrollment stands then.
func (r *run) next(happened journey.Happened) journey.Command {
	var command journey.Command
	r.state, command = r.plan.Next(r.state, happened, r.now())
	r.show(command)
	return command
}

// begin loads the plan, and enters the journey or goes on with it.
func (r *run) begin() journey.Command {
	if r.Carried != nil {
		if err := journey.KnownState(r.Carried.State.Encoding); err != nil {
			panic(err)
		}
		r.state, r.updates = r.Carried.State, r.Carried.Updates
	}
	for pause := time.Minute; ; pause = min(2*pause, time.Hour) {
		var begun Begun
		err := r.local(ActivityBegin, "Load the plan", BeginRequest{
			Enrollment: r.ID, Journey: r.Journey, Version: r.Version, Customer: r.Customer, At: r.now(),
		}, &begun)
		if err == nil {
			r.plan = &begun.Plan
			if begun.Outcome != "" { // it ended before: whoever started this run came too late
				r.state.Outcome, r.ended = begun.Outcome, true
				return nil
			}
			if r.Carried != nil {
				return r.next(journey.Continued{})
			}
			return r.next(journey.Entered{GoalUntil: begun.GoalUntil, By: r.EnteredBy, Zone: begun.Zone})
		}
		if why, broken := brokenBecause(err); broken {
			r.plan = &journey.Plan{}
			return r.next(journey.Broken{Why: why})
		}
		if workflow.Sleep(r.ctx, pause) != nil {
			r.plan = &journey.Plan{}
			r.cancelled = true
			return r.next(journey.ExitAsked{Reason: journey.ByHand})
		}
	}
}

// await waits for the first thing to happen. Of things that happened at once, what may end or change the enrollment goes first, so that no
// message goes out after the fact that made it needless.
func (r *run) await() journey.Happened {
	var happened journey.Happened
	selector := workflow.NewSelector(r.quiet)
	if !r.cancelled {
		selector.AddReceive(r.ctx.Done(), func(workflow.ReceiveChannel, bool) {
			r.cancelled = true
			happened = journey.ExitAsked{Reason: journey.ByHand}
		})
	}
	selector.AddReceive(r.controls, func(c workflow.ReceiveChannel, _ bool) {
		var asked control
		c.Receive(r.quiet, &asked)
		*asked.done = true
		happened = asked.asked
	})
	selector.AddReceive(r.events, func(c workflow.ReceiveChannel, _ bool) {
		var event journey.Event
		c.Receive(r.quiet, &event)
		happened = journey.EventCame{Event: event}
	})
	selector.AddReceive(r.receipts, func(c workflow.ReceiveChannel, _ bool) {
		var receipt journey.Receipt
		c.Receive(r.quiet, &receipt)
		happened = journey.ReceiptCame{Receipt: receipt}
	})
	if r.delivery.ends != nil {
		selector.AddFuture(r.delivery.ends, func(f workflow.Future) {
			happened = r.delivered(f)
		})
	}
	if r.timer.fires != nil {
		selector.AddFuture(r.timer.fires, func(workflow.Future) {
			r.timer = timer{}
			happened = journey.TimeCame{}
		})
	}
	selector.Select(r.quiet)
	return happened
}

// arm makes the run's timer fire at until. A timer that runs for the same instant goes on; another one is cancelled.
func (r *run) arm(until time.Time) {
	if r.timer.fires != nil && r.timer.until.Equal(until) {
		return
	}
	r.disarm()
	if until.IsZero() {
		return
	}
	ctx, cancel := workflow.WithCancel(r.quiet)
	r.timer = timer{
		until:  until,
		cancel: cancel,
		fires: workflow.NewTimerWithOptions(ctx, r.Clock.RealDuration(until.Sub(r.now())), workflow.TimerOptions{
			Summary: waitSummary(r.plan, r.state),
		}),
	}
}

func (r *run) disarm() {
	if r.timer.cancel != nil {
		r.timer.cancel()
	}
	r.timer = timer{}
}

// now is the stack's time, at the workflow's time.
func (r *run) now() time.Time { return r.Clock.At(workflow.Now(r.ctx)).UTC() }

// result ends the run, and says whether it went well to those who only look at its status.
func (r *run) result() (Result, error) {
	r.disarm()
	if err := workflow.Await(r.quiet, func() bool { return workflow.AllHandlersFinished(r.quiet) }); err != nil {
		return Result{}, err
	}
	result := Result{Outcome: r.state.Outcome}
	switch {
	case r.cancelled:
		return result, temporal.NewCanceledError(r.state.Outcome)
	case journey.HasFailed(r.state.Outcome):
		return result, temporal.NewNonRetryableApplicationError(r.state.Outcome, "JourneyFailed", nil)
	}
	return result, nil
}

// longHistory is the number of events after which a run ends at the rest between two rounds. It is a quarter of those at which the server suggests
// a new run, and some twenty rounds: whoever wakes such a run, months later, reads its history from the beginning.
const longHistory = 1_000

// mayContinueAsNew says whether it is time for a new run and nothing hinders it.
func (r *run) mayContinueAsNew() bool {
	info := workflow.GetInfo(r.ctx)
	long := info.GetContinueAsNewSuggested() || betweenRounds(r.plan, r.state) && info.GetCurrentHistoryLength() > longHistory
	return long &&
		r.delivery.ends == nil && !r.cancelled && r.ctx.Err() == nil && r.controls.Len() == 0 && workflow.AllHandlersFinished(r.ctx)
}

// betweenRounds says whether an enrollment rests between two rounds.
func betweenRounds(plan *journey.Plan, s journey.State) bool {
	step, _ := plan.Step(s.Step)
	return step.Verb == journey.Repeat && s.Phase == journey.Waiting
}

// continueAsNew hands over to a new run, with the events and receipts that have come and not been looked at.
func (r *run) continueAsNew() error {
	r.disarm()
	var event journey.Event
	for r.events.ReceiveAsync(&event) {
		r.state = r.state.Receive(event)
	}
	var receipt journey.Receipt
	for r.receipts.ReceiveAsync(&receipt) {
		r.state, _ = r.state.Confirm(receipt)
	}
	next := r.Enrollment
	next.Carried = &Carried{State: r.state, Updates: r.updates[max(0, len(r.updates)-updatesKept):]}
	return workflow.NewContinueAsNewError(r.ctx, JourneyWorkflow, next)
}

// updatesKept is how many ids of updates are carried along: those that somebody may still repeat.
const updatesKept = 100

// brokenBecause returns the message of an error that no retry mends.
func brokenBecause(err error) (string, bool) {
	var application *temporal.ApplicationError
	if errors.As(err, &application) && application.NonRetryable() {
		return application.Message(), true
	}
	return "", false
}
