package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
)

// untilToldToStop runs a command, hands what it writes first to look, and tells it to stop then.
func (b *business) untilToldToStop(look func(first string), args ...string) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	seen, done := make(chan string, 1), make(chan result, 1)
	go func() { done <- b.runUntil(ctx, seen, args...) }()
	select {
	case first := <-seen:
		look(first)
	case r := <-done:
		b.t.Fatalf("starter %s ended by itself: %s", strings.Join(args, " "), r.errs)
	}
	cancel()
	if r := <-done; r.code != 0 {
		b.t.Errorf("starter %s, told to stop: exit code %d, %s", strings.Join(args, " "), r.code, r.errs)
	}
}

func TestTheGatewayRunsUntilItIsToldToStop(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withTemporal()
	b.settings.GatewayAddress = "127.0.0.1:0"
	b.untilToldToStop(func(first string) { says(t, first, "The gateway listens", "http://127.0.0.1:") }, "gateway")
}

func TestTheSandboxSaysWhatToSet(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	free := []string{"sandbox", "--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0"}
	b.untilToldToStop(func(first string) {
		says(t, first, "export TWILIO_API_URL=http://127.0.0.1:", "export SMTP_URL=smtp://127.0.0.1:")
	}, free...)
	b.untilToldToStop(func(first string) {
		var a sandboxAddresses
		if err := json.Unmarshal([]byte(first), &a); err != nil || a.APIURL != a.Page || !strings.HasPrefix(a.SMTPURL, "smtp://") {
			t.Errorf("got %s, %v", first, err)
		}
	}, append(free, "--json")...)
}

func TestATakenPortNamesItsHolder(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withTemporal().withGateway()
	b.refuses("is taken by", "gateway")
}
