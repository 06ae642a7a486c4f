package stacktest

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"perennial/deploy/stack"
)

// A variable for the same reason as the one of PostgreSQL.
var temporal = sync.OnceValues(startTemporal)

// server is the test binary's Temporal.
type server struct {
	*stack.Devserver
	namespaces atomic.Int64
}

// Temporal returns the host and port of a Temporal whose namespace default has Perennial's search attributes. All tests
// of the binary share it: they need ids of their own, or a [Namespace].
func Temporal(tb testing.TB) string {
	tb.Helper()
	s, err := temporal()
	if err != nil {
		tb.Fatalf("Temporal for tests: %v", err)
	}
	return s.Frontend
}

// Namespace returns a new, empty namespace of that Temporal, with the same search attributes.
func Namespace(tb testing.TB) string {
	tb.Helper()
	s, err := temporal()
	if err != nil {
		tb.Fatalf("Temporal for tests: %v", err)
	}
	name := "test" + strconv.FormatInt(s.namespaces.Add(1), 10)
	if err := s.makeNamespace(tb.Context(), name); err != nil {
		tb.Fatal(err)
	}
	return name
}

func (s *server) makeNamespace(ctx context.Context, name string) error {
	c, err := client.DialContext(ctx, client.Options{HostPort: s.Frontend})
	if err != nil {
		return fmt.Errorf("making namespace %s: %w", name, err)
	}
	defer c.Close()
	_, err = c.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace:                        name,
		WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	})
	if err != nil {
		return fmt.Errorf("making namespace %s: %w", name, err)
	}
	model, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: client.DefaultNamespace})
	if err != nil {
		return fmt.Errorf("listing search attributes: %w", err)
	}
	_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace:        name,
		SearchAttributes: model.GetCustomAttributes(),
	})
	if err != nil {
		return fmt.Errorf("registering search attributes in namespace %s: %w", name, err)
	}
	return nil
}

func startTemporal() (*server, error) {
	root, err := stack.Root(".")
	if err != nil {
		return nil, err
	}
	d, err := stack.StartDevserver(context.Background(), stack.DevserverOptions{Root: root})
	if err != nil {
		return nil, err
	}
	return &server{Devserver: d}, nil
}
