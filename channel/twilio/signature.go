package twilio

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio's signature is defined with it
	"encoding/base64"
	"maps"
	"net/url"
	"slices"

	"github.com/twilio/twilio-go/client"
)

// SignatureHeader carries the signature of a webhook's request.
const SignatureHeader = "X-Twilio-Signature"

// Verify says whether a webhook's request comes from Twilio. The address is the one we gave Twilio: the configured public base
// and the request's RequestURI, never the Host header, which the sender chooses. The body is the form as it came.
// An empty token verifies nothing.
func Verify(authToken, address string, body []byte, signature string) bool {
	if authToken == "" || signature == "" {
		return false
	}
	validator := client.NewRequestValidator(authToken)
	return validator.ValidateBody(address, body, signature)
}

// Sign returns the signature that Twilio would put on a POST of the form to the address.
func Sign(authToken, address string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(authToken))
	mac.Write([]byte(address))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		mac.Write([]byte(name + form.Get(name)))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
