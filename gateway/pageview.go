package gateway

import (
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// page is what the template of the customer's page is given: the facts, in words for a manager.
type page struct {
	Profile customer.Profile
	Now     time.Time
	Style   template.CSS

	SignedIn bool // the reader came with a cookie, which they may give back

	enrollments         []store.Enrollment
	touches             []store.Touch
	temporal, namespace string
}

// moment is an instant as it is on the customer's wall, and for machines. The zero moment is none.
type moment struct{ Wall, Machine string }

// At is the moment of an instant.
func (p page) At(t time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	local := t.In(p.Profile.Zone)
	return moment{Wall: local.Format("Mon 2 Jan 2006, 15:04"), Machine: local.Format(time.RFC3339)}
}

// Day is the day of an instant.
func (p page) Day(t time.Time) moment {
	local := t.In(p.Profile.Zone)
	return moment{Wall: local.Format("2 Jan 2006"), Machine: local.Format(time.DateOnly)}
}

// Rows is how many rows a table has at most.
func (p page) Rows() int { return pageRows }

// Stars draws the service level.
func (p page) Stars() string {
	star := min(max(p.Profile.Star, 0), 5)
	return strings.Repeat("★", star) + strings.Repeat("☆", 5-star)
}

// pageAddress is one address.
type pageAddress struct {
	Channel customer.Channel
	Value   string
	Bad     string // why it can't be used, in words
}

// Addresses are in the customer's own order, then those on channels that the order leaves out.
func (p page) Addresses() []pageAddress {
	var addresses []pageAddress
	for _, c := range slices.Concat(p.Profile.Channels, customer.Channels) {
		address, known := p.Profile.Addresses[c]
		if !known || slices.ContainsFunc(addresses, func(a pageAddress) bool { return a.Channel == c }) {
			continue
		}
		addresses = append(addresses, pageAddress{c, address.Value, words(address.Bad)})
	}
	return addresses
}

// fact is something that is known, by its name.
type fact struct{ Name, Value string }

// Attributes are what is known beside what is known of everybody, by name.
func (p page) Attributes() []fact { return factsOf(p.Profile.Attributes) }

func factsOf(attributes map[string]any) []fact {
	var facts []fact
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		facts = append(facts, fact{words(name), customer.Written(attributes[name])})
	}
	return facts
}

// pageThing is an agreement or an asset.
type pageThing struct {
	customer.Thing

	Known []fact
}

// Things are what the customer has.
func (p page) Things() []pageThing {
	things := make([]pageThing, len(p.Profile.Things))
	for i, t := range p.Profile.Things {
		things[i] = pageThing{t, factsOf(t.Attributes)}
	}
	return things
}

// Agreed are the topics that the customer agreed to, and Refused those that they took back.
func (p page) Agreed() []string { return p.topics(true) }

// Refused is said at Agreed.
func (p page) Refused() []string { return p.topics(false) }

func (p page) topics(granted bool) []string {
	topics := maps.Clone(p.Profile.Consents)
	maps.DeleteFunc(topics, func(_ string, g bool) bool { return g != granted })
	return slices.Sorted(maps.Keys(topics))
}

// Answers are the survey answers, newest first.
func (p page) Answers() []customer.Answer {
	answers := slices.Clone(p.Profile.Surveys)
	slices.Reverse(answers)
	return answers
}

// state is how something stands: in a word, why in a sentence, and how it is to be taken.
type state struct {
	Word, Why string
	Tone      string // good, warn, bad, quiet
}

type pageEnrollment struct {
	store.Enrollment

	State    state
	Workflow string // where Temporal's UI shows it; empty where that is not known
}

// Enrollments are the newest first.
func (p page) Enrollments() []pageEnrollment {
	shown := make([]pageEnrollment, len(p.enrollments))
	for i, e := range p.enrollments {
		shown[i] = pageEnrollment{Enrollment: e, State: stateOfEnrollment(e), Workflow: p.workflow(e)}
	}
	return shown
}

func (p page) workflow(e store.Enrollment) string {
	if p.temporal == "" {
		return ""
	}
	return workflows.Page(p.temporal, p.namespace, workflows.WorkflowID(e.Journey, e.Customer, e.Key))
}

func stateOfEnrollment(e store.Enrollment) state {
	kind, why, _ := strings.Cut(e.Outcome, ": ")
	switch {
	case e.Running() && e.Paused:
		return state{"paused", "nothing happens until it is resumed", "warn"}
	case e.Running():
		return state{"running", "", "good"}
	case journey.HasFailed(e.Outcome):
		return state{kind, why, "bad"}
	case kind == journey.OutcomeGoal:
		return state{kind, why, "good"}
	}
	return state{kind, why, "quiet"}
}

type pageTouch struct {
	store.Touch

	At      time.Time // when it was sent, or else when it was begun
	Journey string
	State   state
}

// Told says which colleague the touch told of the customer, or is to tell; empty where it is to the customer.
func (t pageTouch) Told() string {
	switch {
	case t.Colleague == "":
		return ""
	case t.SentAt.IsZero():
		return "to tell " + t.Colleague
	}
	return "told " + t.Colleague
}

// Touches are the newest first.
func (p page) Touches() []pageTouch {
	journeys := map[int64]string{}
	for _, e := range p.enrollments {
		journeys[e.ID] = e.Journey
	}
	shown := make([]pageTouch, len(p.touches))
	for i, t := range p.touches {
		at := t.SentAt
		if at.IsZero() {
			at = t.CreatedAt
		}
		shown[i] = pageTouch{Touch: t, At: at, Journey: cmp.Or(journeys[t.Enrollment], fmt.Sprintf("enrollment %d", t.Enrollment)), State: stateOfTouch(t)}
	}
	return shown
}

func stateOfTouch(t store.Touch) state {
	word := string(t.State)
	switch t.State {
	case store.TouchClaimed:
		return stateOfClaim(t)
	case store.TouchSent:
		return state{word, cmp.Or(t.Reason, "the provider took it"), "good"}
	case store.TouchDelivered:
		return state{word, "it arrived", "good"}
	case store.TouchUndelivered:
		return state{word, withCode("the provider says that it did not arrive", t.ProviderCode), "bad"}
	case store.TouchFailed:
		return state{word, t.Reason, "bad"}
	case store.TouchSkipped, store.TouchExpired:
		return state{word, contact.Reason(t.Reason).Sentence(), "quiet"}
	case store.TouchUnconfirmed:
		return state{word, withCode(cmp.Or(t.Reason, "nobody knows whether it was sent")+"; it is not sent again", t.ProviderCode), "warn"}
	}
	return state{word, t.Reason, "quiet"}
}

func stateOfClaim(t store.Touch) state {
	switch t.Lease {
	case store.LeaseOver:
		return state{"in doubt", withCode(t.Doubt(), t.ProviderCode), "warn"}
	case store.LeaseReleased:
		return state{"claimed", "it was not sent yet, and will be tried again", "warn"}
	case store.LeaseHeld:
	}
	return state{"claimed", "it is being sent", "quiet"}
}

func withCode(why, code string) string {
	if code == "" {
		return why
	}
	return why + " (" + code + ")"
}

// words writes a code such as "bad_address" for people.
func words(code string) string { return strings.ReplaceAll(code, "_", " ") }
