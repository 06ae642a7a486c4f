package journey

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"perennial/domain/customer"
	"perennial/domain/document"
	"perennial/domain/problem"
)

// colleagueChannels are the channels by which colleagues are told.
func colleagueChannels() []customer.Channel {
	return []customer.Channel{customer.Slack, customer.Email}
}

// colleagueID is the form of an opaque id: a colleague's address or phone number has no place in a journey.
var colleagueID = regexp.MustCompile(`^([0-9]{1,6}|[A-Za-z0-9._-]*[A-Za-z][A-Za-z0-9._-]*)$`)

// notify compiles a step that tells a colleague.
func (c *compiler) notify(s Step, v *document.Value, verb document.Field) Step {
	if verb.Value.Is(document.Scalar, "notify", c.problems) {
		s.Notify = verb.Value.Text
		switch {
		case s.Notify == NotifyOwner:
		case !colleagueID.MatchString(s.Notify):
			c.problems.Add(verb.Value.Place, "this is no colleague", "write owner, for the customer's own, or a colleague's id such as rep-01")
		case problem.Slip(strings.ToLower(s.Notify), NotifyOwner) && !strings.ContainsAny(s.Notify, "0123456789"):
			c.problems.Add(verb.Value.Place, s.Notify+" is no colleague", "did you mean owner?")
		}
	}
	if v.Get("valid") != nil {
		s.Valid = c.span(v, "valid")
	}
	if v.Get("with") == nil {
		c.problems.Add(verb.Place, "this notify has no template", "add with: and its name, such as with: unhappy-customer")
		return s
	}
	with := v.Scalar("with", c.problems)
	if with == nil {
		return s
	}
	s.Template = with.Text
	if c.templates == nil || !c.knownTemplate(with, customer.Email) {
		return s
	}
	channels := slices.DeleteFunc(c.templates.Channels(with.Text), func(channel customer.Channel) bool { return !slices.Contains(colleagueChannels(), channel) })
	if len(channels) == 0 {
		c.problems.Add(with.Place, fmt.Sprintf("the template %s has no text for slack or email, by which colleagues are told", with.Text),
			fmt.Sprintf("write templates/%s.%s.%s.liquid", with.Text, customer.Email, c.catalogue.Language))
	}
	c.checkTemplateTexts(with, channels)
	return s
}
