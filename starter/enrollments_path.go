package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/sdk/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"perennial/config"
	"perennial/store"
	"perennial/workflows"
)

// passed is one thing that an enrollment did, as its run tells it.
type passed struct {
	When    string `json:"when"` // on the customer's wall
	Step    string `json:"step"`
	Channel string `json:"channel,omitempty"`
	What    string `json:"what"`
}

// metadataQuery is the query by which Temporal's UI asks a run for its details.
const metadataQuery = "__temporal_workflow_metadata"

// errForgotten is that Temporal has no run of an enrollment: it keeps those that have closed only for a while.
var errForgotten = errors.New("its run is gone from Temporal")

// path asks an enrollment's run for the last things that it did, the newest first. A worker must be there to answer, also where the run has closed.
func (c *console) path(ctx context.Context, settings config.Config, e store.Enrollment) ([]passed, error) {
	if e.StartedAt.IsZero() {
		return nil, nil
	}
	temporal, err := c.dial(ctx, settings)
	if err != nil {
		return nil, err
	}
	defer temporal.Close()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	run, err := runOf(ctx, temporal, e)
	if err != nil {
		return nil, err
	}
	answer, err := temporal.QueryWorkflow(ctx, workflows.WorkflowID(e.Journey, e.Customer, e.Key), run, metadataQuery)
	if err != nil {
		return nil, unreachable("no worker told it", err, "is one running? `starter doctor` says")
	}
	var told sdk.WorkflowMetadata
	if err := answer.Get(&told); err != nil {
		return nil, fmt.Errorf("read what the run tells: %w", err)
	}
	return readPast(told.GetCurrentDetails()), nil
}

// runOf is the newest run of an enrollment. Its workflow's id is also that of other enrollments, where the customer came in more than once.
func runOf(ctx context.Context, temporal client.Client, e store.Enrollment) (string, error) {
	id := workflows.WorkflowID(e.Journey, e.Customer, e.Key)
	request := &workflowservice.ListWorkflowExecutionsRequest{Query: fmt.Sprintf("WorkflowId = %q", id)}
	for {
		page, err := temporal.ListWorkflow(ctx, request)
		if err != nil {
			return "", fmt.Errorf("look for its run: %w", err)
		}
		for _, run := range page.GetExecutions() {
			if enrollmentOf(run.GetMemo()) == e.ID {
				return run.GetExecution().GetRunId(), nil
			}
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return "", errForgotten
		}
	}
}

// enrollmentOf is the enrollment that a run's memo names; 0 where it names none.
func enrollmentOf(memo *common.Memo) int64 {
	var id int64
	if converter.GetDefaultDataConverter().FromPayload(memo.GetFields()[workflows.MemoEnrollment], &id) != nil {
		return 0
	}
	return id
}

// readPast reads the table of the things done out of a run's details, see [workflows.Details].
func readPast(details string) []passed {
	_, table, found := strings.Cut(details, "| when, ")
	if !found {
		return nil
	}
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Split(table, "\n")
	var all []passed
	for _, row := range rows[min(2, len(rows)):] { // below the heading and its line
		cells := strings.SplitN(strings.TrimSuffix(strings.TrimPrefix(row, "| "), " |"), " | ", 4)
		if len(cells) == 4 {
			all = append(all, passed{cells[0], cells[1], cells[2], strings.ReplaceAll(cells[3], `\|`, "|")})
		}
	}
	return all
}

// writePath writes what an enrollment did, or why that can't be told.
func writePath(p *page, path []passed, untold error) {
	if untold != nil {
		p.line("What it did step by step can't be told: %s.", strings.TrimSuffix(untold.Error(), "?"))
		p.line("")
		return
	}
	if len(path) == 0 {
		return
	}
	var rows [][]string
	for _, done := range path {
		rows = append(rows, []string{done.When, done.Step, done.Channel, done.What})
	}
	p.line("The last things that it did:")
	p.table("", []string{"WHEN", "STEP", "CHANNEL", "WHAT"}, rows)
	p.line("")
}
