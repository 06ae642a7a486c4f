package main

import (
	"fmt"
	"time"

	"perennial/config"
)

// utc writes an instant for lists, whose heading or last line says that it is UTC; nothing for none.
func utc(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// local writes an instant as it is on a customer's wall, and in UTC; nothing for none.
func local(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	there, here := t.In(zone), t.UTC()
	text := there.Format("Mon 2 Jan 2006 15:04")
	switch {
	case there.Format("200601021504") == here.Format("200601021504"):
		return text
	case there.YearDay() == here.YearDay():
		return text + here.Format(" (15:04 UTC)")
	}
	return text + here.Format(" (2 Jan 15:04 UTC)")
}

// clockLine says what time it is, and by which clock.
func clockLine(settings config.Config) string {
	now := settings.Now().UTC().Format("Mon 2 Jan 2006 15:04 UTC")
	if !settings.Clock.Scaled() {
		return "it is now " + now
	}
	return fmt.Sprintf("it is now %s by the stack's clock, which runs %d times as fast", now, settings.Clock.Rate)
}
