package workflows

import (
	"errors"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"perennial/domain/customer"
	"perennial/domain/journey"
)

// local runs a local activity: it adds one event and no state transition to the task that runs anyway. With the database away it tries three
// times within five seconds; longer waits are the machine's, and interruptible.
func (r *run) local(name, summary string, request, result any) error {
	ctx := workflow.WithLocalActivityOptions(r.quiet, workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: 5 * time.Second,
		StartToCloseTimeout:    3 * time.Second,
		Summary:                summary,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    200 * time.Millisecond,
			BackoffCoefficient: 3,
			MaximumAttempts:    3,
		},
	})
	return workflow.ExecuteLocalActivity(ctx, name, request).Get(ctx, result)
}

// fed turns the error of a local activity into what the machine is told, and no error into what.
func fed(err error, what journey.Happened) journey.Happened {
	if err == nil {
		return what
	}
	if why, broken := brokenBecause(err); broken {
		return journey.Broken{Why: why}
	}
	return journey.Unavailable{}
}

func (r *run) planTouch(c journey.PlanTouch) journey.Happened {
	var planned journey.Planned
	err := r.local(ActivityPlan, "May we: "+c.Step.ID, PlanRequest{Touch: r.touch(c.Touch, c.Step, c.Since, c.Tried), At: c.At}, &planned)
	return fed(err, planned)
}

func (r *run) schedule(c journey.Schedule) journey.Happened {
	var scheduled journey.Scheduled
	err := r.local(ActivitySchedule, "Until when: "+c.Step.ID, ScheduleRequest{
		Enrollment: r.ID, Journey: r.Journey, Version: r.Version, Customer: r.Customer, Key: r.Key, Step: c.Step.ID,
		WaitingFor: scheduledFor(c.Step, r.state), Span: c.Span, By: c.By, Answers: c.Answers, Since: c.Since,
	}, &scheduled)
	return fed(err, scheduled)
}

func (r *run) evaluate(c journey.Evaluate) journey.Happened {
	request := EvaluateRequest{
		Enrollment: r.ID, Journey: r.Journey, Version: r.Version, Customer: r.Customer, Key: r.Key, Step: c.Step,
		Expressions: c.Expressions, Answers: c.Answers, At: c.At,
	}
	summary := "Which branch: " + c.Step
	if step, _ := r.plan.Step(c.Step); step.Verb == journey.Repeat {
		summary = "Another round: " + c.Step
	}
	if c.Event != nil {
		request.Event = c.Event.ID
		summary = "What follows from " + c.Event.Type
	}
	var evaluated journey.Evaluated
	err := r.local(ActivityEvaluate, summary, request, &evaluated)
	return fed(err, evaluated)
}

func (r *run) setAttributes(c journey.SetAttributes) journey.Happened {
	err := r.local(ActivitySet, "Set attributes: "+c.Step.ID, SetRequest{
		TouchKey: c.Touch, Enrollment: r.ID, Journey: r.Journey, Version: r.Version, Customer: r.Customer, Key: r.Key,
		Answers: c.Answers, At: c.At,
	}, nil)
	return fed(err, journey.Written{})
}

func (r *run) startJourney(c journey.StartJourney) journey.Happened {
	var started journey.Started
	err := r.local(ActivityStart, "Start "+c.Step.Journey+": "+c.Step.ID, StartRequest{
		TouchKey: c.Touch, Enrollment: r.ID, Customer: r.Customer, Start: c.Step.Journey, Key: r.Key, At: c.At,
	}, &started)
	return fed(err, started)
}

// finish returns nil once the outcome is written down, or can never be: the run must not outlive the enrollment.
func (r *run) finish(c journey.Finish) journey.Happened {
	err := r.local(ActivityFinish, "Write the outcome", FinishRequest{Enrollment: r.ID, Outcome: c.Outcome, At: r.now()}, nil)
	if why, broken := brokenBecause(err); broken {
		workflow.GetLogger(r.ctx).Error("An outcome can't be written down.", "enrollment", r.ID, "outcome", c.Outcome, "why", why)
		return nil
	}
	return fed(err, nil)
}

// deliver starts the delivery of a touch. It retries on the server without bound, since the touch itself expires; a worker that dies is
// noticed by its silence.
func (r *run) deliver(c journey.Deliver) {
	r.disarm()
	ctx, cancel := workflow.WithCancel(r.ctx)
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           DeliveryQueue(c.Channel),
		StartToCloseTimeout: r.Patience.Attempt(),
		HeartbeatTimeout:    r.Patience.Heartbeat(),
		WaitForCancellation: true,
		Summary:             deliverSummary(c),
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    time.Second,
			BackoffCoefficient: 2,
			MaximumInterval:    time.Minute, // after attempts that were lost or met no database: all others say themselves when the next one is due
		},
	})
	r.delivery = delivery{cancel: cancel, ends: workflow.ExecuteActivity(ctx, ActivityDeliver, DeliverRequest{
		Touch: r.touch(c.Touch, c.Step, c.Since, c.Tried), Channel: c.Channel, Due: c.Due, Patience: r.Patience,
	})}
}

// interrupt gives up the delivery in flight if its attempt has not begun; one that has begun ends by itself.
func (r *run) interrupt() {
	if r.delivery.cancel != nil {
		r.delivery.cancel()
	}
}

func (r *run) delivered(ends workflow.Future) journey.Happened {
	r.delivery = delivery{}
	var delivered journey.Delivered
	err := ends.Get(r.quiet, &delivered)
	var cancelled *temporal.CanceledError
	var failed *temporal.ActivityError
	switch {
	case err == nil:
		delivered.Unsure = r.unsure(delivered.How)
		return delivered
	case errors.As(err, &cancelled):
		return r.interrupted()
	case errors.As(err, &failed) && failed.RetryState() == enums.RETRY_STATE_CANCEL_REQUESTED: // its last attempt did not send it
		return r.interrupted()
	}
	if why, broken := brokenBecause(err); broken {
		return journey.Broken{Why: why}
	}
	return journey.Unavailable{}
}

// earlyAnswers is the change by which an answer is kept that comes while its question is in flight. Runs that let one go before go on as they did.
const earlyAnswers = "early answers"

// unsure says whether a delivery that ended so may have asked a question all the same: an attempt whose time is over is followed by another, and may
// yet go on where its worker was stopped. What the other one answered is then not the last word.
func (r *run) unsure(how journey.DeliveryEnd) bool {
	step, _ := r.plan.Step(r.state.Step)
	if step.Verb != journey.Ask || how != journey.Interrupted && how != journey.Held && how != journey.Replan {
		return false
	}
	return workflow.GetVersion(r.ctx, earlyAnswers, workflow.DefaultVersion, 1) != workflow.DefaultVersion
}

func (r *run) interrupted() journey.Happened {
	return journey.Delivered{How: journey.Interrupted, Unsure: r.unsure(journey.Interrupted)}
}

func (r *run) touch(key journey.TouchKey, step journey.Step, since time.Time, tried []customer.Channel) Touch {
	return Touch{
		TouchKey: key, Enrollment: r.ID, Journey: r.Journey, Version: r.Version, Customer: r.Customer, Key: r.Key,
		Kind: step.Verb, Notify: step.Notify, Fallback: !step.Fallback.IsZero(), Template: step.Template, Topic: step.Topic, Channels: step.Channels, Tried: tried,
		Since: since, Valid: step.Valid,
	}
}
