package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"perennial/channel/sandbox"
	"perennial/config"
	"perennial/deploy/stack"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
)

// These tests have a worker's process die at each place on the way of a touch to its provider, for each provider, and start it anew: on a real stack, with the
// worker's own program, in a build that can crash on purpose. docs/delivery.md has the same table.

// ending is what became of a touch whose worker died.
type ending struct {
	got   int              // messages that the customer got
	state store.TouchState // what the ledger says
	why   string           // what a manager reads beside it; empty where there is nothing to read
}

// What became of touches, in the words of managers.
var (
	sent    = ending{got: 1, state: store.TouchSent}
	found   = ending{got: 1, state: store.TouchSent, why: "turned out to have it when it was asked"}
	notTold = ending{got: 1, state: store.TouchUnconfirmed, why: "it can't be told whether it is this one"}
	mailed  = ending{got: 1, state: store.TouchUnconfirmed, why: "the provider can't be asked"}
	unsent  = ending{got: 0, state: store.TouchUnconfirmed, why: "the provider can't be asked"}
	noReply = ending{got: 1, state: store.TouchUnconfirmed, why: "the provider did not say whether it took the message"}
)

// crash is one place to die at, or what a provider does until the test kills the worker, and what becomes of the touch by SMS, WhatsApp, Slack and mail.
type crash struct {
	name     string
	at       string        // the failpoint; empty: the test kills the worker once its providers do as told
	fault    sandbox.Fault // of the first call of each provider
	most     int           // how many touches come to the failpoint, of four
	receipts bool          // Twilio's callbacks reach the gateway
	want     [4]ending
}

var crashes = []crash{
	{name: "the claim is not committed", at: "claiming", want: [4]ending{sent, sent, sent, sent}},
	{name: "the claim is committed", at: "owned", want: [4]ending{sent, sent, sent, unsent}},
	{name: "the call comes next", at: "calling", want: [4]ending{sent, sent, sent, unsent}},
	{name: "the request is written and the provider takes nothing", fault: sandbox.Hang, want: [4]ending{sent, sent, sent, unsent}},
	{name: "the request is written and the provider takes it", fault: sandbox.Stall, want: [4]ending{found, notTold, found, mailed}},
	{name: "the answer is not written down", at: "called", want: [4]ending{found, notTold, found, mailed}},
	{name: "the answer is written down", at: "recorded", want: [4]ending{sent, sent, sent, sent}},
	{name: "no answer came, which is not written down", at: "doubting", fault: sandbox.Cut, want: [4]ending{found, notTold, found, mailed}},
	{name: "the provider was asked, which is not written down", at: "asking", fault: sandbox.Cut, most: 3, want: [4]ending{found, notTold, found, noReply}},
	{name: "the answer is not written down, and receipts come", at: "called", receipts: true, want: [4]ending{
		{got: 1, state: store.TouchDelivered}, {got: 1, state: store.TouchDelivered}, found, mailed,
	}},
}

// crashers are four customers, each of whom is reached on one channel alone.
var crashers = [4]struct {
	customer string
	channel  customer.Channel
	address  string // as the sandbox shows it
	faults   string // as faults are ordered for it
	row      string
}{
	{"c-sms", customer.SMS, "+12015550101", "+12015550101", "+12015550101,,,,sms"},
	{"c-whatsapp", customer.WhatsApp, "+12015550102", "whatsapp:+12015550102", ",+12015550102,,,whatsapp"},
	{"c-slack", customer.Slack, "U012AB3CD", "U012AB3CD", ",,U012AB3CD,,slack"},
	{"c-email", customer.Email, "c4@example.org", "c4@example.org", ",,,c4@example.org,email"},
}

func TestAWorkerThatDiesAnywhereOnTheWayToAProviderSendsNothingTwice(t *testing.T) {
	t.Parallel()
	program := built(t, "sabotage")
	for _, c := range crashes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := openAt(t, slowly(), func(config *config.Config) { config.Patience, config.TwilioWhatsAppFrom = time.Second, "+12025550124" })
			defer b.main.Close()
			b.publishTo4()
			b.importCSV("customer,phone,whatsapp,slack,email,channels,language,time_zone,consents\n" + rows())
			for _, who := range crashers {
				if c.fault != sandbox.NoFault {
					b.sandbox.SetFault(who.faults, c.fault, 1)
				}
			}
			b.dies(program, c)
			b.works(program, c)
			for i, who := range crashers {
				t.Run(string(who.channel), func(t *testing.T) { b.endedAs(t, who.customer, who.address, c.want[i]) })
			}
		})
	}
}

// built is the worker's own program, built for the test.
func built(t *testing.T, tags string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "worker")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-tags", tags, "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build the worker: %v\n%s", err, out)
	}
	return program
}

// publishTo4 publishes a journey that sends one message, which is written for every channel, and then waits.
func (b *business) publishTo4() {
	b.Helper()
	plan := journey.Plan{
		Encoding: journey.PlanEncoding, Journey: "crash", Title: "A crash", Enter: journey.Enter{On: "purchase", Again: journey.Again{Rule: journey.Never}},
		Steps: []journey.Step{
			{ID: "welcome", Verb: journey.Send, Next: 1, Template: "welcome", Topic: "service", Valid: journey.Span{Days: 7}},
			{ID: "wait", Verb: journey.Wait, Next: journey.End, For: journey.Span{Days: 30}},
		},
	}
	encoded, err := json.Marshal(plan)
	if err != nil {
		b.Fatal(err)
	}
	texts := map[customer.Channel]string{
		customer.SMS: "Hello", customer.Slack: "Hello", customer.Email: "---\nsubject: Hello\n---\nHello",
		customer.WhatsApp: "---\ncontent_sid: HX0123456789abcdef0123456789abcdef\n---\nHello",
	}
	var templates []store.Template
	for _, channel := range customer.Channels {
		templates = append(templates, store.Template{Name: "welcome", Channel: channel, Language: "en", Source: texts[channel]})
	}
	_, _, err = b.store.Publish(b.Context(), store.Version{
		Journey: plan.Journey, Hash: "1", Plan: encoded, Catalogue: []byte("{}"), EntersOn: "purchase", Listens: plan.Listens(), PublishedAt: monday,
	}, templates)
	if err != nil {
		b.Fatal(err)
	}
}

func rows() string {
	var rows strings.Builder
	for _, who := range crashers {
		fmt.Fprintf(&rows, "%s,%s,en,Europe/London,service\n", who.customer, who.row)
	}
	return rows.String()
}

// process starts a worker's process, which knows nothing but its environment.
func (b *business) process(program string, settings config.Config, more ...string) *stack.Process {
	b.Helper()
	environment := append(settings.Environ(), "TEMPORAL_ADDRESS="+b.main.Temporal.HostPort, "TEMPORAL_NAMESPACE="+b.main.Temporal.Namespace)
	p, err := stack.Command{
		Name: "the worker", Path: program, Log: filepath.Join(b.TempDir(), "worker.log"), Grace: 20 * time.Second, Env: append(environment, more...),
	}.Start()
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// settings are those of the worker in a crash.
func (b *business) settings(c crash) config.Config {
	settings := b.main.Config
	if !c.receipts {
		settings.PublicURL = "http://127.0.0.1:9" // where nobody hears the callbacks
	}
	return settings
}

// dies has a worker deliver to all four at once, and die in the middle of it.
func (b *business) dies(program string, c crash) {
	b.Helper()
	failpoint := ""
	if c.at != "" {
		failpoint = fmt.Sprintf("%s@%d", c.at, cmp.Or(c.most, len(crashers)))
	}
	p := b.process(program, b.settings(c), "PERENNIAL_FAILPOINT="+failpoint)
	for i, who := range crashers {
		b.happen(fmt.Sprintf("e-%d", i), "purchase", who.customer, purchase)
	}
	if c.at == "" {
		b.eventually("all four are at their providers", func() bool { return len(b.sandbox.Messages())+len(b.sandbox.Refused()) >= len(crashers) })
		p.Signal(syscall.SIGKILL)
	}
	select {
	case <-p.Done():
	case <-time.After(2 * time.Minute):
		_ = p.Stop()
		b.Fatalf("the worker did not die\n%s", b.story())
	}
}

// works starts the worker anew, and waits until it has done what there is to do.
func (b *business) works(program string, c crash) {
	b.Helper()
	p := b.process(program, b.settings(c))
	b.Cleanup(func() {
		if err := p.Stop(); err != nil {
			b.Error(err)
		}
	})
	for _, who := range crashers {
		b.eventually(who.customer+" goes on", func() bool { return b.enrollment(who.customer).Step == "wait" })
	}
}

// endedAs checks what the customer got, what the ledger says, and what a manager reads in the list of unconfirmed touches and in the run's details.
func (b *business) endedAs(t *testing.T, who, address string, want ending) {
	t.Helper()
	if got := len(b.got(address)); got != want.got {
		t.Errorf("the customer got %d, want %d", got, want.got)
	}
	touches, err := b.store.Touches(t.Context(), b.enrollment(who).ID)
	if err != nil || len(touches) != 1 {
		t.Fatalf("%d touches, %v", len(touches), err)
	}
	touch := touches[0]
	if touch.State != want.state || !strings.Contains(touch.Reason, want.why) || want.why == "" && touch.Reason != "" {
		t.Errorf("the ledger says %s, %q; want %s, %q", touch.State, touch.Reason, want.state, want.why)
	}
	listed, err := b.store.UnconfirmedTouches(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	isListed := false
	for _, one := range listed {
		isListed = isListed || one.ID == touch.ID
	}
	if isListed != (want.state == store.TouchUnconfirmed) {
		t.Errorf("listed as unconfirmed: %v", isListed)
	}
	note := "| sent |"
	if want.state == store.TouchUnconfirmed {
		note = "unconfirmed: " + touch.Reason
	}
	if details := b.details(b.enrollment(who)); !strings.Contains(details, note) {
		t.Errorf("a manager does not read %q:\n%s", note, details)
	}
}

func TestNoBuildButTheOneForTestsCanCrashOnPurpose(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{".", "../activities"} {
		for _, tags := range []string{"", "sabotage"} {
			out, err := exec.CommandContext(t.Context(), "go", "list", "-tags", tags, "-f", "{{join .GoFiles \" \"}}", folder).Output()
			if err != nil {
				t.Fatal(err)
			}
			if got, want := strings.Contains(string(out), "_on.go"), tags != ""; got != want {
				t.Errorf("%s with tags %q is built of %s", folder, tags, out)
			}
		}
	}
}
