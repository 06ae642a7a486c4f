package customer

import (
	"math"
	"time"
)

// Windows are the weekly hours at which a customer wants to be reached, in the customer's own local time. None means any decent hour.
type Windows []Window

// Window is the same hours on some weekdays. The weekday is that of the local date on which the window opens.
type Window struct {
	Days  [7]bool // by time.Weekday
	Opens int     // minutes after local midnight, 0 to 1439
	Ends  int     // minutes after local midnight, 1 to 1440; at or before Opens it is on the next day
}

const (
	minutesPerDay = 24 * 60
	secondsPerDay = 24 * 60 * 60
)

// How far ahead Next looks. A weekly window that a change of clocks swallows this week is there next week.
const (
	searchSeconds  = 22 * secondsPerDay
	stretchSeconds = 14 * secondsPerDay // a stretch of open time that is longer is said to end here
)

// Next returns the first instant at or after t that lies in one of the windows, and the end of the stretch of open time it lies in,
// or an instant two weeks on when that is earlier. An instant lies in a window when the clock on the customer's wall says so: an hour
// that the zone skips is never open, one that it repeats is open both times. ok is false when there are no windows.
func (ws Windows) Next(t time.Time, zone *time.Location) (at, until time.Time, ok bool) {
	wall := wallAt(t, zone)
	asked := t.Unix()
	opens, wall, ok := ws.opening(wall, asked)
	if !ok {
		return time.Time{}, time.Time{}, false
	}
	until = time.Unix(ws.closing(wall, opens), 0).In(zone)
	if opens == asked { // the fraction of a second is part of the question
		return t, until, true
	}
	return time.Unix(opens, 0).In(zone), until, true
}

// opening returns the first second at or after asked that is open, and the wall on which it is. Within one wall, wall time and instant
// differ by a constant, so days and hours are plain arithmetic there.
func (ws Windows) opening(w wall, asked int64) (opens int64, on wall, ok bool) {
	for second := asked; second < asked+searchSeconds; second, w = w.ends, w.next() {
		if local := ws.openingOnWall(second + w.east); local < w.localEnd() {
			return local - w.east, w, true
		}
		if w.last() {
			break
		}
	}
	return 0, w, false
}

// openingOnWall returns the first second at or after local that is open, both counted on a wall whose clock nobody changes.
func (ws Windows) openingOnWall(local int64) int64 {
	first := int64(math.MaxInt64)
	day := floorDay(local)
	for d := day - 1; d <= day+7 && first >= d*secondsPerDay; d++ {
		for i := range ws {
			if from, to, ok := ws[i].on(d); ok && to > local {
				first = min(first, max(from, local))
			}
		}
	}
	return first
}

// closing returns the second at which the open stretch that holds opens is over.
func (ws Windows) closing(w wall, opens int64) int64 {
	second, limit := opens, opens+stretchSeconds
	for second < limit {
		to := ws.closingOnWall(second + w.east)
		if to == second+w.east {
			return second
		}
		if to < w.localEnd() {
			second = to - w.east
			continue
		}
		second, w = w.ends, w.next()
	}
	return limit
}

// closingOnWall returns the latest end of the windows that hold local; local itself when none does.
func (ws Windows) closingOnWall(local int64) int64 {
	last := local
	day := floorDay(local)
	for d := day - 1; d <= day; d++ {
		for i := range ws {
			if from, to, ok := ws[i].on(d); ok && from <= local {
				last = max(last, to)
			}
		}
	}
	return last
}

// on returns from which second to which the window that opens on a day is open, both counted on the wall, the day from 1970.
func (w *Window) on(day int64) (from, to int64, ok bool) {
	if !w.Days[weekday(day)] {
		return 0, 0, false
	}
	ends := w.Ends
	if ends <= w.Opens {
		ends += minutesPerDay
	}
	return day*secondsPerDay + int64(w.Opens)*60, day*secondsPerDay + int64(ends)*60, true
}

// Overlap says whether there is a minute of the week that lies in both. Two that have none leave no instant ever, whatever clocks do;
// two that have one leave an instant nearly every week.
func (ws Windows) Overlap(others Windows) bool {
	const week = 7 * secondsPerDay
	for i := range ws {
		for j := range others {
			for a := range int64(7) {
				from, to, ok := ws[i].on(a)
				if !ok {
					continue
				}
				for b := range int64(7) {
					other, end, ok := others[j].on(b)
					if ok && (from < end && other < to || from+week < end && other < to+week || from < end+week && other+week < to) {
						return true
					}
				}
			}
		}
	}
	return false
}
