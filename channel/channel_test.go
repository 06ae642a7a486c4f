package channel_test

import (
	"errors"
	"fmt"
	"testing"

	"perennial/channel"
)

func TestErrorsAreSentencesForAManager(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  *channel.Error
		want string
	}{
		{&channel.Error{Kind: channel.BadAddress, Provider: "twilio", Code: "21211"}, "twilio: the address can't be reached (21211)"},
		{&channel.Error{Kind: channel.Unknown, Provider: "smtp"}, "smtp: the provider did not say whether it took the message"},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestAsErrorTakesAnythingElseAsUnknown(t *testing.T) {
	t.Parallel()
	throttled := &channel.Error{Kind: channel.Throttled, Provider: "twilio"}
	if got := channel.AsError(fmt.Errorf("delivering touch t-1: %w", throttled)); got != throttled {
		t.Errorf("got %v", got)
	}
	if got := channel.AsError(errors.New("to +15005550123: no")); got.Kind != channel.Unknown || got.Error() != "provider: the provider did not say whether it took the message" {
		t.Errorf("got %v", got)
	}
}
