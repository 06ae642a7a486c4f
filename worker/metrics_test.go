package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"perennial/channel"
	"perennial/channel/imap"
	"perennial/channel/imap/imaptest"
	"perennial/channel/sandbox"
	"perennial/domain/contact"
	"perennial/domain/journey"
	"perennial/store"
)

// exposed is what /metrics says: by name of a series, the values of each label.
type exposed map[string]map[string][]string

var (
	series = regexp.MustCompile(`(?m)^([a-z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? \S+$`)
	pair   = regexp.MustCompile(`([a-z_]+)="((?:[^"\\]|\\.)*)"`)
)

func (e exposed) read(text string) {
	for _, line := range series.FindAllStringSubmatch(text, -1) {
		labels := e[line[1]]
		if labels == nil {
			labels = map[string][]string{}
			e[line[1]] = labels
		}
		for _, p := range pair.FindAllStringSubmatch(line[2], -1) {
			if !slices.Contains(labels[p[1]], p[2]) {
				labels[p[1]] = append(labels[p[1]], p[2])
			}
		}
	}
}

// metrics is what the worker and the gateway of a business expose, in one text.
func (b *business) metrics() string {
	b.Helper()
	recorder := httptest.NewRecorder()
	b.main.health().ServeHTTP(recorder, httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/metrics", http.NoBody))
	answer, err := http.Get(b.gateway + "/metrics")
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK || recorder.Code != http.StatusOK {
		b.Fatalf("the gateway says %s, the worker %d, %v", answer.Status, recorder.Code, err)
	}
	return recorder.Body.String() + string(text)
}

// lived is a business in which everything happened that is counted.
func lived(t *testing.T) *business {
	t.Helper()
	b := setup(t)
	b.publish(short())
	night := person{"c-2", "Eve Lorimer", "+12015550102", "c2@example.org", "email>sms", "fri-sat 22:00-01:00", "service care marketing"}
	silent := person{"c-3", "Gray Oakley", "+12015550103", "c3@example.org", "sms>email", "", ""}
	for _, p := range []person{ada, night, silent} {
		b.know(p)
	}
	const doubtful = "U012AB3CD" // on Slack, which sends no receipts
	b.importCSV("customer,name,slack,language,time_zone,channels,consents,owner\nc-4,Dora Quill," + doubtful + ",en,Europe/London,slack,service,rep-01\n")
	b.publish(looking("customer.id == 'nobody'"))
	if _, err := b.schedules().Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.sandbox.SetFault(ada.phone, sandbox.Throttle, 1)
	b.sandbox.SetFault(doubtful, sandbox.Cut, 1)
	for i, id := range []string{ada.id, night.id, silent.id, "c-4"} {
		b.happen("e-"+string(rune('1'+i)), "purchase", id, purchase)
	}
	b.eventually("she is asked", func() bool { return len(b.got(ada.phone)) == 2 })
	b.answer(ada.phone, sandbox.SMS, "My knee hurts")
	b.eventually("he waits for a visit, unasked", func() bool { return b.enrollment(silent.id).Step == "visit" })
	b.happen("e-9", "complaint.opened", ada.id, "")
	b.ends(ada.id, "exited: complaint.opened")
	b.eventually("one who is reached at night only was held", func() bool { return b.enrollment(night.id).Step != "" })
	b.eventually("the provider is asked whether it took a message, and the journey goes on", func() bool { return len(b.got(doubtful)) == 2 })
	b.readMailbox("From: someone@example.org\r\nMessage-ID: <1@example.org>\r\nSubject: Hello\r\n\r\nWhen are you open?\r\n")
	b.breakOnce()
	return b
}

// readMailbox lets the gateway read a mailbox with one mail.
func (b *business) readMailbox(mail string) {
	b.Helper()
	server := imaptest.Serve(b.T)
	server.Put(mail)
	box, err := imap.New(imap.Config{URL: server.URL(""), Log: quiet()})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	go b.handler.ReadMailbox(ctx, box)
	b.eventually("the mailbox is read", func() bool { return strings.Contains(b.metrics(), "\nperennial_mails_received_total{") })
}

// breakOnce lets a workflow's code panic once, on a queue of its own.
func (b *business) breakOnce() {
	b.Helper()
	w := worker.New(b.main.client, "broken", worker.Options{})
	broken := true
	w.RegisterWorkflowWithOptions(func(workflow.Context) error {
		if broken {
			broken = false
			panic("a mistake")
		}
		return nil
	}, workflow.RegisterOptions{Name: "broken"})
	if err := w.Start(); err != nil {
		b.Fatal(err)
	}
	defer w.Stop()
	run, err := b.main.client.ExecuteWorkflow(b.Context(), client.StartWorkflowOptions{TaskQueue: "broken"}, "broken")
	if err == nil {
		err = run.Get(b.Context(), nil)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// query is what a rule or a panel asks Prometheus.
type query struct{ where, expr string }

// queries are all that deploy/ asks.
func queries(t *testing.T) []query {
	t.Helper()
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	var board struct {
		Panels []struct {
			Title, Description, Type string
			Targets                  []struct{ Expr string }
		}
	}
	rulesText, err := os.ReadFile("../deploy/alerts.yaml")
	if err == nil {
		err = yaml.Unmarshal(rulesText, &rules)
	}
	if err != nil {
		t.Fatal(err)
	}
	boardText, err := os.ReadFile("../deploy/grafana/perennial.json")
	if err == nil {
		err = json.Unmarshal(boardText, &board)
	}
	if err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile("../docs/observability.md")
	if err != nil {
		t.Fatal(err)
	}
	var all []query
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			all = append(all, query{rule.Alert, rule.Expr})
			for _, part := range []string{"summary", "description", "action", "runbook_url"} {
				if rule.Annotations[part] == "" {
					t.Errorf("%s has no %s", rule.Alert, part)
				}
			}
			if !strings.Contains(string(guide), "\n### "+rule.Alert+"\n") || rule.Annotations["runbook_url"] != "docs/observability.md#"+strings.ToLower(rule.Alert) {
				t.Errorf("docs/observability.md has no section that %s leads to", rule.Alert)
			}
		}
	}
	for _, panel := range board.Panels {
		if panel.Type != "row" && (panel.Description == "" || len(panel.Targets) == 0) {
			t.Errorf("the panel %q says or asks nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			all = append(all, query{panel.Title, target.Expr})
		}
	}
	return all
}

var (
	named    = regexp.MustCompile(`\b((?:perennial|temporal|process|go)_[a-z_]+)(?:\{([^}]*)\})?`)
	uuid     = regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	selected = regexp.MustCompile(`([a-z_]+)\s*(=~|!=|!~|=)\s*"([^"]*)"`)
)

// possible are the values of labels that need not have happened.
func possible() []string {
	values := []string{".*", "$journey", "deliver-.*", "perennial-.*", "5.."}
	for _, kind := range []channel.Kind{
		channel.BadAddress, channel.OptedOut, channel.Rejected, channel.Throttled, channel.Temporary, channel.Misconfigured, channel.Unknown,
	} {
		values = append(values, string(kind))
	}
	return append(values, string(store.TouchUnconfirmed), string(contact.Skip), string(contact.Hold), journey.OutcomeGoal, "failed")
}

func TestEveryMetricThatAlertsAndTheBoardNameIsExposed(t *testing.T) {
	t.Parallel()
	asked := queries(t)
	b := lived(t)
	var seen exposed
	b.eventually("sweep and scan have run, and the database was asked", func() bool {
		seen = exposed{}
		seen.read(b.metrics())
		return seen["perennial_swept_total"] != nil && seen["perennial_enrollments_running"] != nil && seen["perennial_receipts_total"] != nil && seen["perennial_scan_customers_total"] != nil
	})
	for _, q := range asked {
		found := named.FindAllStringSubmatch(q.expr, -1)
		if len(found) == 0 && !strings.Contains(q.expr, "up{job=") {
			t.Errorf("%s asks for no metric: %s", q.where, q.expr)
		}
		for _, metric := range found {
			labels := seen[metric[1]]
			if labels == nil {
				t.Errorf("%s asks for %s, which is not exposed", q.where, metric[1])
				continue
			}
			for _, s := range selected.FindAllStringSubmatch(metric[2], -1) {
				if s[1] != "job" && labels[s[1]] == nil {
					t.Errorf("%s selects by %s, a label that %s does not have", q.where, s[1], metric[1])
				}
				for value := range strings.SplitSeq(s[3], "|") {
					if !slices.Contains(labels[s[1]], value) && !slices.Contains(possible(), value) {
						t.Errorf("%s selects %s=%q of %s, a value that there is not", q.where, s[1], value, metric[1])
					}
				}
			}
		}
	}
	b.inTheGuide(seen)
}

// inTheGuide insists that the guide describes each metric of ours, and none that there is not.
func (b *business) inTheGuide(seen exposed) {
	b.Helper()
	text, err := os.ReadFile("../docs/observability.md")
	if err != nil {
		b.Fatal(err)
	}
	for name := range seen {
		base := name
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			base = strings.TrimSuffix(base, suffix)
		}
		if strings.HasPrefix(name, "perennial_") && !strings.Contains(string(text), "| `"+base+"` |") {
			b.Errorf("docs/observability.md has no row for %s", base)
		}
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `(perennial_[a-z_]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		if seen[row[1]] == nil && seen[row[1]+"_count"] == nil {
			b.Errorf("docs/observability.md describes %s, which is not exposed", row[1])
		}
	}
}

func TestWhatIsCountedIsWhatHappened(t *testing.T) {
	t.Parallel()
	b := lived(t)
	b.eventually("the database was asked, the provider sent receipts, somebody was held, and a scan is over", func() bool {
		text := b.metrics()
		return !slices.ContainsFunc([]string{"enrollments_running", "receipts_total", "touch_held_seconds_count", "scan_customers_total"}, func(name string) bool {
			return !strings.Contains(text, "\nperennial_"+name+"{")
		})
	})
	text := b.metrics()
	for _, want := range []string{
		`perennial_events_received_total{status="stored"} 7`,
		`perennial_events_received_total{status="duplicate"} 0`,
		`perennial_events_routed_total{by="gateway",result="routed"} 6`,
		`perennial_event_lag_seconds_count 6`,
		`perennial_enrollments_entered_total{journey="short"} 4`,
		`perennial_enrollments_ended_total{journey="short",outcome="exited"} 1`,
		`perennial_enrollments_ended_total{journey="short",outcome="failed"} 0`,
		`perennial_touches_total{channel="sms",journey="short",state="sent"} 2`,
		`perennial_touches_total{channel="slack",journey="short",state="sent"} 2`,
		`perennial_touches_total{channel="none",journey="short",state="skipped"} 2`,
		`perennial_policy_answers_total{asked="planning",reason="no_consent",verdict="skip"} 2`,
		`perennial_provider_call_duration_seconds_count{channel="sms",class="sent"} 2`,
		`perennial_provider_call_duration_seconds_count{channel="slack",class="unknown"} 1`,
		`perennial_provider_ask_duration_seconds_count{answer="taken",channel="slack"} 1`,
		`perennial_provider_call_duration_seconds_count{channel="sms",class="throttled"} 1`,
		`perennial_touch_held_seconds_count{reason="outside_window"} `,
		`perennial_touch_lateness_seconds_count{channel="sms"} 2`,
		`perennial_receipts_total{provider="twilio",state="delivered"} `,
		`perennial_messages_received_total{channel="sms",meaning="unclear"} 1`,
		`perennial_messages_received_total{channel="email",meaning="nobody"} 1`,
		`perennial_mails_received_total{result="reply"} 1`,
		`perennial_mailbox_looked_at_timestamp_seconds `,
		`perennial_scan_customers_total{journey="looking",result="entered"} 0`,
		`perennial_scan_customers_total{journey="looking",result="looked_at"} `,
		`perennial_scan_duration_seconds_count{journey="looking",result="completed"} `,
		`perennial_database_up 1`,
		`perennial_enrollments_running{journey="short"} `,
		`perennial_touches_unconfirmed 0`,
		`perennial_gateway_request_duration_seconds_count{route="POST /v1/events",status="202"} 5`,
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("there is no %s", want)
		}
	}
	if t.Failed() {
		for line := range strings.SplitSeq(text, "\n") {
			if strings.HasPrefix(line, "perennial_") && !strings.Contains(line, "_bucket") {
				t.Log(line)
			}
		}
	}
	said := uuid.ReplaceAllString(text, "") // one of which may well hold "c-1"
	for _, p := range []string{ada.id, ada.phone[1:], ada.email, ada.name, "c-2", "c-3", "c-4", "someone@"} {
		if strings.Contains(said, p) {
			t.Errorf("/metrics says %s", p)
		}
	}
}

func TestTheMetricsOutliveTheDatabase(t *testing.T) {
	t.Parallel()
	b := open(t)
	t.Cleanup(b.main.Close)
	b.main.store.Close()
	if text := b.metrics(); !strings.Contains(text, "\nperennial_database_up 0\n") || strings.Contains(text, "\nperennial_touches_unconfirmed ") {
		t.Error("a database that is away does not look so")
	}
}
