package contact

import (
	"slices"
	"time"

	"perennial/domain/customer"
)

// Decide asks each rule in turn. The first that skips the touch decides; those that only allow some instants are asked until all of them
// agree on one.
func (p Policy) Decide(who customer.Profile, q Question) Answer {
	d := decision{p: &p, who: &who, q: &q}
	return d.answer()
}

// decision is one question on its way through the rules.
type decision struct {
	p       *Policy
	who     *customer.Profile
	q       *Question
	channel customer.Channel // once that rule was asked
}

// standing rules look at who the customer is; timely rules at the clock and at what else the customer gets.
func standing() [4]string {
	return [...]string{RuleRelation, RuleConsent, RuleSuppression, RuleChannel}
}

func timely() [7]string {
	return [...]string{RuleLegal, RuleWindow, RuleQuiet, RuleHoliday, RuleCap, RuleGap, RulePriority}
}

// searchDays is how far ahead a touch is held at most.
const searchDays = 400

func (d *decision) answer() Answer {
	for _, rule := range standing() {
		if reason := d.stands(rule); reason != "" {
			return Answer{Verdict: Skip, Reason: reason}
		}
	}
	found, ok := d.search()
	switch {
	case !ok:
		return Answer{Verdict: Skip, Reason: NoWindow}
	case d.expired(found.at):
		return Answer{Verdict: Skip, Reason: Expired}
	case found.at.After(d.q.At):
		return Answer{Verdict: Hold, Channel: d.channel, At: found.at, Reason: found.reason}
	}
	return Answer{Verdict: Send, Channel: d.channel, Until: found.until}
}

// stands asks a rule that looks at who the customer is. An empty reason is none against the touch.
func (d *decision) stands(rule string) Reason {
	if d.off(rule) {
		return ""
	}
	switch rule {
	case RuleRelation:
		return d.relation()
	case RuleConsent:
		return d.consent()
	case RuleSuppression:
		return d.suppression()
	case RuleChannel:
		return d.choose()
	}
	return ""
}

// found is the first instant at which all timely rules agree, or after spreading one soon after.
type found struct {
	at     time.Time
	until  time.Time // they agree up to here, a day on at most
	reason Reason    // the first one against the instant that was asked
}

// search moves on from one rule's first allowed instant to the next one's until none objects. It is not ok when there is no such instant.
func (d *decision) search() (found, bool) {
	f := found{at: d.q.At}
	limit := d.q.At.AddDate(0, 0, searchDays)
	for moved := true; moved; {
		moved = false
		f.until = f.at.Add(24 * time.Hour)
		for _, rule := range timely() {
			at, until, ok := d.allows(rule, f.at)
			if !ok || at.After(limit) {
				return found{}, false
			}
			if at.After(f.at) {
				if f.reason == "" && d.hopeless() {
					return found{}, false
				}
				if f.reason == "" {
					f.reason = reasonOf(rule)
				}
				f.at, moved = at, true
			}
			if !until.IsZero() && until.Before(f.until) {
				f.until = until
			}
		}
	}
	if f.reason != "" {
		f.at = d.spread(f.at, f.until)
	}
	return f, true
}

// allows asks a timely rule for the first instant at or after t that it allows, and up to when it goes on to. Zero is without an end.
func (d *decision) allows(rule string, t time.Time) (at, until time.Time, ok bool) {
	if d.off(rule) {
		return t, time.Time{}, true
	}
	switch rule {
	case RuleLegal:
		return d.legal(t)
	case RuleWindow:
		return d.window(t)
	case RuleQuiet:
		return d.quiet(t)
	case RuleHoliday:
		return d.holiday(t)
	case RuleCap:
		return d.caps(t)
	case RuleGap:
		return d.gap(t)
	case RulePriority:
		return d.yield(t)
	}
	return t, time.Time{}, true
}

func reasonOf(rule string) Reason {
	switch rule {
	case RuleLegal:
		return LegalHours
	case RuleWindow:
		return OutsideWindow
	case RuleQuiet:
		return QuietHours
	case RuleHoliday:
		return Holiday
	case RuleCap:
		return Capped
	case RuleGap:
		return TooSoon
	}
	return Yielded
}

// expired says whether nobody wants the touch any more at that instant.
func (d *decision) expired(at time.Time) bool {
	return !d.off(RuleValid) && !d.q.Expires.IsZero() && at.After(d.q.Expires)
}

func (d *decision) off(rule string) bool { return slices.Contains(d.p.without, rule) }

// concerns says whether a list of topics names this touch's. A topic that the policy does not know is as welcome as marketing: each list counts it
// in.
func (d *decision) concerns(topics []string) bool {
	if slices.Contains(topics, d.q.Topic) {
		return true
	}
	_, known := d.p.Topic(d.q.Topic)
	return !known
}
