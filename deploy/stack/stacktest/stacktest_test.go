package stacktest_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"perennial/deploy/stack/stacktest"
)

func TestEachTestGetsAnEmptyDatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for range 2 {
		conn, err := pgx.Connect(t.Context(), stacktest.Postgres(t))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "create table customer (id text primary key)"); err != nil {
			t.Error(err)
		}
		if err := conn.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestTextIsUTF8(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), stacktest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := conn.QueryRow(t.Context(), "select char_length('欢迎')").Scan(&n); err != nil || n != 2 {
		t.Errorf("characters in 欢迎: got %d, %v; want 2", n, err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWorkflowsCanCarryTheSearchAttributes(t *testing.T) {
	t.Parallel()
	for name, namespace := range map[string]string{"default": client.DefaultNamespace, "own": stacktest.Namespace(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := client.Dial(client.Options{HostPort: stacktest.Temporal(t), Namespace: namespace})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			w := worker.New(c, "stacktest", worker.Options{})
			w.RegisterWorkflowWithOptions(func(workflow.Context) error { return nil }, workflow.RegisterOptions{Name: "empty"})
			if err := w.Start(); err != nil {
				t.Fatal(err)
			}
			defer w.Stop()
			run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
				TaskQueue: "stacktest",
				TypedSearchAttributes: temporal.NewSearchAttributes(
					temporal.NewSearchAttributeKeyKeyword("Journey").ValueSet("onboarding"),
					temporal.NewSearchAttributeKeyInt64("Star").ValueSet(3),
				),
			}, "empty")
			if err != nil {
				t.Fatal(err)
			}
			if err := run.Get(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			described, err := c.DescribeWorkflowExecution(t.Context(), run.GetID(), "")
			if err != nil {
				t.Fatal(err)
			}
			if got := described.GetWorkflowExecutionInfo().GetStatus(); got != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED {
				t.Errorf("status: got %v", got)
			}
		})
	}
}
