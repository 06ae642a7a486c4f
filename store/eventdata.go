package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"perennial/domain/journey"
	"perennial/store/db"
)

// The event types whose data changes the profile.
const (
	EventPurchase       = "purchase"
	EventSurveyAnswered = journey.SurveyAnswered
	EventConsentChanged = journey.ConsentChanged

	EventComplaintOpened   = "complaint.opened"
	EventComplaintResolved = "complaint.resolved"

	EventAgreementRenewed = "agreement.renewed"
	EventAgreementEnded   = "agreement.ended"
	EventReadingTaken     = "reading.taken"
)

// BadEventError is an event that can't be stored as it is. It repeats nothing of the event's data.
type BadEventError struct {
	ID    string // empty where the id itself is what is wrong
	Field string // such as "customer" or "data.amount"
	Why   string
}

func (e *BadEventError) Error() string {
	if e.ID == "" {
		return fmt.Sprintf("event: %s: %s", e.Field, e.Why)
	}
	return fmt.Sprintf("event %s: %s: %s", e.ID, e.Field, e.Why)
}

// change is what one event changes in its customer's profile: one of these, or nothing.
type change struct {
	purchase  *purchase
	answer    *answer
	consent   *Consent
	complaint *complaint
	resolved  *complaint
	things    []said
}

type purchase struct {
	customer, key, orderID, quantity, amount, currency string // quantity and amount are decimal numbers
	at                                                 time.Time
}

type answer struct {
	event, customer, survey string
	score                   float64
	at                      time.Time
}

// CheckEvent says what is wrong with an event before the database is asked: a *BadEventError, or nil.
func CheckEvent(e Event) error {
	_, err := readChange(e)
	return err
}

// readChange checks an event and reads what it changes.
func readChange(e Event) (change, error) {
	if err := CheckID(e.ID); err != nil {
		return change{}, &BadEventError{Field: "id", Why: err.Error()}
	}
	bad := func(field, why string) (change, error) {
		return change{}, &BadEventError{ID: e.ID, Field: field, Why: why}
	}
	if err := CheckID(e.Customer); err != nil {
		return bad("customer", err.Error())
	}
	if e.Type == "" {
		return bad("type", "it is empty")
	}
	if e.At.IsZero() {
		return bad("at", "it is empty; write when the event happened")
	}
	if why := unkeepable(e.object()); why != "" {
		return bad("data", why)
	}
	if !ChangesProfile(e.Type) {
		return change{}, nil
	}
	r := dataReader{}
	if err := json.Unmarshal(e.object(), &r.fields); err != nil {
		return bad("data", "write a JSON object")
	}
	c := r.change(e)
	if r.field != "" {
		return bad("data."+r.field, "write "+r.want)
	}
	return c, nil
}

// ChangesProfile says whether events of a type change what is known of a customer, whether or not a journey knows them.
func ChangesProfile(eventType string) bool {
	switch eventType {
	case EventPurchase, EventSurveyAnswered, EventConsentChanged, EventComplaintOpened, EventComplaintResolved,
		EventAgreementRenewed, EventAgreementEnded, EventReadingTaken:
		return true
	}
	return false
}

func (r *dataReader) change(e Event) change {
	switch e.Type {
	case EventPurchase:
		return change{purchase: r.purchase(e)}
	case EventSurveyAnswered:
		a := answer{event: e.ID, customer: e.Customer, at: e.At}
		r.need("survey", "which survey was answered", (*name)(&a.survey))
		r.need("score", "a number", &a.score)
		return change{answer: &a}
	case EventConsentChanged:
		c := Consent{Customer: e.Customer, At: e.At, Source: SourceEvent, Event: e.ID}
		r.need("topic", "the topic that the customer spoke of", (*name)(&c.Topic))
		r.need("granted", "true or false", &c.Granted)
		r.may("how", "how they said so in a few letters, such as form or phone call", (*fewLetters)(&c.Source))
		r.may("channel", "sms, email, slack or whatsapp", (*channelName)(&c.Channel))
		r.may("wording", "the word that they said, in a few letters", (*fewLetters)(&c.Wording))
		return change{consent: &c}
	case EventComplaintOpened:
		return change{complaint: r.complaint(e)}
	case EventComplaintResolved:
		c := r.complaint(e)
		r.may("complaint", "the id of the event that opened it", (*text)(&c.name))
		return change{resolved: c}
	case EventAgreementRenewed, EventAgreementEnded, EventReadingTaken:
		return change{things: r.things(e)}
	}
	return change{}
}

func (r *dataReader) purchase(e Event) *purchase {
	p := purchase{customer: e.Customer, key: "event:" + e.ID, quantity: "1", at: e.At}
	const aNumber = "a number, without an exponent and of at most 20 digits"
	r.need("amount", aNumber, (*decimal)(&p.amount))
	r.may("quantity", aNumber, (*decimal)(&p.quantity))
	r.may("currency", "a code of three capitals, such as USD", (*currency)(&p.currency))
	r.may("order_id", "a string", (*text)(&p.orderID))
	if p.orderID != "" {
		p.key = orderKey(p.orderID)
	}
	return &p
}

// orderKey is the key of a purchase whose order is numbered by the business, wherever it comes from.
func orderKey(orderID string) string { return "order:" + orderID }

func (tx *Tx) applyChanges(ctx context.Context, changes []change, now time.Time) error {
	var purchases db.InsertPurchasesParams
	var answers db.InsertSurveyAnswersParams
	var consents []Consent
	for _, c := range changes {
		switch {
		case c.purchase != nil:
			p := c.purchase
			purchases.Customers = append(purchases.Customers, p.customer)
			purchases.Keys = append(purchases.Keys, p.key)
			purchases.OrderIds = append(purchases.OrderIds, p.orderID)
			purchases.Quantities = append(purchases.Quantities, p.quantity)
			purchases.Amounts = append(purchases.Amounts, p.amount)
			purchases.Currencies = append(purchases.Currencies, p.currency)
			purchases.Ats = append(purchases.Ats, p.at)
		case c.answer != nil:
			a := c.answer
			answers.Events = append(answers.Events, a.event)
			answers.Customers = append(answers.Customers, a.customer)
			answers.Surveys = append(answers.Surveys, a.survey)
			answers.Scores = append(answers.Scores, a.score)
			answers.Ats = append(answers.Ats, a.at)
		case c.consent != nil:
			consents = append(consents, *c.consent)
		}
	}
	if err := applyComplaints(ctx, tx.q, changes); err != nil {
		return err
	}
	if err := tx.applyThings(ctx, changes, now); err != nil {
		return err
	}
	if len(purchases.Keys) > 0 {
		if err := tx.q.InsertPurchases(ctx, purchases); err != nil {
			return wrap(err, "store %d purchases", len(purchases.Keys))
		}
	}
	if len(answers.Events) > 0 {
		if err := tx.q.InsertSurveyAnswers(ctx, answers); err != nil {
			return wrap(err, "store %d survey answers", len(answers.Events))
		}
	}
	return wrap(tx.insertConsents(ctx, consents), "store %d consents", len(consents))
}
