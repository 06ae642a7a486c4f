package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"time"

	api "github.com/slack-go/slack"
)

// The headers that carry the signature of Slack's requests to us, and when they were signed.
const (
	SignatureHeader = "X-Slack-Signature"
	TimestampHeader = "X-Slack-Request-Timestamp"
)

// Verify says whether a request comes from Slack: its body was signed with the app's signing secret, no more than five minutes ago or ahead, so
// that what somebody overheard can't be brought again later. An empty secret verifies nothing.
func Verify(secret string, header http.Header, body []byte) bool {
	verifier, err := api.NewSecretsVerifier(header, secret)
	if err != nil {
		return false
	}
	if _, err := verifier.Write(body); err != nil {
		return false
	}
	return verifier.Ensure() == nil
}

// Sign returns the headers that Slack would put on a request with this body at an instant.
func Sign(secret string, body []byte, at time.Time) http.Header {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", timestamp, body)
	header := http.Header{}
	header.Set(TimestampHeader, timestamp)
	header.Set(SignatureHeader, "v0="+hex.EncodeToString(mac.Sum(nil)))
	return header
}
