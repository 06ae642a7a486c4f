package store

import (
	"context"
	"time"

	"perennial/store/db"
)

// Mail is what became of a mail that came to us. It says nothing of what is in it.
type Mail struct {
	ID     string     `json:"id"`
	Result MailResult `json:"result"`
	Touch  string     `json:"touch,omitempty"` // of which touch it told; not always one that is known
	Why    string     `json:"why,omitempty"`   // it was of no use
	Place  string     `json:"place,omitempty"` // where it lies, such as "INBOX, UID 17"; empty where it was handed in
	At     time.Time  `json:"at"`
	SeenAt time.Time  `json:"seen_at,omitzero"` // when somebody said that they have seen to it
	SeenBy string     `json:"seen_by,omitempty"`
}

// MailResult is what a mail turned out to be.
type MailResult string

// What a mail may turn out to be.
const (
	MailDelivered   MailResult = "delivered"   // a report that one of ours arrived
	MailUndelivered MailResult = "undelivered" // a report that it did not
	MailDelayed     MailResult = "delayed"     // a report that says nothing final
	MailComplaint   MailResult = "complaint"
	MailReply       MailResult = "reply"
	MailAutomatic   MailResult = "automatic" // a holiday note, or whatever else no person wrote
	MailIgnored     MailResult = "ignored"
	MailUnreadable  MailResult = "unreadable"
)

// Mail returns what became of a mail; ErrNotFound where it did not come.
func (s session) Mail(ctx context.Context, id string) (Mail, error) {
	row, err := s.q.MailByID(ctx, id)
	return mailOf(row), wrap(err, "read what became of mail %s", id)
}

// RecordMail writes down what became of a mail; fresh is false where that was written down before.
func (s session) RecordMail(ctx context.Context, m Mail) (fresh bool, err error) {
	n, err := s.q.RecordMail(ctx, db.RecordMailParams{ID: m.ID, Result: string(m.Result), Touch: m.Touch, Why: m.Why, Place: m.Place, At: m.At})
	return n > 0, wrap(err, "write down what became of mail %s", m.ID)
}

// Mails returns up to limit mails that a person should look at, or all that came, oldest first.
func (s session) Mails(ctx context.Context, all bool, limit int) ([]Mail, error) {
	rows, err := s.q.OpenMails(ctx, all, int64(limit))
	mails := make([]Mail, len(rows))
	for i, row := range rows {
		mails[i] = mailOf(row)
	}
	return mails, wrap(err, "list the mails that came")
}

// MarkMailSeen writes down that somebody has seen to a mail; ErrNotFound where there is none. Who did first stays.
func (s session) MarkMailSeen(ctx context.Context, id, by string, at time.Time) error {
	n, err := s.q.MarkMailSeen(ctx, at, by, id)
	return wrap(oneRow(n, err), "mark mail %s as seen", id)
}

func mailOf(r db.Mail) Mail {
	return Mail{
		ID: r.ID, Result: MailResult(r.Result), Touch: orZero(r.Touch), Why: r.Why, Place: r.Place, At: r.At, SeenAt: orZero(r.SeenAt), SeenBy: orZero(r.SeenBy),
	}
}
