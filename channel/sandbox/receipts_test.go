package sandbox_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"perennial/channel/sandbox"
	"perennial/channel/twilio"
)

// posted is what a receipt says, and whether its signature is the provider's.
type posted struct {
	status string
	true   bool
}

func TestReceiptsMisbehaveAsTheyAreTold(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		faults sandbox.ReceiptFaults
		want   []posted
	}{
		"early":     {sandbox.ReceiptFaults{Early: 100}, []posted{{"delivered", true}}},
		"late":      {sandbox.ReceiptFaults{Late: 100, LateBy: time.Millisecond}, []posted{{"delivered", true}}},
		"doubled":   {sandbox.ReceiptFaults{Doubled: 100}, []posted{{"delivered", true}, {"delivered", true}}},
		"reordered": {sandbox.ReceiptFaults{Reordered: 100}, []posted{{"delivered", true}, {"sent", true}}},
		"forged":    {sandbox.ReceiptFaults{Forged: 100}, []posted{{"undelivered", false}, {"delivered", true}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, calls := gateway(t, http.StatusOK)
			b := setupWithCallback(t, sandbox.Config{Receipts: true, ReceiptDelay: 1, ReceiptFaults: test.faults}, address+"/v1/twilio/status")
			b.send(t, "t-1")
			var got []posted
			for range test.want {
				c := <-calls
				form, err := url.ParseQuery(string(c.body))
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, posted{form.Get("MessageStatus"), twilio.Verify(sandbox.AuthToken, address+c.path, c.body, c.header.Get(twilio.SignatureHeader))})
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("posted %v, want %v", got, test.want)
			}
		})
	}
}

func TestForgedReceiptsThatAreTakenAreCounted(t *testing.T) {
	t.Parallel()
	for status, taken := range map[int]int{http.StatusOK: 1, http.StatusForbidden: 0} {
		address, calls := gateway(t, status)
		b := setupWithCallback(t, sandbox.Config{Receipts: true, ReceiptDelay: 1, ReceiptFaults: sandbox.ReceiptFaults{Forged: 100}}, address+"/status")
		b.send(t, "t-1")
		<-calls
		<-calls // the true one follows when the forged one has been answered
		if got, want := b.Forged(), (sandbox.Forged{Posted: 1, Taken: taken}); got != want {
			t.Errorf("answered with %d: %+v, want %+v", status, got, want)
		}
	}
}
