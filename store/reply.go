package store

import (
	"context"
	"time"
	"unicode/utf8"

	"perennial/domain/customer"
	"perennial/store/db"
)

// Reply is what somebody wrote to us that a person has to read, since nothing here understood it. It says who they are.
type Reply struct {
	ID       string           `json:"id"`                 // the message's own; of a customer's, its event's
	Customer string           `json:"customer,omitempty"` // empty where nobody is reached at the address that it came from
	Owner    string           `json:"owner,omitempty"`    // the colleague who looks after the customer
	Channel  customer.Channel `json:"channel"`
	Address  string           `json:"address,omitempty"` // of nobody's: where it came from
	Text     string           `json:"text"`
	Touch    string           `json:"touch,omitempty"` // the question that was open, if one was
	At       time.Time        `json:"at"`
	ReadAt   time.Time        `json:"read_at,omitzero"`
	ReadBy   string           `json:"read_by,omitempty"`
}

// maxKept bounds what is kept of a message of nobody's, in bytes: anybody can write one.
const maxKept = 8 << 10

// KeepReply keeps a message for a person to read; fresh is false where it was kept before. A customer's text stays in its event, which must be
// stored already.
func (s session) KeepReply(ctx context.Context, r Reply) (fresh bool, err error) {
	p := db.KeepReplyParams{ID: r.ID, Channel: string(r.Channel), Customer: orNull(r.Customer), Touch: orNull(r.Touch), At: r.At}
	if r.Customer == "" {
		text := cut(r.Text, maxKept)
		p.Address, p.Text = orNull(r.Address), &text
	}
	n, err := s.q.KeepReply(ctx, p)
	return n > 0, wrap(err, "keep message %s for a person to read", r.ID)
}

// ReplyFilter says which messages are wanted.
type ReplyFilter struct {
	Owner string // of the customer; empty wants all
	Read  bool   // also those that somebody has read
}

// Replies returns up to limit messages for a person to read, oldest first.
func (s session) Replies(ctx context.Context, f ReplyFilter, limit int) ([]Reply, error) {
	rows, err := s.q.Replies(ctx, f.Read, f.Owner, int64(limit))
	replies := make([]Reply, len(rows))
	for i, row := range rows {
		r := row.Reply
		replies[i] = Reply{
			ID: r.ID, Customer: orZero(r.Customer), Owner: row.Owner, Channel: customer.Channel(r.Channel), Address: orZero(r.Address),
			Text: row.Wrote, Touch: orZero(r.Touch), At: r.At, ReadAt: orZero(r.ReadAt), ReadBy: orZero(r.ReadBy),
		}
	}
	return replies, wrap(err, "list the messages for a person to read")
}

// MarkReplyRead writes down that somebody has read a message; ErrNotFound where there is none. Who read it first stays.
func (s session) MarkReplyRead(ctx context.Context, id, by string, at time.Time) error {
	n, err := s.q.MarkReplyRead(ctx, at, by, id)
	return wrap(oneRow(n, err), "mark message %s as read", id)
}

// AnsweredUnclearly says whether a question was answered by something that nobody understood.
func (s session) AnsweredUnclearly(ctx context.Context, touch string) (bool, error) {
	unclear, err := s.q.AnsweredUnclearly(ctx, touch)
	return unclear, wrap(err, "ask how touch %s was answered", touch)
}

// cut shortens a text to at most a number of bytes, between two characters.
func cut(text string, most int) string {
	for most < len(text) && most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:min(most, len(text))]
}
