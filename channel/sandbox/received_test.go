package sandbox

import (
	"testing"
	"time"
)

func TestAnAnswerCountsSinceATimeOnItsOwnChannel(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	var r received
	r.keep = 10
	r.add(Message{Channel: WhatsApp, Address: "+15005550123", Reply: true, At: noon})
	r.add(Message{Channel: SMS, Address: "+15005550199", Reply: true, At: noon})
	r.add(Message{Channel: WhatsApp, Address: "+15005550123", At: noon.Add(time.Hour)})
	for _, test := range []struct {
		name    string
		address string
		since   time.Time
		want    bool
	}{
		{"just then", "+15005550123", noon, true},
		{"before", "+15005550123", noon.Add(-time.Hour), true},
		{"a second later", "+15005550123", noon.Add(time.Second), false},
		{"on another channel", "+15005550199", noon, false},
	} {
		if got := r.answeredSince(WhatsApp, test.address, test.since); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}
