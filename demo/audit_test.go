package demo

import (
	"testing"
	"time"

	"perennial/channel/sandbox"
)

func TestOnlyWhatCustomersReceiveCanBeAViolation(t *testing.T) {
	t.Parallel()
	night := time.Date(2026, 5, 4, 3, 0, 0, 0, time.UTC)
	ada := &person{customer: customer{zone: time.UTC, topics: []string{"service"}}}
	told := sandbox.Message{Channel: sandbox.Slack, Address: "U0ROBIN", Text: "Somebody is unhappy", Touch: "1.tell_owner.1.1", At: night}
	sent := sandbox.Message{Channel: sandbox.SMS, Address: "+12015550101", Text: "Hello", Touch: "1.welcome.1.1", At: night}
	for name, c := range map[string]struct {
		message sandbox.Message
		want    Violations
	}{
		"to a colleague": {told, Violations{}},
		"to a customer":  {sent, Violations{OutsideWindow: 2, WithoutConsent: 2, Twice: 1}},
	} {
		got := audit([]sandbox.Message{c.message, c.message}, map[string]*person{sent.Address: ada}, map[string]string{"welcome": "marketing"}, time.Minute)
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestTheSameMailUnderAnotherLinkIsTheSameMail(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	ada := &person{customer: customer{zone: time.UTC, topics: []string{"service"}}}
	mail := func(touch string) sandbox.Message {
		return sandbox.Message{
			Channel: sandbox.Email, Address: "ada@example.org", Subject: "Hello", Text: "Hi" + foot + "Unsubscribe: https://example.com/unsubscribe?touch=" + touch,
			Touch: touch, At: noon,
		}
	}
	got := audit([]sandbox.Message{mail("1.welcome.1.1"), mail("1.welcome.1.2")}, map[string]*person{"ada@example.org": ada}, map[string]string{"welcome": "service"}, time.Minute)
	if got.Twice != 1 {
		t.Errorf("got %+v", got)
	}
}
