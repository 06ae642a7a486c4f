package activities

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"perennial/domain/colleague"
	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// decide asks the contact policy about a touch at an instant. Only channels that this installation can send on are chosen.
func decide(policy contact.Policy, v *version, can []customer.Channel, who customer.Profile, t workflows.Touch, at time.Time) contact.Answer {
	return policy.Decide(beside(who, t, at), contact.Question{
		Topic: t.Topic, At: at, Channels: t.Channels, Tried: t.Tried, Templates: written(v, can, t),
		Touch: newTouch(t, "", at).ID(), Enrollment: t.Enrollment, Since: t.Since.Truncate(time.Microsecond), Expires: expires(policy, who, t),
	})
}

// written are the channels for which the message is written, and that this installation can send on.
func written(v *version, can []customer.Channel, t workflows.Touch) []customer.Channel {
	return slices.DeleteFunc(slices.Clone(v.templates.Channels(t.Template)), func(c customer.Channel) bool { return !slices.Contains(can, c) })
}

// expires is the instant after which a touch is not welcome any more, by its step or else by the policy; zero is never. What a colleague is told
// is of use for a week.
func expires(policy contact.Policy, who customer.Profile, t workflows.Touch) time.Time {
	since := t.Since.In(who.Zone)
	if !t.Valid.IsZero() {
		return t.Valid.From(since)
	}
	if t.Kind == journey.Notify {
		return colleague.Valid.From(since)
	}
	if valid := policy.ValidFor(t.Topic); !valid.IsZero() {
		return valid.From(since)
	}
	return time.Time{}
}

// overdue is how long past its time a held touch of another enrollment still goes before others. One that is not claimed by then is kept from
// it by something else, such as a channel that is down, and what waits on one channel must not delay the others. In the stack's time.
const overdue = 10 * time.Minute

// beside is the profile as a touch sees it, beside the others: without its own hold, without holds that are long overdue, and without what
// was tried before in the same occurrence of its step, since a touch on a second channel takes the place of the first.
func beside(who customer.Profile, t workflows.Touch, at time.Time) customer.Profile {
	who.Wanted = slices.DeleteFunc(slices.Clone(who.Wanted), func(w customer.Wanted) bool {
		return w.Enrollment == t.Enrollment || w.At.Before(at.Add(-overdue))
	})
	tries := fmt.Sprintf("%d.%s.%d.", t.Enrollment, t.Step, t.Occurrence)
	who.Touched = slices.DeleteFunc(slices.Clone(who.Touched), func(touched customer.Touched) bool {
		return strings.HasPrefix(touched.Touch, tries)
	})
	return who
}

// holding is the projection of an enrollment whose touch is held. One that is held for a colleague is in no other's way.
func holding(t workflows.Touch, d decision) store.Projection {
	p := store.Projection{Step: t.Step, WaitingFor: d.Reason.Sentence(), NextAt: d.At}
	if t.Kind == journey.Notify {
		p.HeldFor = d.tells()
	} else {
		p.Held = store.Held{Topic: t.Topic, Since: t.Since}
	}
	return p
}
