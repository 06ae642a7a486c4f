package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"perennial/store/db"
)

// Role is what a token lets its carrier do at the gateway.
type Role string

// The roles.
const (
	Operations Role = "operations" // everything
	Manager    Role = "manager"    // read customers' pages
	Ingest     Role = "ingest"     // hand in events, and what mail servers report
	Metrics    Role = "metrics"    // read the metrics
)

// Roles are all of them.
var Roles = []Role{Operations, Manager, Ingest, Metrics}

// Token is what is kept of a token that somebody carries. Its times are real ones.
type Token struct {
	ID        int64
	Name      string // who carries it, such as shop
	Role      Role
	Hash      [sha256.Size]byte // of the token itself, which is kept nowhere
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	RevokedAt time.Time // zero: not
	UsedAt    time.Time // to within a minute; zero: never
}

// Good says whether a token still opens what its role may do.
func (t Token) Good(now time.Time) bool {
	return t.RevokedAt.IsZero() && (t.ExpiresAt.IsZero() || now.Before(t.ExpiresAt))
}

// tokenPrefix is how every token begins, so that one that leaked is known for what it is by those who search for such.
const tokenPrefix = "perennial_"

// HashToken is what is kept of a token.
func HashToken(token string) [sha256.Size]byte { return sha256.Sum256([]byte(token)) }

// maxTokenName is how long the name of a token may be, in bytes.
const maxTokenName = 100

// CreateToken draws a token for somebody and returns it; it can't be read again. expires is when it ends, zero for never.
func (s session) CreateToken(ctx context.Context, name string, role Role, now, expires time.Time) (id int64, token string, err error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "" || len(name) > maxTokenName:
		return 0, "", fmt.Errorf("a token needs a name of up to %d bytes that says who carries it, such as shop", maxTokenName)
	case !slices.Contains(Roles, role):
		return 0, "", fmt.Errorf("there is no role %q", role)
	case !expires.IsZero() && !expires.After(now):
		return 0, "", errors.New("the token would have ended already")
	}
	token = tokenPrefix + rand.Text()
	hash := HashToken(token)
	id, err = s.q.InsertToken(ctx, db.InsertTokenParams{Name: name, Role: string(role), Hash: hash[:], CreatedAt: now, ExpiresAt: orNull(expires)})
	return id, token, wrap(err, "keep a token")
}

// Tokens returns all tokens that were ever made, those that are good no more too, by id.
func (s session) Tokens(ctx context.Context) ([]Token, error) {
	rows, err := s.q.Tokens(ctx)
	if err != nil {
		return nil, wrap(err, "list the tokens")
	}
	tokens := make([]Token, len(rows))
	for i, r := range rows {
		tokens[i] = Token{
			ID: r.ID, Name: r.Name, Role: Role(r.Role), Hash: [sha256.Size]byte(r.Hash), CreatedAt: r.CreatedAt,
			ExpiresAt: orZero(r.ExpiresAt), RevokedAt: orZero(r.RevokedAt), UsedAt: orZero(r.LastUsedAt),
		}
	}
	return tokens, nil
}

// RevokeToken makes a token good no more; ErrNotFound where there is none. Doing so again changes nothing.
func (s session) RevokeToken(ctx context.Context, id int64, now time.Time) error {
	n, err := s.q.RevokeToken(ctx, now, id)
	return wrap(oneRow(n, err), "revoke token %d", id)
}

// NoteTokenUse writes down that somebody came with a token.
func (s session) NoteTokenUse(ctx context.Context, id int64, now time.Time) error {
	return wrap(s.q.NoteTokenUse(ctx, now, id), "note the use of token %d", id)
}
