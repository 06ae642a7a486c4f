package contact

import (
	"fmt"
	"slices"
	"strings"

	"perennial/domain/customer"
)

// Conflict is a line of legal hours that a customer's own hours never meet: touches of its topics on its channels can't ever be made.
type Conflict struct {
	Windows customer.Windows // the customer's own, or decent hours where they have none
	Law     Legal
}

// String says the conflict in words for operations.
func (c Conflict) String() string {
	text := fmt.Sprintf("the hours %s never meet the legal hours %s", c.Windows, c.Law.Open)
	if len(c.Law.Topics) > 0 {
		text += " for " + strings.Join(c.Law.Topics, " or ")
	}
	var titles []string
	for _, channel := range c.Law.Channels {
		titles = append(titles, channel.Title())
	}
	if len(titles) > 0 {
		text += " by " + strings.Join(titles, " or ")
	}
	return fmt.Sprintf("%s (%s:%d)", text, c.Law.Place.File, c.Law.Place.Line)
}

// Conflict returns the line of legal hours that leaves this customer no time for what it is about; not ok when there is none. It is asked when
// customers are imported and when a policy is published. Consent and addresses are not looked at: both can change.
func (p Policy) Conflict(who customer.Profile) (Conflict, bool) {
	windows := who.Windows
	if len(windows) == 0 {
		windows = p.Decent
	}
	law := p.lawOf(who.Country)
	if law == nil || len(windows) == 0 || windows.Overlap(law.Open) {
		return Conflict{}, false
	}
	concerned := func(c customer.Channel) bool { return slices.Contains(law.Channels, c) }
	if len(law.Channels) > 0 && !slices.ContainsFunc(who.Channels, concerned) {
		return Conflict{}, false
	}
	return Conflict{Windows: windows, Law: *law}, true
}
