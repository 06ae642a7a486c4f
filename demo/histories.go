package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/proto"
)

// histories are what Temporal remembers of the runs, as it stores them.
type histories struct {
	raw         [][]byte
	failedTasks int
}

// read reads the newest run of a workflow, and says whether it has closed.
func (h *histories) read(ctx context.Context, c client.Client, workflowID string) (closed bool, err error) {
	var raw bytes.Buffer
	events := c.GetWorkflowHistory(ctx, workflowID, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return false, fmt.Errorf("read the history of %s: %w", workflowID, err)
		}
		switch event.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_TASK_FAILED:
			// A signal that came while a run was closing makes it look again: that is as it should be.
			if event.GetWorkflowTaskFailedEventAttributes().GetCause() != enums.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND {
				h.failedTasks++
			}
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, enums.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
			enums.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED, enums.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:
			closed = true
		}
		encoded, err := proto.Marshal(event)
		if err != nil {
			return false, fmt.Errorf("read the history of %s: %w", workflowID, err)
		}
		raw.Write(encoded)
	}
	h.raw = append(h.raw, raw.Bytes())
	return closed, nil
}

// holding counts the histories that hold one of these texts, as it is or as JSON writes it.
func (h *histories) holding(texts []string) int {
	var needles [][]byte
	for _, text := range texts {
		needles = append(needles, []byte(text))
		if encoded, err := json.Marshal(text); err == nil {
			needles = append(needles, bytes.Trim(encoded, `"`))
		}
	}
	found := 0
	for _, raw := range h.raw {
		if slices.ContainsFunc(needles, func(needle []byte) bool { return bytes.Contains(raw, needle) }) {
			found++
		}
	}
	return found
}
