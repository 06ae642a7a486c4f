package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"perennial/store"
	"perennial/workflows"
)

var _ workflows.ScanActivities = (*Entrance)(nil)

// cursor is how far a scan has come: what the next attempt is told after a crash. All up to the customer After are done.
type cursor struct {
	Begun   time.Time         `json:"begun"` // by the stack's clock
	After   string            `json:"after,omitempty"`
	Scanned workflows.Scanned `json:"scanned"`
}

// unclearLogged is how many customers of one scan the log names whom the rule can't be evaluated on: where it is the rule, it is everybody.
const unclearLogged = 10

// ScanCustomers looks at every customer by the order of ids, and lets those enter who do by the rule of the journey's newest version. It writes down
// how far it is after each page, and goes on from there. Nobody enters twice in one scan, however often it begins anew.
func (e *Entrance) ScanCustomers(ctx context.Context, r workflows.ScanRequest) (workflows.Scanned, error) {
	rule, err := e.OwnRule(ctx, r.Journey)
	if errors.Is(err, ErrNoRule) || errors.Is(err, ErrRetired) || errors.Is(err, store.ErrNotFound) {
		return workflows.Scanned{Note: err.Error()}, nil // its schedule is about to be removed
	}
	if err != nil {
		return workflows.Scanned{}, err
	}
	at := cursor{Begun: e.now()}
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &at); err != nil {
			return workflows.Scanned{}, fmt.Errorf("read how far the scan was: %w", err)
		}
	}
	for {
		activity.RecordHeartbeat(ctx, at)
		more, err := e.scanPage(ctx, rule, &at)
		if err != nil || !more {
			return at.Scanned, err
		}
		select {
		case <-activity.GetWorkerStopChannel(ctx):
			activity.RecordHeartbeat(ctx, at)
			return at.Scanned, temporal.NewApplicationError("the worker stops; the scan goes on where it was", "Stopped")
		default:
		}
	}
}

// scanPage looks at the next page, and moves the cursor behind it when all who enter have entered.
func (e *Entrance) scanPage(ctx context.Context, rule *Rule, at *cursor) (more bool, err error) {
	page, err := e.Look(ctx, rule, at.After, time.Time{})
	if err != nil || page.Last == "" {
		return false, err
	}
	next := *at
	next.After = page.Last
	next.Scanned.Looked += page.Looked
	for _, unclear := range page.Unclear {
		e.unclear(rule, next.Scanned.Failed, unclear)
		next.Scanned.Failed++
	}
	err = e.Admit(ctx, rule, page.Entrants, "scan of "+at.Begun.Format(time.RFC3339), func(a Admitted) {
		activity.RecordHeartbeat(ctx, *at) // of the page before: this one is not done
		switch {
		case a.Err != nil:
			e.unclear(rule, next.Scanned.Failed, Unclear{Customer: a.Customer.ID, Why: a.Err})
			next.Scanned.Failed++
		case a.Entry == store.Entered || a.Entry == store.EnteredBefore && !a.Enrollment.EnteredAt.Before(at.Begun.Truncate(time.Microsecond)):
			next.Scanned.Entered++
		default:
			next.Scanned.Refused++
		}
	})
	if err != nil {
		return false, err
	}
	*at = next
	return true, nil
}

// unclear logs the first customers of a scan who could not be judged or enrolled.
func (e *Entrance) unclear(rule *Rule, before int, unclear Unclear) {
	if before >= unclearLogged {
		return
	}
	e.Log.Warn("A customer does not enter by a scan.", "journey", rule.Journey(), "version", rule.Version(), "customer", unclear.Customer, "why", firstOf(unclear.Why))
}
