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
