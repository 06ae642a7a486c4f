package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/jackc/pgx/v5"

	"perennial/channel/imap"
	"perennial/channel/imap/imaptest"
	"perennial/channel/smtp"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/gateway"
	"perennial/store"
)

// complaint is a feedback report on the mail of a touch.
func complaint(touch string) string {
	return strings.ReplaceAll(`From: <feedback@provider.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Example/1.0
Version: 1
Original-Mail-From: <`+smtp.BounceAddress(mailKey, touch, "example.com")+`>

--b--
`, "\n", "\r\n")
}

// letter is a mail that somebody wrote.
func letter(id, from, text string, header ...string) string {
	lines := append([]string{"Message-ID: <" + id + "@example.org>", "From: " + from, "Content-Type: text/plain; charset=utf-8"}, header...)
	return strings.Join(append(lines, "", text), "\r\n")
}

// mail hands in a mail, and answers what became of it.
func (d *door) mail(raw string) gateway.TakenMail {
	d.Helper()
	a := d.do(http.MethodPost, gateway.MailPath, raw, "Content-Type", "message/rfc822")
	var taken gateway.TakenMail
	if err := json.Unmarshal([]byte(a.body), &taken); err != nil || a.status != http.StatusOK {
		d.Fatalf("status %d, %v: %s\n%s", a.status, err, a.body, d.log)
	}
	return taken
}

// mails are those that came, as "result touch".
func (d *door) mails(all bool) []string {
	d.Helper()
	mails, err := d.store.Mails(d.Context(), all, 100)
	if err != nil {
		d.Fatal(err)
	}
	var list []string
	for _, m := range mails {
		list = append(list, strings.TrimSpace(string(m.Result)+" "+m.Touch))
	}
	return list
}

func TestAComplaintStopsMailsToItsAddressAndIsKeptOnce(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	sent, _ := d.mailed("c-1", "marketing")
	for i := range 2 {
		if got := d.mail(complaint(sent.ID)); got.Result != store.MailComplaint || got.Touch != sent.ID || got.Duplicate != (i > 0) {
			t.Errorf("%d: %+v", i, got)
		}
	}
	d.mail(complaint(sent.ID) + "\r\n") // another report of the same
	if got := d.consents("c-1"); got != "map[care:true marketing:false service:true]" {
		t.Errorf("she agrees to %s", got)
	}
	if mail, sms := d.bad("c-1", customer.Email), d.bad("c-1", customer.SMS); mail != "opted_out" || sms != "" {
		t.Errorf("her mail address is %q, her phone %q", mail, sms)
	}
	if got := d.routed.types(); !slices.Equal(got, []string{"message.reported c-1", "consent.changed c-1"}) {
		t.Errorf("routed %v", got)
	}
	log, err := d.store.ConsentLog(t.Context(), "c-1", 1)
	if err != nil || log[0].Source != store.SourceComplaint || log[0].Channel != customer.Email {
		t.Errorf("the log says %+v, %v", log, err)
	}
	if got := d.mails(false); !slices.Equal(got, []string{"complaint " + sent.ID, "complaint " + sent.ID}) {
		t.Errorf("to look at: %v", got)
	}
	// Who writes START from there wants mails again, but not what they called spam.
	d.mail(letter("1", "Ada.Fairley@example.org", "START"))
	if d.bad("c-1", customer.Email) != "" || d.consents("c-1") != "map[care:true marketing:false service:true]" {
		t.Errorf("after START her address is %q, and she agrees to %s", d.bad("c-1", customer.Email), d.consents("c-1"))
	}
}

func TestAForgedComplaintChangesNothing(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	sent, _ := d.mailed("c-1", "marketing")
	told := touch(d.enroll("onboarding", "c-1", "", monday), "tell", journey.Notify, customer.Email, monday)
	told.Topic = ""
	colleague := d.sent(told, monday)
	for name, c := range map[string]struct{ raw, why string }{
		"of another touch":      {strings.Replace(complaint(sent.ID), "bounce+", "bounce+1", 1), "nothing is signed by us"},
		"of no touch":           {complaint("999.offer.1.1"), "no such touch"},
		"of a colleague's mail": {complaint(colleague.ID), "a message to a colleague"},
	} {
		if got := d.mail(c.raw); got.Result != store.MailIgnored || !strings.Contains(got.Why, c.why) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if d.bad("c-1", customer.Email) != "" || len(d.routed.all()) != 0 || len(d.mails(false)) != 3 {
		t.Errorf("her address is %q, routed %v, listed %v", d.bad("c-1", customer.Email), d.routed.types(), d.mails(false))
	}
}

func TestAnAnswerByMailAnswersTheQuestionThatItNames(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	ask := func(name string) store.Touch {
		e := d.enroll(name, "c-3", "", monday)
		asked := d.sent(touch(e, "how_is_it", journey.Ask, customer.Email, monday), monday)
		if err := d.store.Project(t.Context(), e.ID, store.Projection{Step: "how_is_it"}, monday); err != nil {
			t.Fatal(err)
		}
		return asked
	}
	first, second := ask("onboarding"), ask("birthday")
	answered := func(id string) string {
		for _, e := range d.routed.all() {
			var said struct{ Touch string }
			if err := json.Unmarshal(e.Data, &said); err != nil {
				t.Fatal(err)
			}
			if e.Type == "survey.answered" && strings.HasSuffix(string(e.Data), `"touch":"`+id+`"}`) {
				return string(e.Data)
			}
		}
		return ""
	}
	got := d.mail(letter("1", "林晓梅 <mei@Example.org>", "很满意\r\n\r\nOn Mon, 4 May 2026 at 12:00, Example Ltd <hello@example.com>\r\nwrote:\r\n\r\n> 1", "In-Reply-To: <"+first.ID+"@example.com>"))
	if got.Result != store.MailReply || answered(first.ID) != `{"channel":"email","score":5,"survey":"how_is_it","touch":"`+first.ID+`"}` || answered(second.ID) != "" {
		t.Errorf("%+v: %s, %s", got, answered(first.ID), answered(second.ID))
	}
	d.mail(letter("2", "mei@example.org", "4 stars"))
	if answered(second.ID) == "" {
		t.Errorf("one that names none answered %v", d.routed.types())
	}
	before := len(d.routed.all())
	if again := d.mail(letter("2", "mei@example.org", "4 stars")); !again.Duplicate || len(d.routed.all()) != before {
		t.Errorf("what came again: %+v", again)
	}
}

func TestNotesOfRobotsStopAndAnswerNothing(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	sent, _ := d.mailed("c-1", "marketing")
	for i, header := range []string{"Auto-Submitted: auto-replied", "Precedence: auto_reply", "Subject: Out of office: Offer"} {
		to := "To: " + smtp.BounceAddress(mailKey, sent.ID, "example.com")
		if got := d.mail(letter(fmt.Sprint(i), "Ada.Fairley@example.org", "STOP", header, to)); got.Result != store.MailAutomatic {
			t.Errorf("%s: %+v", header, got)
		}
	}
	if len(d.routed.all())+len(d.unread()) != 0 || d.bad("c-1", customer.Email) != "" || len(d.mails(false)) != 0 || len(d.mails(true)) != 3 {
		t.Errorf("routed %v, to be read %v, listed %v", d.routed.types(), d.unread(), d.mails(false))
	}
}

func TestAMailOfNobodysIsKeptAndWhatCannotBeReadIsListed(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.mail(letter("1", "someone@example.org", "my knee hurts"))
	d.mail(letter("2", "Ada.Fairley@example.org", "half of a pair \xed\xa0\x80 and a zero \x00"))
	for _, broken := range []string{"", "\x00\x01\x02", "no header at all", ":\r\n\r\n"} {
		if got := d.mail(broken); got.Result != store.MailUnreadable && got.Result != store.MailIgnored || got.Why == "" {
			t.Errorf("%q: %+v", broken, got)
		}
	}
	if got := d.unread(); len(got) != 2 || got[0] != "someone@example.org my knee hurts" {
		t.Errorf("to be read: %q", got)
	}
	mails, err := d.store.Mails(t.Context(), false, 10)
	if err != nil || len(mails) != 4 {
		t.Fatalf("listed: %+v, %v", mails, err)
	}
	if err := d.store.MarkMailSeen(t.Context(), mails[0].ID, "rep-01", monday); err != nil {
		t.Fatal(err)
	}
	if got := d.mails(false); len(got) != 3 {
		t.Errorf("after one was seen to: %v", got)
	}
	d.do(http.MethodPost, gateway.MailPath, letter("3", "ben@example.org", "hi"), "Authorization", "").says(t, http.StatusUnauthorized)
}

func TestTheMailboxIsReadByOneGatewayOfSeveral(t *testing.T) {
	t.Parallel()
	box := imaptest.Serve(t, goimap.CapIdle)
	d := open(t, nil)
	sent, _ := d.mailed("c-1", "marketing")
	box.Put(bounce(sent.ID, "Ada.Fairley@example.org", "failed", "5.1.1"))
	box.Put(letter("1", "someone@example.org", "my knee hurts"))
	box.Put("no header at all")
	read := func(ctx context.Context) chan struct{} {
		mailbox, err := imap.New(imap.Config{URL: box.URL(""), Every: 20 * time.Millisecond, Log: d.gateway.Log})
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { defer close(ended); d.gateway.ReadMailbox(ctx, mailbox) }()
		return ended
	}
	ctx, stop := context.WithCancel(t.Context())
	first, second := read(ctx), read(ctx)
	until(t, func() bool { return box.Unseen() == 0 && len(d.mails(true)) == 3 })
	box.Put(letter("2", "someone@example.org", "still"))
	until(t, func() bool { return box.Unseen() == 0 && len(d.mails(true)) == 4 })
	// The one who reads is alone.
	if err := d.store.Alone(t.Context(), "mailbox", func(context.Context) error { return nil }); err != store.ErrNotAlone { //nolint:errorlint // as it is
		t.Errorf("while it is read: %v", err)
	}
	stop()
	<-first
	<-second
	if err := d.store.Alone(t.Context(), "mailbox", func(context.Context) error { return nil }); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if d.bad("c-1", customer.Email) != "bad_address" || len(d.unread()) != 2 {
		t.Errorf("her address is %q, to be read %v", d.bad("c-1", customer.Email), d.unread())
	}
	mails, err := d.store.Mails(t.Context(), false, 10)
	if err != nil || len(mails) != 1 || mails[0].Place != "INBOX, UID 3" {
		t.Errorf("listed: %+v, %v", mails, err)
	}
}

func TestWhoLosesTheConnectionThatKeepsOthersOutStops(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	begun, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- d.store.Alone(t.Context(), "mailbox", func(ctx context.Context) error {
			close(begun)
			<-ctx.Done()
			return nil
		})
	}()
	<-begun
	conn, err := pgx.Connect(t.Context(), d.database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // it has done its work
	const lock = "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"
	if _, err := conn.Exec(t.Context(), lock); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "the connection that keeps others from mailbox was lost") {
		t.Errorf("it ended with %v", err)
	}
}

// until waits until something is so; what never is so fails by the test's own deadline.
func until(t *testing.T, so func() bool) {
	t.Helper()
	for !so() {
		select {
		case <-t.Context().Done():
			t.Fatal("never")
		case <-time.After(10 * time.Millisecond):
		}
	}
}
