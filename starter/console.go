package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"perennial/config"
	"perennial/store"
	"perennial/telemetry"
)

// console is what commands stand on: where they write, and how they find out what they are to work with.
type console struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	answers        io.Reader // of a terminal, where somebody can be asked; nil where there is none
	progress       bool      // stderr is a terminal: what takes long shows how far it is
	color          bool      // stdout is a terminal that may be written to in colors
	json           bool      // for programs rather than for people

	config   func() (config.Config, error)
	from     string // the file of the machine that config found here by itself; empty where the environment says it all
	temporal func(config.Config) (client.Options, error)
}

// newConsole is the console of this process.
func newConsole() *console {
	c := &console{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, progress: terminal(os.Stderr),
		color:    terminal(os.Stdout) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
		temporal: config.Config.TemporalOptions,
	}
	if terminal(os.Stdin) {
		c.answers = os.Stdin
	}
	c.config = func() (settings config.Config, err error) {
		settings, c.from, err = loadHere()
		return settings, err
	}
	return c
}

// alone is the console that finds no machine by itself: for what is one.
func (c *console) alone() *console {
	alone := *c
	alone.config = config.Load
	return &alone
}

func terminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// show prints what a command found: data as JSON where that is wanted, otherwise the text that write makes of it.
func (c *console) show(data any, write func(*page)) error {
	if c.json {
		return c.encode(data)
	}
	p := &page{}
	write(p)
	_, err := io.WriteString(c.stdout, p.String())
	return err
}

// encode prints a document for programs.
func (c *console) encode(document any) error {
	encoder := json.NewEncoder(c.stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}

// logger is for commands that go on running.
func (c *console) logger(settings config.Config) *slog.Logger {
	if c.json {
		return telemetry.Logger(c.stderr, telemetry.JSONLog)
	}
	return telemetry.Logger(c.stderr, settings.LogFormat)
}

// open reads the configuration and opens its database, whose schema must be that of this build.
func (c *console) open(ctx context.Context) (config.Config, *store.Store, error) {
	settings, err := c.config()
	if err != nil {
		return config.Config{}, nil, err
	}
	s, err := openDatabase(ctx, settings)
	if err != nil {
		return config.Config{}, nil, err
	}
	has, wants, err := s.Schema(ctx)
	if err == nil {
		err = schemaProblem(has, wants)
	}
	if err != nil {
		s.Close()
		return config.Config{}, nil, err
	}
	return settings, s, nil
}

// patience is how long a command waits for a database, a Temporal or a gateway to answer at all, in real time.
const patience = 10 * time.Second

func openDatabase(ctx context.Context, settings config.Config) (*store.Store, error) {
	if err := settings.RequireDatabase(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s, err := store.Open(ctx, settings.DatabaseURL.Reveal())
	if err != nil {
		return nil, unreachable("the database can't be reached", err, "is it running, and is DATABASE_URL right?")
	}
	return s, nil
}

// schemaProblem says what to do about a schema that is not that of this build.
func schemaProblem(has, wants int) error {
	switch {
	case has < wants:
		return &trouble{what: fmt.Sprintf("the database's schema is at version %d and this build wants %d", has, wants), do: "run `starter migrate`"}
	case has > wants:
		return &trouble{what: fmt.Sprintf("the database's schema is at version %d and this build knows %d", has, wants), do: "use the newer build that migrated it"}
	}
	return nil
}

// dial connects to Temporal, quietly.
func (c *console) dial(ctx context.Context, settings config.Config) (client.Client, error) {
	options, err := c.temporalOptions(settings)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	temporal, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, unreachable("no Temporal answers at "+options.HostPort, err, "is it running, and is TEMPORAL_ADDRESS right?")
	}
	return temporal, nil
}

// temporalOptions are those of the configuration, with what is left out filled in, and without the SDK's log.
func (c *console) temporalOptions(settings config.Config) (client.Options, error) {
	options, err := c.temporal(settings)
	if err != nil {
		return client.Options{}, err
	}
	options.HostPort = cmp.Or(options.HostPort, client.DefaultHostPort)
	options.Namespace = cmp.Or(options.Namespace, client.DefaultNamespace)
	options.Logger = log.NewStructuredLogger(slog.New(slog.DiscardHandler))
	return options, nil
}
