package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// searchAttribute is what a manager filters enrollments by, and its slot: a column of Temporal's table of runs.
type searchAttribute struct {
	name, slot string
	holds      enumspb.IndexedValueType
}

// searchAttributes are those of an enrollment. There are 10 slots for keywords and 3 for each other type, so they are few. Each has a slot of its own,
// and not one that the server picks by chance: [spareIndexes] speaks of slots.
func searchAttributes() []searchAttribute {
	const keyword, number, instant = enumspb.INDEXED_VALUE_TYPE_KEYWORD, enumspb.INDEXED_VALUE_TYPE_INT, enumspb.INDEXED_VALUE_TYPE_DATETIME
	return []searchAttribute{
		{"Journey", "Keyword01", keyword},
		{"CustomerId", "Keyword02", keyword},
		{"Owner", "Keyword03", keyword},
		{"Outcome", "Keyword04", keyword},
		{"Step", "Keyword05", keyword},
		{"JourneyVersion", "Int01", number},
		{"Star", "Int02", number},
		{"NextAt", "Datetime01", instant},
	}
}

// prepareNamespace makes the namespace and its search attributes where they are missing. It goes through the public API,
// so it serves any persistence.
func prepareNamespace(ctx context.Context, frontend netip.AddrPort, namespace string, retention time.Duration) error {
	conn, err := grpc.NewClient(frontend.String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("connecting to the frontend: %w", err)
	}
	defer func() { _ = conn.Close() }() // all its calls have been answered

	workflows := workflowservice.NewWorkflowServiceClient(conn)
	_, err = workflows.RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace:                        namespace,
		WorkflowExecutionRetentionPeriod: durationpb.New(retention),
	}, grpc.WaitForReady(true))
	if exists := (*serviceerror.NamespaceAlreadyExists)(nil); err != nil && !errors.As(serviceerror.FromStatus(status.Convert(err)), &exists) {
		return fmt.Errorf("making namespace %s: %w", namespace, err)
	}

	if err := registerAttributes(ctx, workflows, operatorservice.NewOperatorServiceClient(conn), namespace); err != nil {
		return fmt.Errorf("registering search attributes in namespace %s: %w", namespace, err)
	}
	return nil
}

// registerAttributes registers the attributes that are missing, each in its slot, or in any where that is taken.
func registerAttributes(
	ctx context.Context, workflows workflowservice.WorkflowServiceClient, operator operatorservice.OperatorServiceClient, namespace string,
) error {
	described, err := workflows.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
	if err != nil {
		return err
	}
	taken := described.GetConfig().GetCustomSearchAttributeAliases()
	registered := slices.Collect(maps.Values(taken))
	free, anywhere := map[string]string{}, map[string]enumspb.IndexedValueType{}
	for _, a := range searchAttributes() {
		switch {
		case slices.Contains(registered, a.name):
		case taken[a.slot] == "":
			free[a.slot] = a.name
		default:
			anywhere[a.name] = a.holds
		}
	}
	if len(free) > 0 {
		_, err := workflows.UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{
			Namespace: namespace, Config: &namespacepb.NamespaceConfig{CustomSearchAttributeAliases: free},
		})
		if err != nil {
			return err
		}
	}
	if len(anywhere) > 0 {
		_, err = operator.AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{Namespace: namespace, SearchAttributes: anywhere})
	}
	return err
}
