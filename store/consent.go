package store

import (
	"context"
	"time"

	"perennial/store/db"
)

// Consent is a word that a customer gave on a topic: yes or no. The latest one on a topic holds.
type Consent struct {
	Customer string
	Topic    string
	Granted  bool
	At       time.Time
	Source   string // how it was given: "event", "import", "reply", or a page of our own
	Event    string // id of the event that brought it, empty where none did
}

// RecordConsent adds a word to what a customer said. An event's word on a topic is recorded once.
func (s session) RecordConsent(ctx context.Context, c Consent) error {
	return wrap(s.insertConsents(ctx, []Consent{c}), "record a consent of %s on %s", c.Customer, c.Topic)
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
		p.Events = append(p.Events, c.Event)
	}
	return s.q.InsertConsents(ctx, p)
}
