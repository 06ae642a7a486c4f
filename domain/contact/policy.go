package contact

import (
	"encoding/json"
	"fmt"
	"slices"

	"perennial/domain/customer"
)

// PolicyEncoding numbers the form in which policies are stored. A build reads every form it knows; a new form gets a new number.
const PolicyEncoding = 1

// Policy is who may be reached when, how often and about what, as operations wrote it, with the line of each rule. It is stored as JSON
// when it is published, so that workers need no files. The zero Policy allows whatever the customer agreed to, at any hour.
type Policy struct {
	Encoding    int              `json:"encoding"`
	Topics      []Topic          `json:"topics,omitempty"` // by name
	Valid       Period           `json:"valid,omitzero"`   // how long a touch may be held, where neither step nor topic says
	Unconfirmed Unconfirmed      `json:"unconfirmed,omitzero"`
	Complaint   *Suppression     `json:"complaint,omitempty"`
	Satisfied   *Satisfaction    `json:"satisfied,omitempty"`
	Legal       []Legal          `json:"legal,omitempty"`
	Decent      customer.Windows `json:"decent,omitempty"` // when customers without windows of their own may be reached; empty is always
	DecentAt    Place            `json:"decent_at,omitzero"`
	Holidays    *Rest            `json:"holidays,omitempty"`
	Calendars   []Calendar       `json:"calendars,omitempty"` // by country
	Caps        []Cap            `json:"caps,omitempty"`
	Gap         *Gap             `json:"gap,omitempty"`
	Spread      *Spread          `json:"spread,omitempty"`

	without []string // rules that are not asked
}

// Place is where a rule was written. The zero Place is that of rules that nobody wrote, because they always hold.
type Place struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// Topic is what customers agree to hear about.
type Topic struct {
	Name        string       `json:"name"`
	Priority    int          `json:"priority"`              // 1 goes first
	Valid       Period       `json:"valid,omitzero"`        // zero is what the policy says for all
	Unconfirmed *Unconfirmed `json:"unconfirmed,omitempty"` // nil is what the policy says for all
	Place       Place        `json:"place"`
}

// Unconfirmed is what becomes of a touch of which nobody can find out whether it was sent: it is given up, or sent again after a time.
type Unconfirmed struct {
	Again Period `json:"again,omitzero"` // zero is never
}

// Suppression is which topics rest for a customer whose complaint is open.
type Suppression struct {
	Topics []string `json:"topics"`
	Place  Place    `json:"place"`
}

// Satisfaction is which topics rest for a customer who was not satisfied, until they answer better.
type Satisfaction struct {
	Topics  []string `json:"topics"`
	Surveys []string `json:"surveys"`
	AtMost  float64  `json:"at_most"` // a score that is not better than this is low
	Place   Place    `json:"place"`
}

// Legal is the hours in which the law of a country allows messages of some topics on some channels.
type Legal struct {
	Country  string             `json:"country,omitempty"` // ISO 3166-1 alpha-2; empty is every country that has no line of its own
	Open     customer.Windows   `json:"open"`
	Topics   []string           `json:"topics,omitempty"`   // empty is all
	Channels []customer.Channel `json:"channels,omitempty"` // empty is all
	Place    Place              `json:"place"`
}

// Rest is which topics rest on public holidays.
type Rest struct {
	Topics []string `json:"topics"`
	Place  Place    `json:"place"`
}

// Cap is how many touches a customer gets at most within a time that ends with the newest one: on one channel, of one topic, or in all
// when it names neither.
type Cap struct {
	Channel customer.Channel `json:"channel,omitempty"`
	Topic   string           `json:"topic,omitempty"`
	Quota
	Stars []StarQuota `json:"stars,omitempty"` // instead, for customers of that star
}

// Quota is a number within a time.
type Quota struct {
	Most  int    `json:"most"`
	Per   Period `json:"per"`
	Place Place  `json:"place"`
}

// StarQuota is what a cap says for the customers of one star.
type StarQuota struct {
	Star int `json:"star"`
	Quota
}

// Gap is the time that passes at least between two touches of a customer, whatever they are about.
type Gap struct {
	Least  Period   `json:"least"`
	Topics []string `json:"topics,omitempty"` // those that keep the distance; empty is all
	Place  Place    `json:"place"`
}

// Spread is over how much of a window those touches are spread that would all be due at its opening.
type Spread struct {
	Over  Period `json:"over"`
	Place Place  `json:"place"`
}

// The rules by name, in the order in which they are asked.
const (
	RuleRelation    = "relation"
	RuleConsent     = "consent"
	RuleSuppression = "suppression"
	RuleChannel     = "channel"
	RuleLegal       = "legal"
	RuleWindow      = "window"
	RuleQuiet       = "quiet"
	RuleHoliday     = "holiday"
	RuleCap         = "cap"
	RuleGap         = "gap"
	RulePriority    = "priority"
	RuleSpread      = "spread"
	RuleValid       = "valid"
)

// Standard returns the policy that holds where operations wrote none: 09:00 to 20:00 for customers without windows, and no marketing
// while a complaint is open.
func Standard() Policy {
	return Policy{
		Encoding: PolicyEncoding,
		Topics: []Topic{
			{Name: "care", Priority: 2},
			{Name: "marketing", Priority: 3},
			{Name: "service", Priority: 1},
		},
		Valid:     Period{Days: 7},
		Complaint: &Suppression{Topics: []string{"marketing"}},
		Decent:    customer.Windows{{Days: [7]bool{true, true, true, true, true, true, true}, Opens: 9 * 60, Ends: 20 * 60}},
	}
}

// Without returns the policy less one rule. It is for tests that show that a rule is what keeps customers from being bothered.
func (p Policy) Without(rule string) Policy {
	p.without = append(slices.Clone(p.without), rule)
	return p
}

// Topic returns the topic of that name; not ok where the policy does not know it.
func (p Policy) Topic(name string) (Topic, bool) {
	i := slices.IndexFunc(p.Topics, func(t Topic) bool { return t.Name == name })
	if i < 0 {
		return Topic{}, false
	}
	return p.Topics[i], true
}

// ValidFor returns how long a touch of a topic may be held where its step does not say; zero is for ever.
func (p Policy) ValidFor(topic string) Period {
	if t, ok := p.Topic(topic); ok && !t.Valid.IsZero() {
		return t.Valid
	}
	return p.Valid
}

// UnconfirmedFor returns what becomes of a touch of a topic of which nobody can find out whether it was sent.
func (p Policy) UnconfirmedFor(topic string) Unconfirmed {
	if t, ok := p.Topic(topic); ok && t.Unconfirmed != nil {
		return *t.Unconfirmed
	}
	return p.Unconfirmed
}

// DecodePolicy reads a stored policy.
func DecodePolicy(encoded []byte) (Policy, error) {
	var p Policy
	if err := json.Unmarshal(encoded, &p); err != nil {
		return Policy{}, fmt.Errorf("read the stored contact policy: %w", err)
	}
	if p.Encoding != PolicyEncoding {
		return Policy{}, fmt.Errorf("read the stored contact policy: it has encoding %d, this build knows %d", p.Encoding, PolicyEncoding)
	}
	return p, nil
}
