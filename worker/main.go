package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"perennial/activities"
	"perennial/channel/slack"
	"perennial/channel/smtp"
	"perennial/channel/twilio"
	"perennial/config"
	"perennial/domain/customer"
	"perennial/gateway"
	"perennial/store"
	"perennial/telemetry"
	"perennial/workflows"
)

func main() {
	c, err := config.Load()
	logger := telemetry.Logger(os.Stderr, c.LogFormat)
	slog.SetDefault(logger) // what libraries write holds no personal data either
	if err == nil {
		err = run(c, logger)
	}
	if err != nil {
		logger.Error("The worker stops.", "error", err)
		os.Exit(1)
	}
}

// run runs the worker until it is told to stop, or can't go on.
func run(c config.Config, logger *slog.Logger) error {
	options, err := c.TemporalOptions()
	if err != nil {
		return err
	}
	m := &Main{Config: c, Temporal: options, Log: logger}
	if err := m.Open(context.Background()); err != nil {
		return err
	}
	defer m.Close()
	return m.Run(worker.InterruptCh())
}

// Main is the worker's process.
type Main struct {
	Config   config.Config
	Temporal client.Options
	Log      *slog.Logger
	Spans    sdktrace.SpanExporter // gets every span, for tests; nil where none does

	store     *store.Store
	client    client.Client
	telemetry *telemetry.Telemetry
	workers   []worker.Worker
	fatal     chan error
}

// Open connects to the database and to Temporal, and registers what this process does.
func (m *Main) Open(ctx context.Context) (err error) {
	if m.store, err = store.Open(ctx, m.Config.DatabaseURL.Reveal()); err != nil {
		return err
	}
	m.telemetry, err = telemetry.New(ctx, telemetry.Options{Service: "perennial-worker", Clock: m.Config.Clock, Log: m.Log, Spans: m.Spans})
	if err != nil {
		return err
	}
	if err := m.telemetry.Watch(m.store); err != nil {
		return err
	}
	options, err := m.telemetry.Temporal(m.Temporal)
	if err != nil {
		return err
	}
	options.Logger = log.NewStructuredLogger(m.Log)
	if m.client, err = client.DialContext(ctx, options); err != nil {
		return fmt.Errorf("reach Temporal: %w", err)
	}
	m.fatal = make(chan error, 8)
	versions := activities.NewVersions(m.store)
	policies := activities.NewPolicies(m.store)
	deliveries := &activities.Deliveries{
		Store: m.store, Versions: versions, Policies: policies, Clock: m.Config.Clock, Log: m.Log, OnCall: m.Config.ColleaguesOnCall(),
		Breakers: activities.NewBreakers(m.store, m.Log),
	}
	if deliveries.Senders, err = m.senders(ctx); err != nil {
		return err
	}
	deliveries.Askers = m.askers(deliveries.Senders)
	for on, sender := range deliveries.Senders {
		deliveries.Senders[on] = m.telemetry.Sender(on, sender)
	}
	journeys := &activities.Journeys{Store: m.store, Versions: versions, Policies: policies, Clock: m.Config.Clock, Channels: slices.Collect(maps.Keys(deliveries.Senders))}
	sabotage(policies, deliveries)
	if _, err := m.store.TryBreakersNow(ctx); err != nil { // whoever starts a worker may have mended what was wrong
		return err
	}
	entrance := &activities.Entrance{
		Store: m.store, Versions: versions, Temporal: m.client, Namespace: cmp.Or(options.Namespace, client.DefaultNamespace), Clock: m.Config.Clock,
		Patience: workflows.Patience(m.Config.Patience), Pages: m.Config.Public(), Log: m.Log,
	}
	journeys.Entrance = entrance
	schedules := &activities.Schedules{Store: m.store, Temporal: m.client, Clock: m.Config.Clock, Log: m.Log}
	m.journeys(journeys, &activities.Events{Entrance: entrance, Schedules: schedules, Deliveries: deliveries})
	m.deliveries(deliveries)
	if _, err := schedules.Reconcile(ctx); err != nil { // what one schedule lacks must not keep all journeys from going on
		m.Log.Warn("The schedules of scans are left to the sweep to bring in line.", "error", err)
	}
	return m.scheduleSweep(ctx)
}

// Close ends the connections.
func (m *Main) Close() {
	if m.client != nil {
		m.client.Close()
	}
	if m.telemetry != nil {
		if err := m.telemetry.Close(context.Background()); err != nil {
			m.Log.Warn("The last metrics and traces were not sent.", "error", err)
		}
	}
	if m.store != nil {
		m.store.Close()
	}
}

// Run works until it is told to stop, or a worker can't go on.
func (m *Main) Run(interrupt <-chan any) error {
	listener, err := net.Listen("tcp", m.Config.WorkerAddress)
	if err != nil {
		return fmt.Errorf("listen for health checks: %w", err)
	}
	health := &http.Server{
		Handler: m.health(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10,
	}
	defer func() { _ = health.Close() }() // nobody is told more by a connection that ends well
	go func() {
		if err := health.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			m.fatal <- err
		}
	}()
	for i, w := range m.workers {
		if err := w.Start(); err != nil {
			stop(m.workers[:i])
			return fmt.Errorf("start working: %w", err)
		}
	}
	m.Log.Info("The worker works.", "health", "http://"+listener.Addr().String()+"/healthz")
	defer stop(m.workers)
	select {
	case <-interrupt:
		m.Log.Info("The worker finishes what it has begun, and stops.")
		return nil
	case err := <-m.fatal:
		return err
	}
}

// stop lets the workers finish what they have begun, all at once: none takes on more while another finishes.
func stop(workers []worker.Worker) {
	var all sync.WaitGroup
	for _, w := range workers {
		all.Go(w.Stop)
	}
	all.Wait()
}

// senders are the providers that are configured, by channel.
func (m *Main) senders(ctx context.Context) (map[customer.Channel]activities.Sender, error) {
	c := m.Config
	senders := map[customer.Channel]activities.Sender{}
	account := twilio.Config{
		AccountSID: c.TwilioAccountSID, AuthToken: c.TwilioAuthToken.Reveal(), BaseURL: c.TwilioAPIURL, StatusCallback: c.Public() + gateway.StatusPath,
	}
	if c.TwilioAccountSID != "" && c.TwilioFrom != "" {
		account.From, account.FromByCountry = c.TwilioFrom, c.SMSSenders()
		sms, err := twilio.New(account)
		if err != nil {
			return nil, err
		}
		senders[customer.SMS] = sms
	}
	if c.TwilioAccountSID != "" && c.TwilioWhatsAppFrom != "" {
		account.From, account.FromByCountry = c.TwilioWhatsAppFrom, nil
		whatsApp, err := twilio.NewWhatsApp(account)
		if err != nil {
			return nil, err
		}
		senders[customer.WhatsApp] = whatsApp
	}
	if c.SMTPURL != "" {
		key, err := m.store.MailKey(ctx)
		if err != nil {
			return nil, err
		}
		email, err := smtp.New(smtp.Config{
			URL: c.SMTPURL.Reveal(), From: c.MailFrom, Domain: c.MessageDomain(), BounceKey: key,
			Unsubscribe: cmp.Or(c.MailUnsubscribeURL, c.Public()+gateway.UnsubscribePath), UnsubscribeKey: cmp.Or(c.MailUnsubscribeKey.Reveal(), key),
		})
		if err != nil {
			return nil, err
		}
		senders[customer.Email] = email
	}
	if c.SlackBotToken != "" {
		im, err := slack.New(slack.Config{Token: c.SlackBotToken.Reveal(), BaseURL: c.SlackAPIURL})
		if err != nil {
			return nil, err
		}
		senders[customer.Slack] = im
	}
	return senders, nil
}

// askers are those providers that can be asked whether they took a message.
func (m *Main) askers(senders map[customer.Channel]activities.Sender) map[customer.Channel]activities.Asker {
	askers := map[customer.Channel]activities.Asker{}
	for on, sender := range senders {
		if asker, can := sender.(activities.Asker); can {
			askers[on] = m.telemetry.Asker(on, asker)
		}
	}
	return askers
}

// stopTimeout is how long a worker lets what it has begun finish.
func (m *Main) stopTimeout() time.Duration { return workflows.Patience(m.Config.Patience).Lease() }

// onFatal ends the process: a worker that can't go on is started anew by whatever started it.
func (m *Main) onFatal(err error) {
	select {
	case m.fatal <- err:
	default:
	}
}

// journeys registers the workflows, and the local activities that they run.
func (m *Main) journeys(j *activities.Journeys, e *activities.Events) {
	w := worker.New(m.client, workflows.JourneysQueue, worker.Options{
		WorkerStopTimeout:          m.stopTimeout(),
		OnFatalError:               m.onFatal,
		WorkflowTaskPollerBehavior: worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{}),
		ActivityTaskPollerBehavior: worker.NewPollerBehaviorSimpleMaximum(worker.PollerBehaviorSimpleMaximumOptions{MaximumNumberOfPollers: 1}),
	})
	w.RegisterWorkflowWithOptions(workflows.Journey, workflow.RegisterOptions{Name: workflows.JourneyWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Sweep, workflow.RegisterOptions{Name: workflows.SweepWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Scan, workflow.RegisterOptions{Name: workflows.ScanWorkflow})
	for name, f := range map[string]any{
		workflows.ActivityBegin:    j.Begin,
		workflows.ActivityPlan:     j.Plan,
		workflows.ActivitySchedule: j.Schedule,
		workflows.ActivityEvaluate: j.Evaluate,
		workflows.ActivityProject:  j.Project,
		workflows.ActivityFinish:   j.Finish,
		workflows.ActivitySet:      j.SetAttributes,
		workflows.ActivityStart:    j.StartJourney,
		workflows.ActivitySweep:    e.SweepEvents,
		workflows.ActivityScan:     e.ScanCustomers,
	} {
		w.RegisterActivityWithOptions(f, activity.RegisterOptions{Name: name})
	}
	m.workers = append(m.workers, w)
}

// deliveries registers the delivery of touches on the queue of each channel that has a provider.
func (m *Main) deliveries(d *activities.Deliveries) {
	rates := map[customer.Channel]float64{
		customer.SMS: m.Config.SMSRate, customer.Email: m.Config.EmailRate, customer.Slack: m.Config.SlackRate, customer.WhatsApp: m.Config.WhatsAppRate,
	}
	for _, channel := range customer.Channels {
		if d.Senders[channel] == nil {
			m.Log.Warn("No provider is configured: this channel is not used.", "channel", channel)
			continue
		}
		w := worker.New(m.client, workflows.DeliveryQueue(channel), worker.Options{
			WorkerStopTimeout:                  m.stopTimeout(),
			OnFatalError:                       m.onFatal,
			DisableWorkflowWorker:              true,
			TaskQueueActivitiesPerSecond:       rates[channel],
			MaxConcurrentActivityExecutionSize: concurrentDeliveries,
			ActivityTaskPollerBehavior:         worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{}),
		})
		w.RegisterActivityWithOptions(d.Deliver, activity.RegisterOptions{Name: workflows.ActivityDeliver})
		m.workers = append(m.workers, w)
	}
}

// concurrentDeliveries bounds the touches of a channel that one process makes at once: each waits for a provider, and holds no connection to
// the database meanwhile.
const concurrentDeliveries = 64

// The schedule that makes up for crashes, in real time.
const (
	sweepSchedule = "sweep"
	sweepEvery    = 10 * time.Second
)

// scheduleSweep creates the schedule of the sweep, unless it is there.
func (m *Main) scheduleSweep(ctx context.Context) error {
	_, err := m.client.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID:            sweepSchedule,
		Spec:          client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: sweepEvery}}},
		Action:        &client.ScheduleWorkflowAction{ID: sweepSchedule, Workflow: workflows.SweepWorkflow, TaskQueue: workflows.JourneysQueue},
		CatchupWindow: sweepEvery,
	})
	if _, there := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); there || errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("create the schedule of the sweep: %w", err)
	}
	return nil
}

// health says that the process lives, whether what it stands on is there, and what it has counted.
func (m *Main) health() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		_, err := m.client.CheckHealth(ctx, &client.CheckHealthRequest{})
		if err = errors.Join(err, m.store.Ping(ctx)); err != nil {
			http.Error(w, "not ready: "+err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	mux.Handle("GET /metrics", m.telemetry.Metrics())
	return mux
}
