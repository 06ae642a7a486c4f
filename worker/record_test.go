package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"perennial/store"
	"perennial/workflows"
)

// With -record the histories of these tests are written where package workflows replays them: once a release, so that its code stays able to
// take up what runs.
var record = flag.Bool("record", false, "write the histories of these tests to workflows/testdata/histories")

// release names the histories that are recorded: those of a release are kept for as long as its runs may live.
const release = "v0.1"

// record writes the histories of all enrollments of the test.
func (b *business) record() {
	if !*record {
		return
	}
	ctx := context.WithoutCancel(b.Context())
	found, err := b.store.Enrollments(ctx, store.EnrollmentFilter{}, 0, 100)
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range found {
		recorded := &history.History{}
		events := b.main.client.GetWorkflowHistory(ctx, workflows.WorkflowID(e.Journey, e.Customer, e.Key), "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			event, err := events.Next()
			if err != nil {
				b.Fatal(err)
			}
			recorded.Events = append(recorded.Events, event)
		}
		encoded, err := protojson.Marshal(recorded)
		if err != nil {
			b.Fatal(err)
		}
		name := release + "-" + strings.TrimPrefix(b.Name(), "Test") + ".json"
		if err := os.WriteFile(filepath.Join("..", "workflows", "testdata", "histories", name), append(encoded, '\n'), 0o644); err != nil {
			b.Fatal(err)
		}
	}
}
