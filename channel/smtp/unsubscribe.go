package smtp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
)

// This file is the link by which the reader of a mail says that they want no more: in the foot of the mail, and in the header of RFC 8058, to
// which mail programs post when a person presses their unsubscribe button. It names the touch and is signed, so that nobody can unsubscribe
// somebody else by counting.

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
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, errors.New("smtp: the address to unsubscribe at must look like https://example.com/unsubscribe")
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

// UnsubscribeLink returns the link of a touch below an address, signed with a key; "" where the address is none.
func UnsubscribeLink(address, key, touch string) string {
	u, err := readUnsubscribe(address, key)
	if err != nil || u == nil {
		return ""
	}
	return unsubscribeLink(u, key, touch)
}

// oneClick says whether mail programs show a button for an address: they take https only.
func oneClick(address *url.URL) bool { return address.Scheme == "https" }

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
