package contact

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// spread places a touch that is held to an opening inside the hours that begin there, so that a million of them are not due at once. The
// place is always the same for a customer. Asked again there, inside the hours, the policy says send: it is not spread twice.
func (d *decision) spread(opening, until time.Time) time.Time {
	if d.p.Spread == nil || d.off(RuleSpread) || !d.opensAt(opening) {
		return opening
	}
	room := min(d.p.Spread.Over.rough(), until.Sub(opening))
	if !d.q.Expires.IsZero() {
		room = max(0, min(room, d.q.Expires.Sub(opening)))
	}
	room /= time.Second
	return opening.Add(time.Duration(share(d.who.ID)*float64(room)) * time.Second)
}

// opensAt says whether hours begin at an instant, whichever rule it is that held the touch until then.
func (d *decision) opensAt(t time.Time) bool {
	before := t.Add(-time.Nanosecond)
	for _, rule := range [...]string{RuleLegal, RuleWindow, RuleQuiet, RuleHoliday} {
		if at, _, ok := d.allows(rule, before); !ok || at.After(before) {
			return true
		}
	}
	return false
}

// share is a number from 0 up to but without 1 that belongs to a customer: the same in every release, and even over ids that differ in a
// digit.
func share(id string) float64 {
	sum := sha256.Sum256([]byte(id))
	return float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
}
