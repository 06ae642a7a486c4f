package activities

import (
	"context"
	"time"

	"perennial/domain/journey"
	"perennial/domain/segment"
	"perennial/store"
	"perennial/workflows"
)

// Judge judges somebody by a plan's own rule.
func Judge(ctx context.Context, plan journey.Plan, cat segment.Catalogue, facts segment.Facts) ([]Place, error) {
	v := &version{number: 1, plan: &plan, catalogue: cat, evaluator: segment.NewEvaluator(cat)}
	r, err := v.rule()
	if err != nil {
		return nil, err
	}
	return r.judge(ctx, facts)
}

// What becomes of a touch in doubt, for tests.
const (
	OpenStill  = openStill
	SurelyNot  = surelyNot
	Unknowable = unknowable
)

var (
	JudgeDoubt = judge
	AskAgain   = askAgain
)

// SettleLeftBehind is what a sweep does about touches in doubt.
func (d *Deliveries) SettleLeftBehind(ctx context.Context, patience workflows.Patience) (int, error) {
	return d.settleLeftBehind(ctx, patience)
}

// What a sweep does about providers that do not work, and how long these are left alone, for tests.
func (d *Deliveries) TellOnCall(ctx context.Context, patience workflows.Patience) error {
	return d.tellOnCall(ctx, patience)
}

// Rest is how long a provider is left alone.
var Rest = rest

// Backoff is how long it is until a touch is tried again.
var Backoff = backoff

// Abreast is how a sweep does things: each is one of a customer.
func Abreast(ctx context.Context, things [][2]string, patience time.Duration, do func(context.Context, [2]string) error) (int, error) {
	return abreast(ctx, things, func(thing [2]string) string { return thing[0] }, patience, do)
}

// GiveUp gives up finding out whether a touch was sent, as it stood when somebody looked.
func (d *Deliveries) GiveUp(ctx context.Context, r workflows.DeliverRequest, looked store.Touch) (journey.Delivered, error) {
	return d.unconfirmed(ctx, r, &claimed{touch: looked}, "", "nobody can know")
}
