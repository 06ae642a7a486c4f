package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"perennial/channel/sandbox"
	"perennial/config"
	"perennial/deploy/stack"
	"perennial/domain/clock"
	"perennial/gateway"
	"perennial/store"
	"perennial/telemetry"
)

// machine is the whole of Perennial on one machine: database, Temporal, sandbox, gateway and worker. They start and stop together.
type machine struct {
	*stack.Stack

	settings config.Config
	store    *store.Store
	temporal client.Client
	sandbox  *sandbox.Sandbox
	page     string // the sandbox's page: what phones and inboxes received
	worker   *stack.Process
}

// machineOptions say which machine to start.
type machineOptions struct {
	state     string             // folder of its data; empty is .state in the clone
	worker    string             // the worker's program; empty is the one beside our own
	throwaway bool               // nothing is kept
	postgres  bool               // Temporal's data too is in PostgreSQL
	anyPort   bool               // take other ports where the usual ones are taken
	freePorts bool               // leave the usual ports to others
	isolated  bool               // keep our own environment from the worker
	clock     clock.Clock        //
	begin     func() clock.Clock // makes the clock instead, once database and Temporal are up
	patience  time.Duration      // of the worker with the sandbox
	env       []string           // added to the worker's environment
	progress  io.Writer
}

// The addresses on which the parts listen, but for those that the configuration names.
const (
	temporalAddress = "127.0.0.1:7233"
	sandboxAddress  = "127.0.0.1:8422"
	mailAddress     = "127.0.0.1:8425"
)

// sandboxSender is the number that SMS come from on this machine, of a range for fiction.
const sandboxSender = "+12025550123"

// startMachine starts everything. After an error nothing is left running.
func startMachine(ctx context.Context, c *console, o machineOptions) (_ *machine, err error) {
	settings, err := c.config()
	if err != nil {
		return nil, err
	}
	settings.Clock = o.clock
	m := &machine{}
	m.Stack, err = stack.Start(ctx, stack.Options{
		State: o.state, DatabaseURL: settings.DatabaseURL.Reveal(), TemporalAddress: settings.TemporalAddress,
		TemporalListen: o.port(temporalAddress), TemporalUIListen: o.port(strings.TrimPrefix(settings.TemporalUIURL, "http://")),
		TemporalOnPostgreSQL: o.postgres, Throwaway: o.throwaway, Progress: o.progress,
	})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, m.Close())
		}
	}()
	settings.DatabaseURL, settings.TemporalAddress = config.Secret(m.DatabaseURL), m.TemporalAddress
	if m.TemporalUI != "" {
		settings.TemporalUIURL = m.TemporalUI
	}
	m.settings = settings
	if err := m.connect(ctx, c); err != nil {
		return nil, err
	}
	if o.begin != nil {
		o.clock = o.begin()
		m.settings.Clock = o.clock
	}
	return m, m.startParts(c, o)
}

// Close stops everything.
func (m *machine) Close() error {
	err := m.Stop()
	if m.temporal != nil {
		m.temporal.Close()
	}
	if m.store != nil {
		m.store.Close()
	}
	return err
}

func (m *machine) connect(ctx context.Context, c *console) (err error) {
	if m.store, err = store.Open(ctx, m.DatabaseURL); err != nil {
		return err
	}
	if _, _, err := m.store.Migrate(ctx); err != nil {
		return err
	}
	if err := m.ensureToken(ctx); err != nil {
		return err
	}
	m.temporal, err = c.dial(ctx, m.settings)
	return err
}

// ensureToken gives the machine's own parts a token where the gateway asks for one: it does once somebody made one.
func (m *machine) ensureToken(ctx context.Context) error {
	made, err := m.store.Tokens(ctx)
	if err == nil && len(made) > 0 && m.settings.GatewayToken == "" {
		m.settings.GatewayToken = config.Secret(rand.Text())
	}
	return err
}

func (m *machine) startParts(c *console, o machineOptions) error {
	door, err := o.listen(m.settings.GatewayAddress)
	if err != nil {
		return err
	}
	m.settings.GatewayAddress = door.Addr().String()
	quiet, closeLog, err := m.logger("machine")
	if err != nil {
		return errors.Join(err, door.Close())
	}
	if err := m.startSandbox(o, quiet); err != nil {
		return errors.Join(err, door.Close(), closeLog())
	}
	options, err := c.temporalOptions(m.settings)
	if err != nil {
		return errors.Join(err, door.Close(), closeLog())
	}
	m.Go("the gateway", func(ctx context.Context) error {
		return errors.Join(serveGateway(ctx, m.settings, options, door, quiet), closeLog())
	})
	return m.startWorker(o)
}

// startSandbox puts the sandbox in the place of every provider that is not configured.
func (m *machine) startSandbox(o machineOptions, quiet *slog.Logger) error {
	web, err := o.listen(sandboxAddress)
	if err != nil {
		return err
	}
	mail, err := o.listen(mailAddress)
	if err != nil {
		return errors.Join(err, web.Close())
	}
	m.page = "http://" + web.Addr().String()
	m.sandbox = sandbox.New(sandbox.Config{
		Clock: o.clock, InboundSMS: m.settings.Public() + gateway.SMSPath, GatewayURL: m.settings.Public(), GatewayToken: m.settings.GatewayToken.Reveal(),
		SlackEvents: m.settings.Public() + gateway.SlackPath, Receipts: true, Logger: quiet,
	})
	if m.settings.TwilioAccountSID == "" {
		m.settings.TwilioAccountSID, m.settings.TwilioAuthToken = sandbox.AccountSID, sandbox.AuthToken
		m.settings.TwilioAPIURL, m.settings.TwilioFrom, m.settings.TwilioWhatsAppFrom = m.page, sandboxSender, sandboxSender
	}
	if m.settings.SlackBotToken == "" {
		m.settings.SlackBotToken, m.settings.SlackAPIURL = sandbox.SlackToken, m.page+sandbox.SlackPath
		m.settings.SlackSigningSecret = sandbox.SlackSecret
	}
	if m.settings.SMTPURL == "" {
		m.settings.SMTPURL = config.Secret("smtp://" + mail.Addr().String())
		m.settings.MailFrom = "Perennial <care@example.com>"
	}
	m.Go("the sandbox", func(ctx context.Context) error {
		defer m.sandbox.Close()
		return serveHTTP(ctx, web, m.sandbox.Handler(), quiet)
	})
	m.Go("the sandbox's mail server", func(ctx context.Context) error { return m.sandbox.ServeSMTP(ctx, mail) })
	return nil
}

func (m *machine) startWorker(o machineOptions) error {
	program := o.worker
	if program == "" {
		own, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find the worker's program: %w", err)
		}
		program = filepath.Join(filepath.Dir(own), "worker")
	}
	if _, err := os.Stat(program); err != nil {
		return errors.New("the worker's program is not beside this one: `make build` builds both")
	}
	health, err := o.listen(m.settings.WorkerAddress)
	if err != nil {
		return err
	}
	m.settings.WorkerAddress = health.Addr().String()
	if err := health.Close(); err != nil { // the worker listens there itself
		return fmt.Errorf("find a port for the worker: %w", err)
	}
	if o.patience > 0 {
		m.settings.Patience = o.patience
	}
	m.worker, err = stack.Command{
		Name: "the worker", Path: program, Env: slices.Concat(o.environment(), m.settings.Environ(), o.env), Log: m.LogFile("worker"), Grace: 2 * m.settings.Patience,
	}.Start()
	if err != nil {
		return err
	}
	m.Add("the worker", m.worker)
	return nil
}

// ready waits until the worker says that it is.
func (m *machine) ready(ctx context.Context) error {
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+m.settings.WorkerAddress+"/readyz", nil)
		if err != nil {
			return fmt.Errorf("wait for the worker: %w", err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err == nil {
			if err := answer.Body.Close(); err != nil {
				return fmt.Errorf("wait for the worker: %w", err)
			}
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the worker: %w", context.Cause(ctx))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// environment is our own, for the worker. Isolated, it is only what every program needs: no address and no secret of anybody's.
func (o machineOptions) environment() []string {
	if !o.isolated {
		return os.Environ()
	}
	var needed []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "TZ", "LANG", "ZONEINFO"} {
		if value, set := os.LookupEnv(name); set {
			needed = append(needed, name+"="+value)
		}
	}
	return needed
}

// logger writes what the parts in this process have to say to a log of their own: the terminal is for people.
func (m *machine) logger(name string) (*slog.Logger, func() error, error) {
	path := m.LogFile(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, nil, fmt.Errorf("make the folder of logs: %w", err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open a log: %w", err)
	}
	return telemetry.Logger(file, m.settings.LogFormat), file.Close, nil
}

// listen listens on an address, or on a free port where that one is taken and any will do.
func (o machineOptions) listen(address string) (net.Listener, error) {
	return stack.Listen(o.port(address))
}

// port is the address, or the same host with any port where it is taken and any will do.
func (o machineOptions) port(address string) string {
	if o.freePorts || o.anyPort && stack.CheckPort(address) != nil {
		return "127.0.0.1:0"
	}
	return address
}
