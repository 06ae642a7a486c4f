package store

import (
	"context"
	"encoding/hex"
)

// MailKey returns the secret that signs what a mail brings back to us: the link by which its reader unsubscribes, and the address that it
// bounces to. It was drawn when the database was made and never changes, so that the links of old mails work.
func (s session) MailKey(ctx context.Context) (string, error) {
	secret, err := s.q.Key(ctx, "mail")
	return hex.EncodeToString(secret), wrap(err, "read the key of mails")
}

// SessionKey returns the secret that signs the cookies of those who signed in at the gateway. It was drawn like that of mails.
func (s session) SessionKey(ctx context.Context) ([]byte, error) {
	secret, err := s.q.Key(ctx, "session")
	return secret, wrap(err, "read the key of sessions")
}
