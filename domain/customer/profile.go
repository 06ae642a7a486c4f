package customer

import (
	"time"
)

// Channel is a way to reach a customer.
type Channel string

const (
	SMS      Channel = "sms"
	Email    Channel = "email"
	Slack    Channel = "slack"
	WhatsApp Channel = "whatsapp"
)

// Channels are all channels there are, in the order in which people usually name them.
var Channels = []Channel{SMS, Email, Slack, WhatsApp}

// Receipts says whether the provider of the channel tells of each message that arrived. Twilio does, of SMS and WhatsApp; Slack and mail servers tell
// at most of failures, so there silence says that nothing is known to have gone wrong.
func (c Channel) Receipts() bool { return c == SMS || c == WhatsApp }

// Address is where a customer is reached on one channel.
type Address struct {
	Value string // E.164 for sms and whatsapp, addr-spec for email, user id for slack
	Bad   string // why it can't be used, empty when it can: "bad_address"
}

// Profile is all that is known of a customer when a decision about them is taken.
type Profile struct {
	ID         string
	Name       string
	Language   string         // BCP 47, such as "en" or "zh-CN"
	Zone       *time.Location // IANA zone, never nil
	Country    string         // ISO 3166-1 alpha-2, empty when unknown
	Channels   []Channel      // the customer's own order of preference
	Addresses  map[Channel]Address
	Windows    Windows         // when the customer wants to be reached; empty means any decent hour
	Consents   map[string]bool // by topic: the latest word the customer gave; absent means never asked
	Owner      string          // id of the colleague who looks after the customer
	Star       int             // service level 1 to 5
	Closed     bool            // the customer ended the relation or was erased: no touch ever
	Attributes map[string]any  // by the names of the profile catalogue
	Purchases  Purchases
	Things     []Thing  // agreements and assets, by kind of thing and id
	Surveys    []Answer // newest last

	Complaints []Complaint // those that are open, oldest first
	Touched    []Touched   // what was or may have been sent to them in the last 31 days, newest first
	Wanted     []Wanted    // touches of other enrollments that are held, by the instant they are held to
}

// ThingKind is a kind of thing that a customer has and that a journey may be about.
type ThingKind string

// The kinds of things.
const (
	Agreement ThingKind = "agreement" // something agreed that runs and is renewed, such as an insurance
	Asset     ThingKind = "asset"     // something that wants care, such as a car
)

// ThingKinds are all kinds of things.
var ThingKinds = []ThingKind{Agreement, Asset}

// Thing is one thing that a customer has. What every thing of its kind may have stands among its attributes beside those of the profile
// catalogue: starts_on, renews_on and ended_on of an agreement, acquired_on and ended_on of an asset, as days such as "2026-05-04".
type Thing struct {
	Of         ThingKind
	ID         string         // the business's own, opaque; unique for the customer and kind of thing
	Kind       string         // what it is to the business, such as "insurance" or "car"; may be empty
	Attributes map[string]any // by name; of those with a history, such as readings, the latest value
}

// Thing returns the thing of that kind and id.
func (p Profile) Thing(of ThingKind, id string) (Thing, bool) {
	for _, t := range p.Things {
		if t.Of == of && t.ID == id {
			return t, true
		}
	}
	return Thing{}, false
}

// Complaint is an open complaint.
type Complaint struct {
	Event string // id of the event that opened it
	At    time.Time
}

// Touched is one touch that reached the customer, or may have.
type Touched struct {
	Touch   string // its id in the ledger
	Channel Channel
	Topic   string
	At      time.Time
}

// Wanted is a touch that another enrollment holds for the customer.
type Wanted struct {
	Enrollment int64
	Topic      string
	At         time.Time // it is held to this instant
	Since      time.Time // when its step began: the older one goes first
}

// Purchases sums up what a customer bought.
type Purchases struct {
	Count int64
	Total float64 // in the currency of the purchases; the business has one
	First time.Time
	Last  time.Time

	// GapDays is the customer's usual gap: the days between their first and last day with a purchase, divided by the number of gaps between such
	// days, rounded, and at least 1. Days are those of their zone; two purchases of one day are one. 0 while there are not two such days.
	GapDays int64
}

// Answer is one survey answer.
type Answer struct {
	Survey string
	Score  float64
	At     time.Time
	Event  string // id of the event that brought it
}

// Title is the channel as people write it.
func (c Channel) Title() string {
	switch c {
	case SMS:
		return "SMS"
	case Email:
		return "e-mail"
	case Slack:
		return "Slack"
	case WhatsApp:
		return "WhatsApp"
	}
	return string(c)
}
