package activities

import (
	"context"

	"perennial/domain/journey"
	"perennial/domain/segment"
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
