package demo

import (
	"testing"
	"time"

	"perennial/channel/sandbox"
	"perennial/domain/journey"
)

func TestOnlyWhatCustomersReceiveCanBeAViolation(t *testing.T) {
	t.Parallel()
	night := time.Date(2026, 5, 4, 3, 0, 0, 0, time.UTC)
	noon := night.Add(9 * time.Hour)
	ada := &person{customer: customer{zone: time.UTC, topics: []string{"service"}}}
	left := &person{customer: customer{zone: time.UTC, topics: []string{"service"}}, withdrawn: map[string]time.Time{"service": noon.Add(-time.Hour)}}
	of := func(touch string) enrollment {
		e := enrollment{id: 1, journey: "onboarding", steps: map[string]journey.Step{"offer": {Topic: "marketing"}, "welcome": {Topic: "service"}}}
		if touch[0] == '2' {
			e.id = 2
		}
		return e
	}
	to := func(address, touch string, at time.Time) sandbox.Message {
		return sandbox.Message{Channel: sandbox.SMS, Address: address, Text: "Hello", Touch: touch, At: at}
	}
	const phone, stopped = "+12015550101", "+12015550102"
	for name, c := range map[string]struct {
		messages []sandbox.Message
		want     Violations
	}{
		"to a colleague": {[]sandbox.Message{to("U0ROBIN", "1.tell_owner.1.1", night), to("U0ROBIN", "1.tell_owner.1.1", night)}, Violations{}},
		"at night, unasked for and twice": {
			[]sandbox.Message{to(phone, "1.offer.1.1", night), to(phone, "1.offer.1.1", night)}, Violations{OutsideWindow: 2, WithoutConsent: 2, Twice: 1},
		},
		"by two tries":                    {[]sandbox.Message{to(phone, "1.welcome.1.1", noon), to(phone, "1.welcome.1.2", noon.Add(48*time.Hour))}, Violations{Twice: 1}},
		"by two enrollments at once":      {[]sandbox.Message{to(phone, "1.welcome.1.1", noon), to(phone, "2.welcome.1.1", noon.Add(time.Hour))}, Violations{Twice: 1}},
		"again, the next time":            {[]sandbox.Message{to(phone, "1.welcome.1.1", noon), to(phone, "1.welcome.2.1", noon.Add(48*time.Hour))}, Violations{}},
		"on its way when it was heard of": {[]sandbox.Message{to(stopped, "1.welcome.2.1", noon.Add(-59*time.Minute))}, Violations{}},
		"on its way for too long":         {[]sandbox.Message{to(stopped, "1.welcome.2.1", noon)}, Violations{WithoutConsent: 1}},
		"after it was heard of":           {[]sandbox.Message{to(stopped, "1.welcome.1.1", noon)}, Violations{WithoutConsent: 1}},
	} {
		a := auditor{
			byAddress: map[string]*person{phone: ada, stopped: left}, of: of, way: 5 * time.Minute,
			claimed: map[string]time.Time{"1.welcome.2.1": noon.Add(-61 * time.Minute)},
		}
		if got := a.audit(c.messages); got != c.want {
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
	a := auditor{
		byAddress: map[string]*person{"ada@example.org": ada}, way: time.Minute,
		of: func(touch string) enrollment { // of another enrollment each, so that only the words tell
			return enrollment{id: int64(touch[0]), journey: "onboarding", steps: map[string]journey.Step{"welcome": {Topic: "service"}}}
		},
	}
	got := a.audit([]sandbox.Message{mail("1.welcome.1.1"), mail("2.welcome.1.1")})
	if got.Twice != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestAWordInReturnIsNoViolationAndOneUnaskedForIs(t *testing.T) {
	t.Parallel()
	night := time.Date(2026, 5, 4, 3, 0, 0, 0, time.UTC)
	const phone = "+12015550101"
	ada := &person{customer: customer{zone: time.UTC}, wrote: []time.Time{night}}
	a := auditor{byAddress: map[string]*person{phone: ada}, way: time.Minute}
	word := func(at time.Time) []sandbox.Message {
		return []sandbox.Message{{Address: phone, Text: "You will hear no more.", At: at, Touch: "slack:Ev1"}}
	}
	if got := a.audit(word(night.Add(time.Second))); !got.None() {
		t.Errorf("in return: %+v", got)
	}
	for _, at := range []time.Time{night.Add(-time.Second), night.Add(time.Hour)} {
		if got := a.audit(word(at)); got.WithoutConsent != 1 {
			t.Errorf("unasked for, at %v: %+v", at, got)
		}
	}
}
