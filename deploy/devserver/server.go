package main

import (
	"fmt"
	"net/netip"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
)

const clusterName = "active"

// startServer starts all services of Temporal in this process and returns when they listen.
func startServer(at addresses, persistence config.Persistence, settings dynamicconfig.Client, logger log.Logger) (temporal.Server, error) {
	server, err := temporal.NewServer(
		temporal.WithConfig(serverConfig(at, persistence)),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts(at)),
		temporal.WithDynamicConfigClient(settings),
		temporal.WithLogger(logger),
	)
	if err != nil {
		return nil, fmt.Errorf("configuring Temporal: %w", err)
	}
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("starting Temporal: %w", err)
	}
	return server, nil
}

func serverConfig(at addresses, persistence config.Persistence) *config.Config {
	return configure(at.frontend, persistence, map[string]config.Service{
		"frontend": service(at.frontend),
		"history":  service(at.history),
		"matching": service(at.matching),
		"worker":   service(at.worker),
	})
}

func configure(frontend netip.AddrPort, persistence config.Persistence, services map[string]config.Service) *config.Config {
	return &config.Config{
		Persistence: persistence,
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: frontend.String()},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services:            services,
		PublicClient:        config.PublicClient{HostPort: frontend.String()},
		Archival: config.Archival{
			History:    config.HistoryArchival{State: "disabled"},
			Visibility: config.VisibilityArchival{State: "disabled"},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
		}},
	}
}

func service(at netip.AddrPort) config.Service {
	return config.Service{RPC: config.RPC{GRPCPort: int(at.Port()), BindOnIP: at.Addr().String()}}
}

// hosts says where each service is, so that no gossip between hosts is needed to find them.
func hosts(at addresses) map[primitives.ServiceName]static.Hosts {
	one := func(at netip.AddrPort) static.Hosts {
		return static.Hosts{All: []string{at.String()}, Self: at.String()}
	}
	return map[primitives.ServiceName]static.Hosts{
		primitives.FrontendService: one(at.frontend),
		primitives.HistoryService:  one(at.history),
		primitives.MatchingService: one(at.matching),
		primitives.WorkerService:   one(at.worker),
	}
}
