package chaos

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.temporal.io/sdk/client"

	"perennial/channel/sandbox"
	"perennial/config"
	"perennial/deploy/stack"
	"perennial/gateway"
)

// patience is how long the run's providers may take to answer: they are on this machine. A touch's lease is half as long again, so that stopping
// a process for longer than that takes seconds.
const patience = 2 * time.Second

// lease is that of a touch.
const lease = patience * 3 / 2

// world is everything that runs: all of it processes, but for what stands outside of Perennial, which is in this one and outlives all blows: the
// sandbox and the balancer.
type world struct {
	Config

	settings config.Config
	sandbox  *sandbox.Sandbox
	provider *slow
	database *postgres
	temporal client.Client
	gateways []string // base addresses
	health   []string // of workers
	victims  map[string]victim
	diary    *diary

	alive context.Context // ends when everything shall stop
	end   context.CancelFunc
	wait  sync.WaitGroup
}

func newWorld(c Config) *world {
	w := &world{Config: c, victims: map[string]victim{}, diary: &diary{to: c.Progress, begun: time.Now()}}
	w.alive, w.end = context.WithCancel(context.Background())
	return w
}

// start starts everything but gateways and workers. Whatever comes of it, the world must be closed.
func (w *world) start(ctx context.Context) (err error) {
	if w.settings, err = config.Default(); err != nil {
		return err
	}
	w.settings.Clock, w.settings.Patience = w.Clock, patience
	if w.database, err = startPostgres(ctx, filepath.Join(w.State, "postgres")); err != nil {
		return err
	}
	w.victims[database] = w.database
	w.settings.DatabaseURL = config.Secret(w.database.cluster.URL())
	if err := w.startTemporal(ctx); err != nil {
		return err
	}
	return w.startOutside()
}

// startTemporal starts its four services, and the frontend last of those that clients need.
func (w *world) startTemporal(ctx context.Context) error {
	members, address, err := stack.Members(ctx, w.Root, w.settings.DatabaseURL.Reveal(), w.logFile, w.Progress)
	if err != nil {
		return err
	}
	names := map[string]string{"frontend": frontend, "history": history, "matching": matching, "worker": system}
	for _, m := range members {
		if err := w.begin(names[m.Service], m.Command); err != nil {
			return err
		}
		if err := m.Ready(ctx); err != nil {
			return err
		}
	}
	w.settings.TemporalAddress = address
	w.temporal, err = client.DialContext(ctx, client.Options{HostPort: address, Logger: quietTemporal{}})
	return err
}

// startOutside starts what stands outside: the providers, and the balancer that they know.
func (w *world) startOutside() error {
	var listeners []net.Listener
	for range 3 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("look for a free port: %w", err)
		}
		listeners = append(listeners, l)
	}
	front, web, mail := listeners[0], listeners[1], listeners[2]
	s := &w.settings
	s.PublicURL = "http://" + front.Addr().String()
	page := "http://" + web.Addr().String()
	s.TwilioAccountSID, s.TwilioAuthToken, s.TwilioAPIURL, s.TwilioFrom = sandbox.AccountSID, sandbox.AuthToken, page, "+12065550123"
	s.SlackBotToken, s.SlackAPIURL, s.SlackSigningSecret = sandbox.SlackToken, page+sandbox.SlackPath, sandbox.SlackSecret
	s.SMTPURL, s.MailFrom = config.Secret("smtp://"+mail.Addr().String()), "Perennial <care@example.com>"
	w.sandbox = sandbox.New(sandbox.Config{
		Clock: w.Clock, InboundSMS: s.PublicURL + gateway.SMSPath, GatewayURL: s.PublicURL, SlackEvents: s.PublicURL + gateway.SlackPath,
		Receipts: true, Faults: weather(w.Seed), ReceiptFaults: receiptWeather(), Logger: slog.New(slog.DiscardHandler),
	})
	ports := make([]string, 2)
	for i := range ports {
		port, err := stack.FreePort()
		if err != nil {
			return err
		}
		ports[i] = fmt.Sprintf("127.0.0.1:%d", port)
		w.gateways = append(w.gateways, "http://"+ports[i])
	}
	balance := &balancer{gateways: ports}
	w.provider = &slow{provider: w.sandbox.Handler(), hungUp: map[string]bool{}}
	providers := &http.Server{Handler: w.provider, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(w.alive, func() { _ = providers.Close() })
	w.wait.Go(func() { _ = providers.Serve(web) })
	w.wait.Go(func() { _ = w.sandbox.ServeSMTP(w.alive, slowListener{mail}) })
	w.wait.Go(func() {
		if err := balance.serve(w.alive, front); err != nil {
			w.diary.note(balancing, err.Error())
		}
	})
	return nil
}

// weather is how the providers misbehave.
func weather(seed uint64) sandbox.Faults {
	return sandbox.Faults{Seed: seed, Throttle: 4, ServerError: 1, Cut: 2, Hang: 1, BadAddress: 3}
}

// receiptWeather is how receipts do.
func receiptWeather() sandbox.ReceiptFaults {
	return sandbox.ReceiptFaults{Early: 20, Late: 10, Doubled: 15, Reordered: 15, Forged: 10}
}

// startOurs starts gateways and workers, and waits until all are ready.
func (w *world) startOurs(ctx context.Context) error {
	for i, name := range []string{gateway1, gateway2} {
		s := w.settings
		s.GatewayAddress = w.gateways[i][len("http://"):]
		if err := w.begin(name, stack.Command{Name: name, Path: w.Starter, Args: []string{"gateway"}, Env: environment(s), Log: w.logFile(name)}); err != nil {
			return err
		}
	}
	for _, name := range []string{worker1, worker2} {
		port, err := stack.FreePort()
		if err != nil {
			return err
		}
		s := w.settings
		s.WorkerAddress = fmt.Sprintf("127.0.0.1:%d", port)
		w.health = append(w.health, "http://"+s.WorkerAddress)
		command := stack.Command{Name: name, Path: w.Worker, Env: append(environment(s), w.Env...), Log: w.logFile(name)}
		if err := w.begin(name, command); err != nil {
			return err
		}
	}
	return w.ready(ctx)
}

// environment is a configuration for a process, with nothing of our own environment but what every program needs.
func environment(s config.Config) []string {
	env := s.Environ()
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "TZ", "ZONEINFO"} {
		if value, set := os.LookupEnv(name); set {
			env = append(env, name+"="+value)
		}
	}
	return env
}

func (w *world) begin(name string, command stack.Command) error {
	p, err := begin(w.alive, &w.wait, command, func(format string, values ...any) { w.diary.note(name, fmt.Sprintf(format, values...)) })
	if err != nil {
		return err
	}
	w.victims[name] = p
	return nil
}

func (w *world) logFile(name string) string {
	return filepath.Join(w.State, "log", name+".log")
}

// ready waits until every gateway and worker says that it is, and what it stands on.
func (w *world) ready(ctx context.Context) error {
	for _, base := range append(append([]string{}, w.gateways...), w.health...) {
		for !isReady(ctx, base+"/readyz") {
			if err := sleep(ctx, 100*time.Millisecond); err != nil {
				return fmt.Errorf("wait until %s is ready: %w", base, err)
			}
		}
	}
	return nil
}

// readyWithin is ready, in that time or not at all.
func (w *world) readyWithin(ctx context.Context, enough time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, enough, fmt.Errorf("it did not come back within %v: see the logs in %s", enough, w.State))
	defer cancel()
	return w.ready(ctx)
}

func isReady(ctx context.Context, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, clientTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return false
	}
	answer, err := gatewayTransport.RoundTrip(request)
	if err != nil {
		return false
	}
	_ = answer.Body.Close() // its status says it all
	return answer.StatusCode == http.StatusOK
}

// close stops everything.
func (w *world) close() error {
	if w.temporal != nil {
		w.temporal.Close()
	}
	w.end()
	w.wait.Wait()
	if w.sandbox != nil {
		w.sandbox.Close()
	}
	if w.database != nil {
		return w.database.cluster.Stop()
	}
	return nil
}

// quietTemporal drops what the SDK would write.
type quietTemporal struct{}

func (quietTemporal) Debug(string, ...any) {}
func (quietTemporal) Info(string, ...any)  {}
func (quietTemporal) Warn(string, ...any)  {}
func (quietTemporal) Error(string, ...any) {}
