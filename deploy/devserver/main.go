package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.temporal.io/server/common/config"
)

const usage = `Devserver runs Temporal and its UI on this machine until it is told to stop (Ctrl-C, SIGTERM).
With --service and --members it runs one service of several processes that make up one Temporal.

Usage: devserver [flags]

Once it can be used it prints one line: ready frontend=HOST:PORT ui=URL

Example: devserver --db .state/temporal/temporal.db

Flags:
`

// options are the command line.
type options struct {
	frontend  string
	ui        string
	db        string
	postgres  bool
	service   string
	members   string
	namespace string
	retention time.Duration
	logLevel  string
	untilEOF  bool
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "devserver:", err)
		os.Exit(1)
	}
}

// run serves until a signal comes, or until stdin ends where that was asked for.
func run(args []string, stdin io.Reader, stdout io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if o.untilEOF {
		ctx = untilEOF(ctx, stdin)
	}

	if o.service != "" {
		return runMember(ctx, o, stdout)
	}
	addresses, err := o.addresses()
	if err != nil {
		return err
	}
	logger, err := newServerLog(o.logLevel)
	if err != nil {
		return err
	}
	persistence, err := o.persistence(ctx)
	if err != nil {
		return err
	}
	settings := dynamicConfig()
	server, err := startServer(addresses, persistence, settings, logger)
	if err != nil {
		return err
	}
	err = prepareNamespace(ctx, addresses.frontend, o.namespace, o.retention)
	switch {
	case err == nil:
		if o.lasts() { // in one that does not, tests make namespaces of their own
			settings.registered()
		}
		err = serve(ctx, addresses, o, stdout)
	case ctx.Err() != nil: // told to stop meanwhile
		err = nil
	}
	logger.hush()
	return errors.Join(err, server.Stop())
}

// lasts says that what this server knows outlives it.
func (o options) lasts() bool { return o.postgres || o.db != "" }

// persistence is where everything is kept.
func (o options) persistence(ctx context.Context) (config.Persistence, error) {
	if o.postgres {
		return postgresPersistence(ctx)
	}
	return sqlitePersistence(o.db)
}

// serve serves the UI of a server whose namespace is ready, says that both can be used, and returns when it shall stop.
func serve(ctx context.Context, at addresses, o options, stdout io.Writer) error {
	ui, err := startUI(at, o.namespace)
	if err != nil {
		return err
	}
	defer ui.Stop()
	if err := untilListening(ctx, at.ui); err != nil {
		return err
	}
	if ctx.Err() != nil { // told to stop meanwhile
		return nil
	}
	if _, err := fmt.Fprintf(stdout, "ready frontend=%s ui=http://%s\n", at.frontend, at.ui); err != nil {
		return fmt.Errorf("saying that the server is ready: %w", err)
	}
	<-ctx.Done()
	return nil
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("devserver", flag.ContinueOnError)
	flags.StringVar(&o.frontend, "frontend", "127.0.0.1:7233", "loopback `address` for workers and clients; port 0 takes a free one")
	flags.StringVar(&o.ui, "ui", "127.0.0.1:8233", "loopback `address` of the UI; port 0 takes a free one")
	flags.StringVar(&o.db, "db", "", "SQLite `file`, created if it is missing; without it everything is in memory and gone at the end")
	flags.BoolVar(&o.postgres, "postgres", false, "keep everything in databases temporal and temporal_visibility of the server at "+postgresVariable+" of the environment, made if they are missing, in place of --db")
	flags.StringVar(&o.service, "service", "", "run only this `service`, of frontend, history, matching and worker, as a process of its own; it needs --postgres and --members")
	flags.StringVar(&o.members, "members", "", "where all four listen on 127.0.0.1, as `NAME=PORT/PORT` with commas between: the port for requests, and the one on which they watch each other")
	flags.StringVar(&o.namespace, "namespace", "default", "`namespace` to have ready, with Perennial's search attributes")
	flags.DurationVar(&o.retention, "retention", 90*24*time.Hour, "how long closed workflows stay readable, for a namespace that is made anew")
	flags.StringVar(&o.logLevel, "log-level", "error", "least `level` to log on stderr: debug, info, warn, error")
	flags.BoolVar(&o.untilEOF, "until-eof", false, "stop when standard input ends too: whoever started this holds the other end, however it dies")
	flags.Usage = func() {
		_, _ = io.WriteString(flags.Output(), usage) // where help can't be printed, nothing can
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			os.Exit(0)
		}
		os.Exit(2)
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("unexpected argument %q: see --help", flags.Arg(0))
	}
	return o, nil
}

// untilEOF returns a context that also ends when r does.
func untilEOF(ctx context.Context, r io.Reader) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		_, err := io.Copy(io.Discard, r)
		cancel(fmt.Errorf("standard input ended: %w", err))
	}()
	return ctx
}
