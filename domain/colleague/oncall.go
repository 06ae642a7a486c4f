package colleague

import (
	"time"

	"perennial/domain/customer"
)

// OnCall is who is told at an instant, whatever the hour, and on which of the channels that can be used: the colleague asked for, or the first who stands in
// and is not absent; where all are absent, the colleague themselves rather than nobody. False where nobody is known or can be reached.
func (cs Colleagues) OnCall(id string, at time.Time, can []customer.Channel) (told Colleague, on customer.Channel, ok bool) {
	d := decision{q: Question{Asked: id, At: at, Templates: can}}
	if reason := d.line(cs); reason != "" {
		return Colleague{}, "", false
	}
	who := d.present(at)
	if who == nil {
		who = &d.inLine[0]
	}
	return *who.Colleague, who.channel, true
}
