package gateway_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/channel/sandbox"
	"perennial/channel/slack"
	"perennial/gateway"
)

// slackSecret signs Slack's requests in these tests.
const slackSecret = "a signing secret of these tests"

// slackers are customers who are reached by Slack.
const slackers = `customer,name,slack,language,time_zone,country,channels,consents,owner
c-7,Uma Fairley,U012AB3CD,en,Europe/London,GB,slack,service marketing,rep-01
`

// im is a direct message as Slack tells of it; fields replace those of its event.
func im(id, text string, fields map[string]any) string {
	event := map[string]any{"type": "message", "channel": "D012AB3CD", "channel_type": "im", "user": "U012AB3CD", "text": text, "ts": "1777892400.000100"}
	maps.Copy(event, fields)
	body, err := json.Marshal(map[string]any{"type": "event_callback", "event_id": id, "event_time": 1777892400, "event": event})
	if err != nil {
		panic(err) // a mistake in the test itself
	}
	return string(body)
}

// slack brings a body as Slack does.
func (d *door) slack(body string) answer {
	d.Helper()
	return d.slackSigned(body, slack.Sign(slackSecret, []byte(body), time.Now()))
}

func (d *door) slackSigned(body string, signed http.Header) answer {
	d.Helper()
	return d.do(http.MethodPost, gateway.SlackPath, body, "Authorization", "", "Content-Type", "application/json",
		slack.SignatureHeader, signed.Get(slack.SignatureHeader), slack.TimestampHeader, signed.Get(slack.TimestampHeader))
}

func withSlack(c *gateway.Config) { c.SlackSecret = slackSecret }

func TestOnlySlackMayBringWhatSlackBrings(t *testing.T) {
	t.Parallel()
	d := open(t, withSlack)
	d.importCSV(slackers)
	body := im("Ev1", "stop", nil)
	for name, signed := range map[string]http.Header{
		"unsigned":           {},
		"by another secret":  slack.Sign("another", []byte(body), time.Now()),
		"another body":       slack.Sign(slackSecret, []byte(body+" "), time.Now()),
		"six minutes ago":    slack.Sign(slackSecret, []byte(body), time.Now().Add(-6*time.Minute)),
		"six minutes ahead":  slack.Sign(slackSecret, []byte(body), time.Now().Add(6*time.Minute)),
		"no signature at it": {slack.TimestampHeader: {"1777892400"}},
	} {
		if a := d.slackSigned(body, signed); a.status != http.StatusForbidden {
			t.Errorf("%s: status %d: %s", name, a.status, a.body)
		}
	}
	closed := open(t, nil)
	closed.slack(body).says(t, http.StatusForbidden)
	if d.event("slack:Ev1") != nil {
		t.Error("it was stored")
	}
	d.slack(`{"type":"url_verification","challenge":"3eZbrw1aB"}`).says(t, http.StatusOK, "3eZbrw1aB")
	d.slack(`{"type":`).says(t, http.StatusBadRequest)
	d.slack(strings.Repeat(" ", 1<<20+1)).says(t, http.StatusRequestEntityTooLarge)
}

func TestADirectMessageIsTakenOnceAndOthersAreNot(t *testing.T) {
	t.Parallel()
	d := open(t, withSlack)
	d.importCSV(slackers)
	for range 3 { // Slack brings an event again whose answer it did not get
		d.slack(im("Ev1", "Is it 3 &lt; 4 &amp; 5?", nil)).says(t, http.StatusOK)
	}
	d.data("slack:Ev1", "message.received", "c-7", `{"channel":"slack","text":"Is it 3 < 4 & 5?"}`)
	for id, fields := range map[string]map[string]any{
		"EvBot":     {"bot_id": "B01"},
		"EvEdit":    {"subtype": "message_changed"},
		"EvJoined":  {"subtype": "channel_join"},
		"EvChannel": {"channel_type": "channel"},
		"EvNobody":  {"user": ""},
		"EvOther":   {"type": "reaction_added"},
	} {
		d.slack(im(id, "stop", fields)).says(t, http.StatusOK)
		if d.event("slack:"+id) != nil {
			t.Errorf("%s was taken", id)
		}
	}
	if got := d.routed.types(); !slices.Equal(got, []string{"message.received c-7", "message.unclear c-7"}) || len(d.unread()) != 1 {
		t.Errorf("routed: %v, to be read: %q", got, d.unread())
	}
	d.store.Close()
	d.slack(im("Ev2", "stop", nil)).says(t, http.StatusServiceUnavailable)
}

func TestStopOnSlackIsConfirmedThereOnce(t *testing.T) {
	t.Parallel()
	box := sandbox.New(sandbox.Config{})
	t.Cleanup(box.Close)
	server := httptest.NewServer(box.Handler())
	t.Cleanup(server.Close)
	speaker, err := slack.New(slack.Config{Token: sandbox.SlackToken, BaseURL: server.URL + sandbox.SlackPath})
	if err != nil {
		t.Fatal(err)
	}
	d := open(t, func(c *gateway.Config) { c.SlackSecret, c.Slack = slackSecret, speaker })
	d.named("Willow")
	d.importCSV(slackers)
	for range 2 {
		d.slack(im("Ev1", "Stop", nil)).says(t, http.StatusOK)
	}
	if got := d.consents("c-7"); got != "map[marketing:false service:false]" {
		t.Errorf("consents: %s", got)
	}
	said := box.Messages()
	if len(said) != 1 || said[0].Address != "U012AB3CD" || said[0].Text != "Willow: you will get no more messages from us. Reply START if you change your mind." {
		t.Errorf("it said %+v", said)
	}
}
