package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// This file is one service as a process of its own: the four make up one Temporal, as they do in a cluster. They find each other by what each
// writes into the database, and notice by gossip who is gone.

// joining is how long a service tries to reach others before it takes itself for the first one.
const joining = 5 * time.Second

// member is where a service listens: for requests, and for the gossip of the others.
type member struct{ requests, gossip uint16 }

// runMember runs one service until ctx ends. The frontend brings the UI and makes the namespace ready.
func runMember(ctx context.Context, o options, stdout io.Writer) error {
	if !o.postgres {
		return errors.New("--service needs --postgres: services that are processes of their own share a database")
	}
	members, err := readMembers(o.members)
	if err != nil {
		return err
	}
	if _, known := members[o.service]; !known {
		return fmt.Errorf("--service %q: write frontend, history, matching or worker", o.service)
	}
	logger, err := newServerLog(o.logLevel)
	if err != nil {
		return err
	}
	persistence, err := postgresPersistence(ctx)
	if err != nil {
		return err
	}
	frontend := members[string(primitives.FrontendService)].address()
	settings := configure(frontend, persistence, services(members))
	settings.Global.Membership = config.Membership{BroadcastAddress: frontend.Addr().String(), MaxJoinDuration: joining}
	server, err := temporal.NewServer(
		temporal.WithConfig(settings),
		temporal.ForServices([]string{o.service}),
		temporal.WithDynamicConfigClient(dynamicConfig()),
		temporal.WithLogger(logger),
	)
	if err != nil {
		return fmt.Errorf("configuring Temporal's %s: %w", o.service, err)
	}
	if err := server.Start(); err != nil {
		return fmt.Errorf("starting Temporal's %s: %w", o.service, err)
	}
	if o.service == string(primitives.FrontendService) {
		err = serveFrontend(ctx, o, frontend, stdout)
	} else {
		err = serveInner(ctx, o, stdout)
	}
	logger.hush()
	return errors.Join(err, server.Stop())
}

// serveFrontend serves the UI beside the frontend, which is ready once the namespace is.
func serveFrontend(ctx context.Context, o options, frontend netip.AddrPort, stdout io.Writer) error {
	asked := o
	asked.frontend = netip.AddrPortFrom(frontend.Addr(), 0).String() // it listens already; only the UI's port is looked for
	at, err := asked.addresses()
	if err != nil {
		return err
	}
	at.frontend = frontend
	if err := prepareWhenHealthy(ctx, frontend, o); err != nil && ctx.Err() == nil {
		return err
	}
	return serve(ctx, at, o, stdout)
}

// pause is how long a frontend that is not healthy is left alone before it is asked again.
const pause = 200 * time.Millisecond

// prepareWhenHealthy makes the namespace ready as soon as the frontend takes requests: it listens before it knows the others.
func prepareWhenHealthy(ctx context.Context, frontend netip.AddrPort, o options) error {
	for {
		err := prepareNamespace(ctx, frontend, o.namespace, o.retention)
		answer, _ := status.FromError(err)
		if err == nil || ctx.Err() != nil || answer.Code() != codes.Unavailable && answer.Code() != codes.DeadlineExceeded {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// serveInner says that a service that only others call is there, and returns when it shall stop.
func serveInner(ctx context.Context, o options, stdout io.Writer) error {
	if _, err := fmt.Fprintf(stdout, "ready service=%s\n", o.service); err != nil {
		return fmt.Errorf("saying that the %s is ready: %w", o.service, err)
	}
	<-ctx.Done()
	return nil
}

// readMembers reads --members, which names all four.
func readMembers(text string) (map[string]member, error) {
	members := map[string]member{}
	for entry := range strings.SplitSeq(text, ",") {
		name, ports, _ := strings.Cut(entry, "=")
		var m member
		if _, err := fmt.Sscanf(ports, "%d/%d", &m.requests, &m.gossip); err != nil {
			return nil, fmt.Errorf("--members %q: write each as NAME=PORT/PORT, such as history=7234/6934", entry)
		}
		members[name] = m
	}
	for _, name := range temporal.DefaultServices {
		if _, there := members[name]; !there {
			return nil, fmt.Errorf("--members lacks %s", name)
		}
	}
	return members, nil
}

func services(members map[string]member) map[string]config.Service {
	all := map[string]config.Service{}
	for name, m := range members {
		s := service(m.address())
		s.RPC.MembershipPort = int(m.gossip)
		all[name] = s
	}
	return all
}

func (m member) address() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), m.requests)
}
