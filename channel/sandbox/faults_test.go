package sandbox_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/channel"
	"perennial/channel/sandbox"
)

func TestEachFaultIsClassedAsTheProvidersIs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault     sandbox.Fault
		sms       channel.Kind
		email     channel.Kind
		received  int
		refusedAs []string // the codes, of SMS and e-mail
	}{
		{sandbox.Throttle, channel.Throttled, channel.Throttled, 0, []string{"20429", "450"}},
		{sandbox.ServerError, channel.Unknown, channel.Temporary, 0, []string{"20500", "451"}},
		{sandbox.InternalError, channel.Unknown, channel.Temporary, 0, []string{"20500", "451"}},
		{sandbox.Cut, channel.Unknown, channel.Unknown, 2, nil},
		{sandbox.Hang, channel.Unknown, channel.Unknown, 0, []string{"", ""}},
		{sandbox.BadAddress, channel.BadAddress, channel.BadAddress, 0, []string{"21211", "550"}},
	}
	for _, test := range tests {
		t.Run(string(test.fault), func(t *testing.T) {
			t.Parallel()
			b := setup(t, sandbox.Config{})
			b.SetFault(phone, test.fault, 1)
			b.SetFault(inbox, test.fault, 1)
			ctx := t.Context()
			if test.fault == sandbox.Hang {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 200*time.Millisecond)
				defer cancel()
			}
			_, err := b.sms.Send(ctx, channel.Message{Touch: "t-1", To: phone, Text: "Hello"})
			if got := kindOf(t, err); got != test.sms {
				t.Errorf("SMS: %q, want %q", got, test.sms)
			}
			ctx = t.Context()
			if test.fault == sandbox.Hang {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 200*time.Millisecond)
				defer cancel()
			}
			_, err = b.email.Send(ctx, channel.Message{Touch: "t-1", To: inbox, Subject: "Hello", Text: "Hello"})
			if got := kindOf(t, err); got != test.email {
				t.Errorf("e-mail: %q, want %q", got, test.email)
			}
			if got := len(b.Messages()); got != test.received {
				t.Errorf("%d were received, want %d", got, test.received)
			}
			var codes []string
			for _, r := range b.Refused() {
				codes = append(codes, r.Code)
				if r.Fault != test.fault {
					t.Errorf("logged as %q", r.Fault)
				}
			}
			if !slices.Equal(codes, test.refusedAs) {
				t.Errorf("logged %q, want %q", codes, test.refusedAs)
			}
			b.send(t, "t-2") // the order is used up
		})
	}
}

func TestWhatIsTakenWithoutAnAnswerIsListedAtOnceOrLate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault            sandbox.Fault
		received, listed int // at once, by SMS and by Slack each
	}{
		{sandbox.Cut, 1, 1},
		{sandbox.Stall, 1, 1},
		{sandbox.Unlisted, 1, 0},
		{sandbox.Late, 0, 0},
	} {
		t.Run(string(test.fault), func(t *testing.T) {
			t.Parallel()
			late := time.Hour
			if test.fault == sandbox.Late {
				late = 300 * time.Millisecond
			}
			b := setup(t, sandbox.Config{Late: late})
			sms, im := channel.Message{Touch: "t-1", To: phone, Text: "Hello"}, channel.Message{Touch: "t-1", To: user, Text: "Hello"}
			b.SetFault(phone, test.fault, 1)
			b.SetFault(user, test.fault, 1)
			began := time.Now()
			for _, send := range []func(context.Context) error{
				func(ctx context.Context) error { _, err := b.sms.Send(ctx, sms); return err },
				func(ctx context.Context) error { _, err := b.slack.Send(ctx, im); return err },
			} {
				ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
				if err := send(ctx); kindOf(t, err) != channel.Unknown {
					t.Errorf("the call ended with %v", err)
				}
				cancel()
			}
			listed := func() int {
				bySMS, err := b.sms.Ask(t.Context(), sms, began)
				if err != nil {
					t.Fatal(err)
				}
				bySlack, err := b.slack.Ask(t.Context(), im, began)
				if err != nil {
					t.Fatal(err)
				}
				return len(bySMS.Ours) + len(bySlack.Ours)
			}
			if test.fault != sandbox.Late {
				if got := listed(); got != 2*test.listed || len(b.Messages()) != 2*test.received {
					t.Errorf("%d are listed, %d received", got, len(b.Messages()))
				}
				return
			}
			for listed() < 2 {
				select {
				case <-t.Context().Done():
					t.Fatal("it never arrived")
				case <-time.After(10 * time.Millisecond):
				}
			}
		})
	}
}

func TestTheProvidersErrorsQuoteTheAddress(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	b.SetFault(phone, sandbox.BadAddress, 0)
	b.SetFault(inbox, sandbox.BadAddress, 0)
	_, _ = b.sms.Send(t.Context(), channel.Message{Touch: "t-1", To: phone, Text: "Hello"})
	_, _ = b.email.Send(t.Context(), channel.Message{Touch: "t-1", To: inbox, Text: "Hello"})
	refused := b.Refused()
	if len(refused) != 2 || !strings.Contains(refused[0].Reason, phone) || !strings.Contains(refused[1].Reason, inbox) {
		t.Errorf("the senders were told %+v", refused)
	}
}

func TestOneSeedMisbehavesTheSameWayInEveryRun(t *testing.T) {
	t.Parallel()
	run := func(seed uint64, order func([]int)) map[string][]channel.Kind {
		b := setup(t, sandbox.Config{Faults: sandbox.Faults{Seed: seed, Throttle: 20, ServerError: 20, Cut: 20}})
		touches := make([]int, 60)
		for i := range touches {
			touches[i] = i
		}
		order(touches)
		met := make(map[string][]channel.Kind)
		for _, i := range touches {
			touch := fmt.Sprintf("t-%d", i)
			for range 3 {
				_, err := b.sms.Send(t.Context(), channel.Message{Touch: touch, To: fmt.Sprintf("+1500556%04d", i), Text: "Hello"})
				met[touch] = append(met[touch], kindOf(t, err))
				if err == nil {
					break
				}
			}
		}
		return met
	}
	first := run(7, func([]int) {})
	again := run(7, slices.Reverse[[]int])
	other := run(8, func([]int) {})
	differing := 0
	faulted := 0
	for touch, kinds := range first {
		if !slices.Equal(kinds, again[touch]) {
			t.Errorf("%s met %v, and then %v", touch, kinds, again[touch])
		}
		if !slices.Equal(kinds, other[touch]) {
			differing++
		}
		if len(kinds) > 1 {
			faulted++
		}
		if last := kinds[len(kinds)-1]; last != "" {
			t.Errorf("%s never got through: %v", touch, kinds)
		}
	}
	if differing == 0 {
		t.Error("another seed made no difference")
	}
	if faulted < 20 || faulted > 50 {
		t.Errorf("%d of 60 touches met a fault, where 60%% are asked for", faulted)
	}
}

func TestABadAddressStaysBad(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{Faults: sandbox.Faults{BadAddress: 30}})
	bad := 0
	for i := range 50 {
		var kinds []channel.Kind
		for try := range 4 {
			_, err := b.sms.Send(t.Context(), channel.Message{Touch: fmt.Sprintf("t-%d-%d", i, try), To: fmt.Sprintf("+1500556%04d", i), Text: "Hello"})
			kinds = append(kinds, kindOf(t, err))
		}
		if len(slices.Compact(slices.Clone(kinds))) != 1 {
			t.Errorf("an address was %v", kinds)
		}
		if kinds[0] == channel.BadAddress {
			bad++
		}
	}
	if bad < 5 || bad > 25 {
		t.Errorf("%d of 50 addresses are bad, where 30%% are asked for", bad)
	}
}

func TestFaultsAreOrderedOverHTTP(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	order := func(fault string) int {
		status, _ := b.postJSON(t, "/api/faults", `{"address":"`+phone+`","fault":"`+fault+`"}`)
		return status
	}
	if status := order("bad_address"); status != 204 {
		t.Fatalf("status %d", status)
	}
	_, err := b.sms.Send(t.Context(), channel.Message{Touch: "t-1", To: phone, Text: "Hello"})
	if got := kindOf(t, err); got != channel.BadAddress {
		t.Errorf("got %q", got)
	}
	if status := order("no_such_fault"); status != 422 {
		t.Errorf("status %d for a fault that is none", status)
	}
	order("")
	b.send(t, "t-2")
}
