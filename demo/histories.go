package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"perennial/domain/contact"
	"perennial/domain/journey"
	"perennial/workflows"
)

// histories are what Temporal remembers of the runs.
type histories struct {
	runs        []run
	open        map[int64]bool // enrollments that were read, and whether their newest run is open
	held        map[string]int // how often a touch was held, by reason
	failedTasks []string       // the workflow tasks that failed by themselves: in which workflow, and why
}

// run is the history of one run, as Temporal stores it.
type run struct {
	customer string
	raw      []byte
}

// Histories are what Temporal remembers of the runs of journeys.
type Histories struct{ read histories }

// ReadHistories reads every run of every journey that Temporal knows of.
func ReadHistories(ctx context.Context, c client.Client) (Histories, error) {
	var h Histories
	err := h.read.readAll(ctx, c)
	return h, err
}

// Runs is how many there are.
func (h Histories) Runs() int { return len(h.read.runs) }

// Open says of each enrollment that has a run whether the newest one goes on.
func (h Histories) Open() map[int64]bool { return h.read.open }

// FailedTasks are the workflow tasks that failed by themselves: in which workflow, and why.
func (h Histories) FailedTasks() []string { return h.read.failedTasks }

// Holding counts the histories that hold one of the texts of their customer.
func (h Histories) Holding(texts map[string][]string) int { return h.read.holding(texts) }

// readAll reads every run of every journey that Temporal knows of: one that entered again has a workflow of the same id.
func (h *histories) readAll(ctx context.Context, c client.Client) error {
	h.open, h.held = map[int64]bool{}, map[string]int{}
	request := &workflowservice.ListWorkflowExecutionsRequest{Query: "WorkflowType = '" + workflows.JourneyWorkflow + "'", PageSize: 500}
	for {
		page, err := c.ListWorkflow(ctx, request)
		if err != nil {
			return fmt.Errorf("list the runs of journeys: %w", err)
		}
		for _, e := range page.GetExecutions() {
			if err := h.read(ctx, c, e.GetExecution()); err != nil {
				return err
			}
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return nil
		}
	}
}

// read reads one run.
func (h *histories) read(ctx context.Context, c client.Client, e *common.WorkflowExecution) error {
	var of workflows.Enrollment
	var raw bytes.Buffer
	ended, goesOn := false, false
	asked := map[int64]string{} // activities, by the event that scheduled them
	events := c.GetWorkflowHistory(ctx, e.GetWorkflowId(), e.GetRunId(), false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return fmt.Errorf("read the history of %s: %w", e.GetWorkflowId(), err)
		}
		switch event.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
			if err := decode(event.GetWorkflowExecutionStartedEventAttributes().GetInput(), &of); err != nil {
				return fmt.Errorf("read the history of %s: %w", e.GetWorkflowId(), err)
			}
		case enums.EVENT_TYPE_WORKFLOW_TASK_FAILED:
			// A signal that came while a run was closing makes it look again: that is as it should be.
			failed := event.GetWorkflowTaskFailedEventAttributes()
			if failed.GetCause() != enums.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND {
				h.failedTasks = append(h.failedTasks, fmt.Sprintf("in %s, at event %d: %s: %s", e.GetWorkflowId(), event.GetEventId(), failed.GetCause(), failed.GetFailure().GetMessage()))
			}
		case enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			asked[event.GetEventId()] = event.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName()
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
			goesOn = true
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, enums.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
			enums.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED, enums.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:
			ended = true
		}
		if err := h.countHold(event, asked); err != nil {
			return fmt.Errorf("read the history of %s: %w", e.GetWorkflowId(), err)
		}
		encoded, err := proto.Marshal(event)
		if err != nil {
			return fmt.Errorf("read the history of %s: %w", e.GetWorkflowId(), err)
		}
		raw.Write(encoded)
	}
	h.runs = append(h.runs, run{of.Customer, raw.Bytes()})
	if !goesOn {
		h.open[of.ID] = !ended
	}
	return nil
}

// countHold counts the answer "later" of the contact policy, when a touch was planned and when it was about to leave.
func (h *histories) countHold(event *historypb.HistoryEvent, asked map[int64]string) error {
	if marker := event.GetMarkerRecordedEventAttributes(); marker.GetMarkerName() == "LocalActivity" {
		var what struct{ ActivityType string }
		if err := decode(marker.GetDetails()["data"], &what); err != nil || what.ActivityType != workflows.ActivityPlan || marker.GetFailure() != nil {
			return err
		}
		var planned journey.Planned
		if err := decode(marker.GetDetails()["result"], &planned); err != nil {
			return err
		}
		if planned.Answer.Verdict == contact.Hold {
			h.held[string(planned.Answer.Reason)]++
		}
		return nil
	}
	done := event.GetActivityTaskCompletedEventAttributes()
	if done == nil || asked[done.GetScheduledEventId()] != workflows.ActivityDeliver {
		return nil
	}
	var delivered journey.Delivered
	if err := decode(done.GetResult(), &delivered); err != nil {
		return err
	}
	if delivered.How == journey.Held {
		h.held[string(delivered.Reason)]++
	}
	return nil
}

func decode(payloads *common.Payloads, into any) error {
	return converter.GetDefaultDataConverter().FromPayloads(payloads, into)
}

// holding counts the histories that hold one of the texts of their customer, as it is or as JSON writes it.
func (h *histories) holding(texts map[string][]string) int {
	needles := map[string][][]byte{}
	for customer, all := range texts {
		for _, text := range all {
			needles[customer] = append(needles[customer], []byte(text))
			if encoded, err := json.Marshal(text); err == nil {
				needles[customer] = append(needles[customer], bytes.Trim(encoded, `"`))
			}
		}
	}
	found := 0
	for _, r := range h.runs {
		if slices.ContainsFunc(needles[r.customer], func(needle []byte) bool { return bytes.Contains(r.raw, needle) }) {
			found++
		}
	}
	return found
}
