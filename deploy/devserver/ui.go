package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/temporalio/ui-server/v2/server"
	"github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/server_options"
)

// startUI starts Temporal's UI.
func startUI(at addresses, namespace string) (*server.Server, error) {
	settings := &config.Config{
		TemporalGRPCAddress: at.frontend.String(),
		Host:                at.ui.Addr().String(),
		Port:                int(at.ui.Port()),
		EnableUI:            true,
		DefaultNamespace:    namespace,
		DisableNewsFetch:    true, // it tells nobody that it runs
		HideLogs:            true,
		CORS:                config.CORS{CookieInsecure: true}, // loopback has no HTTPS
	}
	if err := settings.Validate(); err != nil {
		return nil, fmt.Errorf("configuring the UI: %w", err)
	}
	ui := server.NewServer(server_options.WithConfigProvider(settings))
	go func() {
		// Start ends the process by itself where it cannot listen, and returns nil once stopped.
		_ = ui.Start()
	}()
	return ui, nil
}

// untilListening waits until something listens at an address, or until ctx ends.
func untilListening(ctx context.Context, at netip.AddrPort) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", at.String())
		if err == nil {
			return conn.Close()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
