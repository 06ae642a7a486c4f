package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Member is one service of a Temporal whose services are processes of their own.
type Member struct {
	// Service is its name: frontend, history, matching or worker.
	Service string

	// Command starts it, each time on the same ports. It ends by itself where the database is away at that moment.
	Command Command

	ready *firstLine
}

// Ready waits until the service was ready for the first time.
func (m Member) Ready(ctx context.Context) error {
	select {
	case <-m.ready.line:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for %s: %w", m.Command.Name, context.Cause(ctx))
	}
}

// Members returns the four services of a Temporal on PostgreSQL, on free ports of 127.0.0.1, and the address of its frontend. None is started yet:
// history comes first, alone until it is ready, as it makes the databases.
func Members(ctx context.Context, root, postgreSQL string, log func(name string) string, progress io.Writer) ([]Member, string, error) {
	program, err := devserverProgram(ctx, root, progress)
	if err != nil {
		return nil, "", err
	}
	services := []string{"history", "matching", "frontend", "worker"}
	ports, err := freePorts(len(services), 0)
	if err != nil {
		return nil, "", err
	}
	gossip, err := freePorts(len(services), lowestGossip)
	if err != nil {
		return nil, "", err
	}
	var where []string
	frontend := ""
	for i, service := range services {
		where = append(where, fmt.Sprintf("%s=%d/%d", service, ports[i], gossip[i]))
		if service == "frontend" {
			frontend = net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[i]))
		}
	}
	var members []Member
	for _, service := range services {
		ready := &firstLine{line: make(chan string, 1)}
		members = append(members, Member{Service: service, ready: ready, Command: Command{
			Name: "Temporal's " + service, Path: program, Stdout: ready, Log: log("temporal-" + service),
			Args: []string{"--until-eof", "--postgres", "--ui", "127.0.0.1:0", "--service", service, "--members", strings.Join(where, ",")},
			Env:  append(os.Environ(), "POSTGRES_URL="+postgreSQL),
		}})
	}
	return members, frontend, nil
}

// lowestGossip is where ports for gossip are looked for: Temporal keeps them in a column that has no room for any above 32767, which is where most
// systems begin to hand out free ones.
const lowestGossip = 21000

// freePorts returns ports of 127.0.0.1 that nobody listens on, no two the same: any, or the first from one on.
func freePorts(count, from int) ([]int, error) {
	var ports []int
	for len(ports) < count {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(from)))
		if from > 0 {
			from++
		}
		if errors.Is(err, syscall.EADDRINUSE) && from > 0 {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("looking for free ports: %w", err)
		}
		defer func() { _ = l.Close() }() // held until all are chosen; nobody ever connected to it
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
