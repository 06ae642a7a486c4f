package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"perennial/channel/twilio"
	"perennial/deploy/stack/stacktest"
	"perennial/domain/clock"
	"perennial/gateway"
	"perennial/store"
	"perennial/store/importcsv"
)

const (
	token       = "a token of these tests"
	twilioToken = "a secret of these tests"
	publicURL   = "https://gateway.example/perennial"
)

// monday is when the stack's clock starts, noon in London; it then goes at twice the rate of real time.
var monday = time.Date(2026, 5, 4, 11, 0, 0, 0, time.UTC)

// door is a gateway over a database of its own, seen from outside.
type door struct {
	*testing.T

	gateway  *gateway.Gateway
	client   *http.Client
	store    *store.Store
	url      string
	routed   *routed
	log      *log
	database string
}

// routed is a dispatcher that remembers what it was given, and fails where it is told to. What routing does is tested with activities.Events.
type routed struct {
	mu     sync.Mutex
	events []store.Event
	told   []store.Touch // of which it was given a receipt
	fail   error
	hang   bool // until the caller gives up
}

func (r *routed) Dispatch(ctx context.Context, e store.Event) error {
	r.mu.Lock()
	r.events = append(r.events, e)
	hang, fail := r.hang, r.fail
	r.mu.Unlock()
	if hang {
		<-ctx.Done()
		return ctx.Err()
	}
	return fail
}

func (r *routed) DispatchReceipt(_ context.Context, t store.Touch) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told = append(r.told, t)
	return r.fail
}

// receipts are the touches of which it was given a receipt, as "id state".
func (r *routed) receipts() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var receipts []string
	for _, t := range r.told {
		receipts = append(receipts, t.ID+" "+string(t.State))
	}
	return receipts
}

// types are what was routed, as "type customer": by customer, and of each in order.
func (r *routed) types() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	types := make([]string, len(r.events))
	for i, e := range slices.SortedStableFunc(slices.Values(r.events), func(a, b store.Event) int { return strings.Compare(a.Customer, b.Customer) }) {
		types[i] = e.Type + " " + e.Customer
	}
	return types
}

// all are the events that were routed.
func (r *routed) all() []store.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

// log is all that was logged.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// people are the customers of these tests: c-1 and c-2 share a phone.
const people = `customer,name,phone,email,language,time_zone,country,channels,contact_windows,consents,owner,star
c-1,Ada Fairley,+12015550101,Ada.Fairley@example.org,en,Europe/London,GB,sms>email,,service care marketing,rep-01,4
c-2,Ben Fairley,+12015550101,ben@example.org,en,Europe/London,GB,sms,,service,rep-01,3
c-3,林晓梅,+12015550103,mei@example.org,zh-CN,Asia/Shanghai,CN,email>sms,sat-sun 10:00-12:00; mon-fri 18:30-20:30,service,rep-02,5
`

// open opens a gateway; change may alter how it is configured.
func open(t *testing.T, change func(*gateway.Config)) *door {
	t.Helper()
	d := &door{T: t, database: stacktest.Postgres(t), routed: &routed{}, log: &log{}, client: http.DefaultClient}
	var err error
	if d.store, err = store.Open(t.Context(), d.database); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.store.Close)
	if _, _, err := d.store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.importCSV(people)
	config := gateway.Config{
		Store: d.store, Dispatcher: d.routed, Clock: clock.Starting(monday, time.Now(), 2), Log: slog.New(slog.NewTextHandler(d.log, nil)),
		Address: "127.0.0.1:8420", Token: token, SessionKey: []byte("a key of these tests"), PublicURL: publicURL, TwilioToken: twilioToken,
		UnsubscribeKey: mailKey, BounceKey: mailKey, TemporalUI: "https://temporal.example", Namespace: "default",
	}
	if change != nil {
		change(&config)
	}
	g, err := gateway.New(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	d.gateway = g
	t.Cleanup(g.Close)
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	d.url, d.gateway = server.URL, g
	t.Cleanup(d.logsNothingPersonal)
	return d
}

func (d *door) importCSV(text string) {
	d.Helper()
	file := filepath.Join(d.TempDir(), "customers.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		d.Fatal(err)
	}
	summary, err := importcsv.Customers(d.Context(), d.store, file, importcsv.Options{Region: "US", Now: monday})
	if err != nil || summary.Rejected+summary.Notes > 0 {
		d.Fatalf("import: %+v, %v", summary, err)
	}
}

// logsNothingPersonal holds for every test here.
func (d *door) logsNothingPersonal() {
	logged := d.log.String()
	for _, personal := range []string{"5550101", "5550103", "5550199", "@example.org", "Fairley", "林晓梅", "my knee hurts"} {
		if strings.Contains(logged, personal) {
			d.Errorf("the log has %q in it:\n%s", personal, logged)
		}
	}
}

// answer is what the gateway answered.
type answer struct {
	status int
	body   string
	header http.Header
}

// says fails unless the answer has this status and these texts.
func (a answer) says(t testing.TB, status int, texts ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("status %d, want %d: %.500s", a.status, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("the answer lacks %q:\n%.500s", text, a.body)
		}
	}
}

// do sends a request with the token; headers are pairs of name and value, and an empty value takes a header away.
func (d *door) do(method, path, body string, headers ...string) answer {
	d.Helper()
	request, err := http.NewRequestWithContext(d.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	for pair := range slices.Chunk(headers, 2) {
		request.Header.Set(pair[0], pair[1])
		if pair[0] == "Host" {
			request.Host = pair[1]
		}
		if pair[1] == "" {
			request.Header.Del(pair[0])
		}
	}
	response, err := d.client.Do(request)
	if err != nil {
		d.Error(err)
		return answer{}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		d.Error(err)
	}
	return answer{response.StatusCode, string(text), response.Header}
}

// hand hands in a body.
func (d *door) hand(body string) answer {
	d.Helper()
	return d.do(http.MethodPost, "/v1/events", body, "Content-Type", "application/json")
}

// took fails unless the body is taken, and answers what became of each of its events.
func (d *door) took(body string) []gateway.Accepted {
	d.Helper()
	a := d.hand(body)
	var accepted struct{ Events []gateway.Accepted }
	if err := json.Unmarshal([]byte(a.body), &accepted); err != nil || a.status != http.StatusAccepted {
		d.Fatalf("status %d, %v: %s", a.status, err, a.body)
	}
	return accepted.Events
}

// webhook calls a webhook as Twilio does.
func (d *door) webhook(path string, form url.Values) answer {
	d.Helper()
	return d.do(http.MethodPost, path, form.Encode(), "Authorization", "", "Content-Type", "application/x-www-form-urlencoded",
		twilio.SignatureHeader, twilio.Sign(twilioToken, publicURL+path, form))
}

// event returns a stored event; nil where there is none.
func (d *door) event(id string) *store.Event {
	d.Helper()
	e, err := d.store.Event(d.Context(), id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		d.Fatal(err)
	}
	return &e
}

// data fails unless a stored event has this type, customer and data.
func (d *door) data(id, kind, who, data string) {
	d.Helper()
	e := d.event(id)
	if e == nil {
		d.Fatalf("event %s is not stored", id)
	}
	var got, want any
	if err := errors.Join(json.Unmarshal(e.Data, &got), json.Unmarshal([]byte(data), &want)); err != nil {
		d.Fatal(err)
	}
	if e.Type != kind || e.Customer != who || fmt.Sprint(got) != fmt.Sprint(want) {
		d.Errorf("event %s is %s of %s with %s", id, e.Type, e.Customer, e.Data)
	}
}

// consents are a customer's, as "topic true".
func (d *door) consents(who string) string {
	d.Helper()
	p, err := d.store.Profile(d.Context(), who)
	if err != nil {
		d.Fatal(err)
	}
	return fmt.Sprint(p.Consents)
}
