package store

import (
	"context"
	"time"

	"perennial/domain/customer"
	"perennial/store/db"
)

// Consent is a word that a customer gave on a topic: yes or no. The latest one on a topic holds.
type Consent struct {
	ID       int64            `json:"id"` // in the order in which they were written down
	Customer string           `json:"customer"`
	Topic    string           `json:"topic"`
	Granted  bool             `json:"granted"`
	At       time.Time        `json:"at"`
	Source   string           `json:"source"`            // how it was given: see the constants, or what an event says of it
	Channel  customer.Channel `json:"channel,omitempty"` // on which it was given, where it was on one
	Wording  string           `json:"wording,omitempty"` // the word that was read as this, such as "stop"; never more of what they wrote
	Event    string           `json:"event,omitempty"`   // id of the event that brought it, empty where none did
}

// How a word may be given.
const (
	SourceEvent       = "event"       // told by another system, which did not say how
	SourceImport      = "import"      // by a file
	SourceReply       = "reply"       // by a word such as STOP
	SourceUnsubscribe = "unsubscribe" // by the link in a mail
	SourceComplaint   = "complaint"   // by telling their mail provider that it is spam
)

// RecordConsent adds a word to what a customer said. An event's word on a topic is recorded once.
func (s session) RecordConsent(ctx context.Context, c Consent) error {
	return wrap(s.insertConsents(ctx, []Consent{c}), "record a consent of %s on %s", c.Customer, c.Topic)
}

// LatestConsents returns the word of a customer that holds, for each topic on which they gave one, in order of topic.
func (s session) LatestConsents(ctx context.Context, id string) ([]Consent, error) {
	rows, err := s.q.LatestConsents(ctx, id)
	return consentsOf(rows), wrap(err, "read what %s agreed to", id)
}

// ConsentLog returns every word that a customer ever gave, newest first, up to limit.
func (s session) ConsentLog(ctx context.Context, id string, limit int) ([]Consent, error) {
	rows, err := s.q.ConsentLog(ctx, id, int64(limit))
	return consentsOf(rows), wrap(err, "read the consent log of %s", id)
}

func (s session) insertConsents(ctx context.Context, consents []Consent) error {
	if len(consents) == 0 {
		return nil
	}
	var p db.InsertConsentsParams
	for _, c := range consents {
		p.Customers = append(p.Customers, c.Customer)
		p.Topics = append(p.Topics, c.Topic)
		p.Granted = append(p.Granted, c.Granted)
		p.Ats = append(p.Ats, c.At)
		p.Sources = append(p.Sources, c.Source)
		p.Channels = append(p.Channels, string(c.Channel))
		p.Wordings = append(p.Wordings, c.Wording)
		p.Events = append(p.Events, c.Event)
	}
	return s.q.InsertConsents(ctx, p)
}

func consentsOf(rows []db.Consent) []Consent {
	consents := make([]Consent, len(rows))
	for i, r := range rows {
		consents[i] = Consent{
			ID: r.ID, Customer: r.Customer, Topic: r.Topic, Granted: r.Granted, At: r.At, Source: r.Source,
			Channel: customer.Channel(r.Channel), Wording: r.Wording, Event: orZero(r.Event),
		}
	}
	return consents
}
