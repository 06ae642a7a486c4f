package main

import (
	"log/slog"

	"go.temporal.io/sdk/client"

	"perennial/activities"
	"perennial/config"
	"perennial/store"
	"perennial/workflows"
)

// entrance is how customers enter journeys from this process.
func entrance(settings config.Config, s *store.Store, temporal client.Client, namespace string, logger *slog.Logger) *activities.Entrance {
	return &activities.Entrance{
		Store: s, Versions: activities.NewVersions(s), Temporal: temporal, Namespace: namespace, Clock: settings.Clock,
		Patience: workflows.Patience(settings.Patience), Pages: settings.Public(), Log: logger,
	}
}
