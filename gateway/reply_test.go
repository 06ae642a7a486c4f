package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/channel/twilio"
	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/gateway"
	"perennial/store"
)

// sms is a message as Twilio tells of it.
func sms(sid, from, text string) url.Values {
	return url.Values{"MessageSid": {sid}, "From": {from}, "To": {"+12025550123"}, "Body": {text}}
}

// asks has a customer asked a question to which the answer is awaited.
func (d *door) asks(who string) store.Touch {
	d.Helper()
	e := d.enroll("onboarding", who, "", monday)
	asked := d.sent(touch(e, "how_is_it", journey.Ask, customer.SMS, monday), monday)
	if err := d.store.Project(d.Context(), e.ID, store.Projection{Step: "how_is_it"}, monday); err != nil {
		d.Fatal(err)
	}
	return asked
}

func TestOnlyTwilioMayCallTwiliosWebhooks(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	form := sms("SM1", "+12015550101", "hello")
	post := func(signature string, form url.Values) answer {
		return d.do(http.MethodPost, gateway.SMSPath, form.Encode(), "Authorization", "", twilio.SignatureHeader, signature)
	}
	good := twilio.Sign(twilioToken, publicURL+gateway.SMSPath, form)
	for name, a := range map[string]answer{
		"unsigned":           post("", form),
		"by another token":   post(twilio.Sign("another", publicURL+gateway.SMSPath, form), form),
		"another address":    post(twilio.Sign(twilioToken, d.url+gateway.SMSPath, form), form),
		"another text":       post(good, sms("SM1", "+12015550101", "STOP")),
		"receipt, unsigned":  d.do(http.MethodPost, gateway.StatusPath, "MessageStatus=delivered", "Authorization", ""),
		"receipt by another": d.do(http.MethodPost, gateway.StatusPath+"?touch=1.a.1.1", "", twilio.SignatureHeader, good),
	} {
		if a.status != http.StatusForbidden {
			t.Errorf("%s: status %d: %s", name, a.status, a.body)
		}
	}
	if d.event("twilio:SM1") != nil {
		t.Error("it was stored")
	}
	post(good, form).says(t, http.StatusOK, "<Response></Response>")
	closed := open(t, func(c *gateway.Config) { c.TwilioToken = "" })
	closed.webhook(gateway.SMSPath, form).says(t, http.StatusForbidden)
	d.webhook(gateway.SMSPath, sms("SM2", "+12015550101", strings.Repeat("x", 64<<10))).says(t, http.StatusRequestEntityTooLarge)
	d.webhook(gateway.SMSPath, sms("", "+12015550101", "hello")).says(t, http.StatusBadRequest, "MessageSid")
}

func TestANumberAnswersTheQuestionThatIsOpen(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	asked := d.asks("c-3")
	for _, sid := range []string{"SM1", "SM1"} { // Twilio may call twice
		d.webhook(gateway.SMSPath, sms(sid, "+12015550103", " ４！")).says(t, http.StatusOK, "<Response></Response>")
	}
	d.data("twilio:SM1", "message.received", "c-3", `{"channel":"sms","text":" ４！"}`)
	d.data(d.answerTo("twilio:SM1"), "survey.answered", "c-3", `{"survey":"how_is_it","score":4,"channel":"sms","touch":"`+asked.ID+`"}`)
	p, err := d.store.Profile(t.Context(), "c-3")
	if err != nil || len(p.Surveys) != 1 || p.Surveys[0].Score != 4 {
		t.Errorf("answers: %+v, %v", p.Surveys, err)
	}
	if got := d.routed.types(); !slices.Equal(got, []string{"message.received c-3", "survey.answered c-3"}) {
		t.Errorf("routed: %v", got)
	}
}

func TestAMessageByWhatsAppIsOfWhomeverHasTheNumberThere(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.importCSV("customer,name,whatsapp,language,time_zone,country,consents\nc-9,Wes Appleby,+12015550101,en,Europe/London,GB,service\n") // by SMS the number is c-1's and c-2's
	d.webhook(gateway.SMSPath, sms("SM1", "whatsapp:+12015550101", "my knee hurts")).says(t, http.StatusOK, "<Response></Response>")
	d.data("twilio:SM1", "message.received", "c-9", `{"channel":"whatsapp","text":"my knee hurts"}`)
	d.webhook(gateway.SMSPath, sms("SM2", "whatsapp:+12015550103", "hello")).says(t, http.StatusOK, "<Response></Response>")
	if d.event("twilio:SM2") != nil {
		t.Error("a number that is nobody's by WhatsApp was taken for somebody's")
	}
}

func TestAnAnswerUnderstoodOnceIsNotUnderstoodAgain(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.webhook(gateway.SMSPath, sms("SM1", "+12015550103", "4")).says(t, http.StatusOK)
	d.asks("c-3")
	d.webhook(gateway.SMSPath, sms("SM1", "+12015550103", "4")).says(t, http.StatusOK)
	d.data("twilio:SM1", "message.received", "c-3", `{"channel":"sms","text":"4"}`)
	if got := d.routed.types(); !slices.Equal(got, []string{"message.received c-3", "message.unclear c-3"}) {
		t.Errorf("routed: %v", got)
	}
}

func TestTheAnswerIsOfWhomeverWeAsked(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.asks("c-2")
	d.sent(touch(d.enroll("birthday", "c-1", "", monday), "card", journey.Send, customer.SMS, monday.Add(time.Hour)), monday.Add(time.Hour))
	d.webhook(gateway.SMSPath, sms("SM1", "+12015550101", "2")).says(t, http.StatusOK)
	d.webhook(gateway.SMSPath, sms("SM2", "+12015550101", "my knee hurts")).says(t, http.StatusOK)
	if got := d.routed.types(); !slices.Equal(got, []string{"message.received c-1", "message.unclear c-1", "message.received c-2", "survey.answered c-2"}) {
		t.Errorf("routed: %v", got)
	}
}

// answerTo is the id of the answer that a message brought.
func (d *door) answerTo(message string) string {
	for _, e := range d.routed.all() {
		if e.Type == journey.SurveyAnswered {
			return e.ID
		}
	}
	d.Fatalf("message %s answers nothing", message)
	return ""
}

// unread are the messages for a person to read, as "customer text".
func (d *door) unread() []string {
	d.Helper()
	replies, err := d.store.Replies(d.Context(), store.ReplyFilter{}, 100)
	if err != nil {
		d.Fatal(err)
	}
	texts := make([]string, len(replies))
	for i, r := range replies {
		texts[i] = r.Customer + r.Address + " " + r.Text
	}
	return texts
}

func TestAnswersAreReadInTheWaysInWhichPeopleGiveThem(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	asked := d.asks("c-3")
	n := 0
	reads := func(text string) (score float64) {
		n++
		sid := fmt.Sprintf("SM%d", n)
		before := len(d.routed.all())
		d.webhook(gateway.SMSPath, sms(sid, "+12015550103", text)).says(t, http.StatusOK)
		for _, e := range d.routed.all()[before:] {
			var data struct {
				Score float64
				Touch string
			}
			if err := json.Unmarshal(e.Data, &data); err != nil {
				t.Fatal(err)
			}
			if e.Type == journey.SurveyAnswered && data.Touch == asked.ID {
				score = data.Score
			}
		}
		return score
	}
	for score, texts := range map[float64][]string{
		1: {"1", "one", "1/5", "一分", "很不满意", "非常不滿意", "Very bad!", "😡", "😠😠", "★☆☆☆☆"},
		2: {"2", "two stars", "2 of 5", "两星", "不满意", "dissatisfied", "not satisfied.", "👎🏽", "☹️"},
		3: {"3", "ok", "Okay", "So-so", "一般", "还可以", "😐", "three"},
		4: {"4", "４", " 4! ", "4 stars", "4 Star", "4/5", "4 / 5", "4 out of 5", "four out of five", "4分", "4星", "四颗星", "满意", "滿意。", "good", "👍", "👍🏻👍🏻", "⭐⭐⭐⭐"},
		5: {"5", "five", "Five!", "5-stars", "很满意", "非常满意！", "Excellent", "very satisfied", "😀", "😍😍😍", "❤️", "★★★★★"},
		0: {
			"6", "0", "45", "-5", "+1", "4 or 5", "4.5", "10/10", "4/10", "not good", "my knee hurts", "😀😡", "4 😡", "5 minutes", "two weeks", "一个", "★★★★★★", "?",
			"five o'clock", "not very satisfied",
		},
	} {
		for _, text := range texts {
			if got := reads(text); got != score {
				t.Errorf("%q is read as %v, want %v", text, got, score)
			}
		}
	}
}

func TestWordsAnswerOnlyWhereSatisfactionIsAskedFor(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *gateway.Config) {
		c.Policy = func(context.Context) (contact.Policy, error) {
			return contact.Policy{Satisfied: &contact.Satisfaction{Surveys: []string{"satisfaction"}}}, nil
		}
	})
	d.asks("c-3") // another question: a good answer is none to why somebody left
	for i, text := range []string{"good", "👍", "很满意", "★★"} {
		d.webhook(gateway.SMSPath, sms(fmt.Sprintf("SM%d", i), "+12015550103", text)).says(t, http.StatusOK)
	}
	if got := d.unread(); len(got) != 4 {
		t.Errorf("to be read: %q", got)
	}
	d.webhook(gateway.SMSPath, sms("SM9", "+12015550103", "Two.")).says(t, http.StatusOK)
	if got := d.routed.types(); got[len(got)-1] != "survey.answered c-3" {
		t.Errorf("routed: %v", got)
	}
}

func TestOtherTextIsForAPersonToRead(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.asks("c-3")
	texts := []string{"my knee hurts", "45", "6", "4 or 5", "please don't stop", "stop by tomorrow?", "", "a\x00b"}
	for i, text := range texts {
		sid := fmt.Sprintf("SM%d", i)
		d.webhook(gateway.SMSPath, sms(sid, "+12015550103", text)).says(t, http.StatusOK)
		kept, err := json.Marshal(strings.ReplaceAll(text, "\x00", ""))
		if err != nil {
			t.Fatal(err)
		}
		d.data("twilio:"+sid, "message.received", "c-3", `{"channel":"sms","text":`+string(kept)+`}`)
	}
	if got := d.consents("c-3"); got != "map[service:true]" {
		t.Errorf("consents: %s", got)
	}
	if got := d.unread(); len(got) != len(texts) || got[0] != "c-3 my knee hurts" {
		t.Errorf("to be read: %q", got)
	}
}

func TestAnAnswerThatNobodyUnderstandsIsAskedForOnceMore(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.named("Willow")
	d.webhook(gateway.SMSPath, sms("SM0", "+12015550103", "你好")).says(t, http.StatusOK, "<Response></Response>") // no question is open
	asked := d.asks("c-3")
	form := sms("SM1", "+12015550103", "还没用过")
	d.webhook(gateway.SMSPath, form).says(t, http.StatusOK, "【Willow】谢谢，您的消息会有人看到。如要回答我们的问题，请只回复数字。")
	d.webhook(gateway.SMSPath, form).says(t, http.StatusOK, "<Response></Response>")
	d.webhook(gateway.SMSPath, sms("SM2", "+12015550103", "再等等")).says(t, http.StatusOK, "<Response></Response>")
	d.webhook(gateway.SMSPath, sms("SM3", "+12015550103", "满意")).says(t, http.StatusOK, "<Response></Response>")
	replies, err := d.store.Replies(t.Context(), store.ReplyFilter{Owner: "rep-02"}, 10)
	if err != nil || len(replies) != 3 || replies[0].Touch != "" || replies[1].Touch != asked.ID || replies[2].Text != "再等等" || replies[1].Owner != "rep-02" {
		t.Errorf("to be read: %+v, %v", replies, err)
	}
	if err := d.store.MarkReplyRead(t.Context(), "twilio:SM1", "rep-02", monday); err != nil {
		t.Fatal(err)
	}
	want := []string{"message.received c-3", "message.unclear c-3", "message.received c-3", "message.received c-3", "message.unclear c-3", "message.received c-3", "survey.answered c-3"}
	if got := d.routed.types(); !slices.Equal(got, want) { // whoever looks after them is told where there was no question, and of the second answer
		t.Errorf("routed: %v", got)
	}
	if got := d.unread(); !slices.Equal(got, []string{"c-3 你好", "c-3 再等等"}) {
		t.Errorf("to be read: %q", got)
	}
}

func TestTheOwnerIsToldAtOnceWhereNothingCanBeSaidInReturn(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.asks("c-3")
	d.took(`{"id":"m-1","type":"message.received","data":{"channel":"sms","from":"+12015550103","text":"my knee hurts"}}`)
	if got := d.routed.types(); !slices.Equal(got, []string{"message.received c-3", "message.unclear c-3"}) {
		t.Errorf("routed: %v", got)
	}
}

func TestStopIsForEverybodyWhoSharesThePhone(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.webhook(gateway.SMSPath, sms("SM1", "+12015550101", "STOP")).says(t, http.StatusOK, "<Response></Response>")
	if a, b := d.consents("c-1"), d.consents("c-2"); a != "map[care:false marketing:false service:false]" || b != "map[service:false]" {
		t.Errorf("consents: %s and %s", a, b)
	}
	if got := d.consents("c-3"); got != "map[service:true]" {
		t.Errorf("another's consents: %s", got)
	}
	want := []string{"message.received c-1", "consent.changed c-1", "consent.changed c-1", "consent.changed c-1", "consent.changed c-2"}
	if got := d.routed.types(); !slices.Equal(got, want) {
		t.Errorf("routed: %v", got)
	}
}

func TestAStopThatComesAgainTakesBackNothingGivenSince(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	stop := `{"id":"mail-1","type":"message.received","data":{"channel":"email","from":"ben@example.org","text":"stop"}}`
	if got := d.took(stop); !slices.Equal(got, []gateway.Accepted{{ID: "mail-1", Status: "stored"}}) {
		t.Errorf("got %v", got)
	}
	d.took(`{"id":"e-1","type":"consent.changed","customer":"c-2","data":{"topic":"care","granted":true}}`)
	if got := d.took(stop); !slices.Equal(got, []gateway.Accepted{{ID: "mail-1", Status: "duplicate"}}) {
		t.Errorf("got %v", got)
	}
	if got := d.consents("c-2"); got != "map[care:true service:false]" {
		t.Errorf("consents: %s", got)
	}
}

func TestStopWorksUnderTheLongestOfIDs(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.took(`{"id":"` + strings.Repeat("m", 200) + `","type":"message.received","data":{"channel":"email","from":"ben@example.org","text":"stop"}}`)
	if got := d.consents("c-2"); got != "map[service:false]" {
		t.Errorf("consents: %s", got)
	}
}

func TestAMessageOfNobodysIsKeptAndListed(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	for range 2 {
		d.webhook(gateway.SMSPath, sms("SM1", "+12015550199", "STOP")).says(t, http.StatusOK, "<Response></Response>")
	}
	mail := `{"id":"mail-1","type":"message.received","at":"2026-05-05T10:30:00Z","data":{"channel":"email","from":"someone@example.org","text":"hi"}}`
	for _, want := range []string{"kept", "duplicate"} {
		if got := d.took(mail); !slices.Equal(got, []gateway.Accepted{{ID: "mail-1", Status: want}}) {
			t.Errorf("got %v", got)
		}
	}
	if d.event("twilio:SM1") != nil || d.event("mail-1") != nil || len(d.routed.all()) != 0 {
		t.Error("it became an event of somebody's")
	}
	if got := d.unread(); !slices.Equal(got, []string{"+12015550199 STOP", "someone@example.org hi"}) {
		t.Errorf("to be read: %q", got)
	}
	long := `{"id":"mail-2","type":"message.received","data":{"channel":"email","from":"someone@example.org","text":"` + strings.Repeat("信", 10_000) + `"}}`
	d.took(long)
	if got := d.unread(); len(got) != 3 || len(got[2]) > 9000 {
		t.Errorf("%d are kept, the last of %d bytes", len(got), len(got[len(got)-1]))
	}
	for _, from := range []string{`a\u0000@example.org`, strings.Repeat("x", 300)} {
		d.hand(`{"id":"mail-3","type":"message.received","data":{"channel":"email","from":"`+from+`","text":"hi"}}`).says(t, http.StatusUnprocessableEntity, `"body.data.from"`)
	}
}

func TestAMailIsKnownByItsSender(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.took(`{"id":"mail-1","type":"message.received","data":{"channel":"email","from":"Ada.Fairley@Example.ORG","text":"my knee hurts","in_reply_to":"1.welcome.1.1"}}`)
	d.data("mail-1", "message.received", "c-1", `{"channel":"email","text":"my knee hurts"}`)
	d.took(`{"id":"mail-4","type":"message.received","data":{"channel":"email","from":"ada.fairley@example.org","text":"Help!"}}`)
	d.took(`{"id":"mail-5","type":"message.received","data":{"channel":"email","from":"Ada.Fairley@example.org","text":"Help!"}}`)
	if got := d.unread(); !slices.Equal(got, []string{"c-1 my knee hurts", "ada.fairley@example.org Help!", "c-1 Help!"}) { // nobody else answers a mail
		t.Errorf("to be read: %q", got)
	}
	d.took(`{"id":"mail-2","type":"message.received","customer":"c-1","data":{"channel":"email","text":"my knee hurts"}}`)
	d.data("mail-2", "message.received", "c-1", `{"channel":"email","text":"my knee hurts"}`)
	for _, data := range []string{`{"channel":"email","text":"hi"}`, `{"from":"ben@example.org"}`, `{"channel":"fax","from":"ben@example.org"}`} {
		d.hand(`{"id":"mail-3","type":"message.received","data":`+data+`}`).says(t, http.StatusUnprocessableEntity, `"body.customer"`, "data.from instead")
	}
}

func TestAMessageThatCannotBeTakenIsToldToTwilio(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.store.Close()
	d.webhook(gateway.SMSPath, sms("SM1", "+12015550101", "my knee hurts")).says(t, http.StatusServiceUnavailable)
	d.webhook(gateway.StatusPath+"?touch=1.a.1.1", url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"delivered"}}).says(t, http.StatusServiceUnavailable)
}

func TestReceiptsMoveATouchForwardOnly(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	e := d.enroll("onboarding", "c-1", "", monday)
	claimed := d.claim(touch(e, "welcome", journey.Send, customer.SMS, monday), monday)
	path := gateway.StatusPath + "?touch=" + claimed.ID
	for _, c := range []struct {
		status, code string
		want         store.TouchState
	}{
		{"queued", "", store.TouchClaimed}, // says nothing new
		{"sent", "", store.TouchSent},      // before our own answer was written down
		{"undelivered", "30003", store.TouchUndelivered},
		{"sent", "", store.TouchUndelivered}, // late
		{"delivered", "", store.TouchDelivered},
		{"failed", "30008", store.TouchDelivered},
		{"delivered", "", store.TouchDelivered}, // twice
		{"mystery", "", store.TouchDelivered},
	} {
		d.webhook(path, url.Values{"MessageSid": {"SM1"}, "MessageStatus": {c.status}, "ErrorCode": {c.code}}).says(t, http.StatusNoContent)
		got, _, err := d.store.Touch(t.Context(), claimed.TouchKey)
		if err != nil || got.State != c.want {
			t.Errorf("after %s: %s, %v; want %s", c.status, got.State, err, c.want)
		}
	}
	d.webhook(gateway.StatusPath+"?touch=999.nowhere.1.1", url.Values{"MessageSid": {"SM9"}, "MessageStatus": {"delivered"}}).says(t, http.StatusNoContent)
	d.webhook(gateway.StatusPath, url.Values{"MessageSid": {"SM9"}, "MessageStatus": {"delivered"}}).says(t, http.StatusNoContent)
}
