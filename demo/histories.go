package demo

import (
	"bytes"
	"context"
	"fmt"

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
			h.failedTasks++
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

// holding counts the histories that hold one of these texts.
func (h *histories) holding(texts []string) int {
	found := 0
	for _, raw := range h.raw {
		for _, text := range texts {
			if bytes.Contains(raw, []byte(text)) {
				found++
				break
			}
		}
	}
	return found
}
