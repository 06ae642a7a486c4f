package smtp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
)

// This file is the link of RFC 8058, which mail programs post to when a person presses their unsubscribe button. It names the touch
// and is signed, so that nobody can unsubscribe somebody else by counting.

const (
	linkTouch     = "touch"
	linkSignature = "sig"
)

// readUnsubscribe reads the address that the link leads to; nil is none.
func readUnsubscribe(address, key string) (*url.URL, error) {
	if address == "" {
		return nil, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("smtp: the address to unsubscribe at must look like https://example.com/unsubscribe: mail programs take no other")
	}
	if key == "" {
		return nil, errors.New("smtp: the address to unsubscribe at needs a key that signs its links")
	}
	return u, nil
}

// unsubscribeLink returns the address with the touch and its signature in its query.
func unsubscribeLink(address *url.URL, key, touch string) string {
	u := *address
	query := u.Query()
	query.Set(linkTouch, touch)
	query.Set(linkSignature, signTouch(key, touch))
	u.RawQuery = query.Encode()
	return u.String()
}

// UnsubscribeTouch returns the touch that an unsubscribe link is for, and false unless we signed it with that key. An empty key
// verifies nothing.
func UnsubscribeTouch(key string, link *url.URL) (touch string, ok bool) {
	query := link.Query()
	touch = query.Get(linkTouch)
	if key == "" || touch == "" || !hmac.Equal([]byte(query.Get(linkSignature)), []byte(signTouch(key, touch))) {
		return "", false
	}
	return touch, true
}

func signTouch(key, touch string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte("unsubscribe\x00" + touch))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
