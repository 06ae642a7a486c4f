package contact

import (
	"slices"
	"time"
)

// The rules about hours of the week: those of the law, the customer's own, and decent ones where the customer has none. All by the clock
// on the customer's wall.

func (d *decision) legal(t time.Time) (at, until time.Time, ok bool) {
	law := d.law()
	if law == nil {
		return t, time.Time{}, true
	}
	return law.Open.Next(t, d.who.Zone)
}

// law is the line about legal hours that this touch is under; nil is none.
func (d *decision) law() *Legal {
	law := d.p.lawOf(d.who.Country)
	if law == nil || len(law.Topics) > 0 && !d.concerns(law.Topics) {
		return nil
	}
	if len(law.Channels) > 0 && !slices.Contains(law.Channels, d.channel) {
		return nil
	}
	return law
}

// lawOf is the line about legal hours in a country; nil is none. A country's own line replaces that for all others.
func (p *Policy) lawOf(country string) *Legal {
	var law *Legal
	for i := range p.Legal {
		if written := p.Legal[i].Country; written == country || written == "" && law == nil {
			law = &p.Legal[i]
		}
	}
	return law
}

func (d *decision) window(t time.Time) (at, until time.Time, ok bool) {
	if len(d.who.Windows) == 0 {
		return t, time.Time{}, true
	}
	return d.who.Windows.Next(t, d.who.Zone)
}

func (d *decision) quiet(t time.Time) (at, until time.Time, ok bool) {
	if len(d.who.Windows) > 0 || len(d.p.Decent) == 0 {
		return t, time.Time{}, true
	}
	return d.p.Decent.Next(t, d.who.Zone)
}

// hopeless says whether the hours leave no minute of the week.
func (d *decision) hopeless() bool {
	law := d.law()
	if law == nil || d.off(RuleLegal) {
		return false
	}
	if len(d.who.Windows) > 0 {
		return !d.off(RuleWindow) && !d.who.Windows.Overlap(law.Open)
	}
	return len(d.p.Decent) > 0 && !d.off(RuleQuiet) && !d.p.Decent.Overlap(law.Open)
}
