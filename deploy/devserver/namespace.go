package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// searchAttributes are what a manager filters enrollments by. SQL visibility has 10 slots for keywords and 3 for each
// other type, so they are few.
func searchAttributes() map[string]enumspb.IndexedValueType {
	return map[string]enumspb.IndexedValueType{
		"Journey":        enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"JourneyVersion": enumspb.INDEXED_VALUE_TYPE_INT,
		"CustomerId":     enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"Step":           enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"Star":           enumspb.INDEXED_VALUE_TYPE_INT,
		"Owner":          enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"Outcome":        enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"NextAt":         enumspb.INDEXED_VALUE_TYPE_DATETIME,
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

	_, err = workflowservice.NewWorkflowServiceClient(conn).RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace:                        namespace,
		WorkflowExecutionRetentionPeriod: durationpb.New(retention),
	}, grpc.WaitForReady(true))
	if exists := (*serviceerror.NamespaceAlreadyExists)(nil); err != nil && !errors.As(serviceerror.FromStatus(status.Convert(err)), &exists) {
		return fmt.Errorf("making namespace %s: %w", namespace, err)
	}

	operator := operatorservice.NewOperatorServiceClient(conn)
	missing, err := missingAttributes(ctx, operator, namespace)
	if err != nil {
		return err
	}
	if len(missing) == 0 {
		return nil
	}
	if _, err := operator.AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace:        namespace,
		SearchAttributes: missing,
	}); err != nil {
		return fmt.Errorf("registering search attributes in namespace %s: %w", namespace, err)
	}
	return nil
}

func missingAttributes(ctx context.Context, operator operatorservice.OperatorServiceClient, namespace string) (map[string]enumspb.IndexedValueType, error) {
	have, err := operator.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return nil, fmt.Errorf("listing the search attributes of namespace %s: %w", namespace, err)
	}
	missing := searchAttributes()
	maps.DeleteFunc(missing, func(name string, _ enumspb.IndexedValueType) bool {
		_, registered := have.GetCustomAttributes()[name]
		return registered
	})
	return missing, nil
}
