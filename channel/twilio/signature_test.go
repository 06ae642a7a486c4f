package twilio_test

import (
	"net/url"
	"testing"

	"perennial/channel/twilio"
)

func TestASignatureVerifiesWhatItSigned(t *testing.T) {
	t.Parallel()
	const (
		token   = "secret"
		address = "https://gateway.example/v1/twilio/status?touch=t-42"
	)
	form := url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"delivered"}, "Body": {"好的, yes & no"}}
	signature := twilio.Sign(token, address, form)
	body := []byte(form.Encode())
	changed := []byte(url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"failed"}}.Encode())

	tests := []struct {
		name      string
		token     string
		address   string
		body      []byte
		signature string
		want      bool
	}{
		{"as signed", token, address, body, signature, true},
		{"another token", "other", address, body, signature, false},
		{"no token", "", address, body, twilio.Sign("", address, form), false},
		{"another touch", token, "https://gateway.example/v1/twilio/status?touch=t-43", body, signature, false},
		{"another host", token, "https://elsewhere.example/v1/twilio/status?touch=t-42", body, signature, false},
		{"another form", token, address, changed, signature, false},
		{"no signature", token, address, body, "", false},
		{"a form that can't be read", token, address, []byte("%zz"), signature, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := twilio.Verify(test.token, test.address, test.body, test.signature); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// The example of Twilio's own documentation of its signatures.
func TestTheSignatureIsTwilios(t *testing.T) {
	t.Parallel()
	form := url.Values{
		"CallSid": {"CA1234567890ABCDE"},
		"Caller":  {"+12349013030"},
		"Digits":  {"1234"},
		"From":    {"+12349013030"},
		"To":      {"+18005551212"},
	}
	got := twilio.Sign("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", form)
	if want := "0/KCTR6DLpKmkAf8muzZqo1nDgQ="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
