package customer

import (
	"math"
	"time"
)

// wall is a clock on a wall between two changes of its hands: it is a constant away from UTC. Seconds count from 1970.
type wall struct {
	zone *time.Location
	ends int64 // the second at which the hands are changed next, MaxInt64 for never
	east int64 // how many seconds it is ahead of UTC
}

func wallAt(t time.Time, zone *time.Location) wall {
	local := t.In(zone)
	w := wall{zone: zone, ends: math.MaxInt64}
	if _, ends := local.ZoneBounds(); !ends.IsZero() {
		w.ends = ends.Unix()
	}
	_, east := local.Zone()
	w.east = int64(east)
	return w
}

// last says whether nobody ever changes the hands again.
func (w wall) last() bool { return w.ends == math.MaxInt64 }

// localEnd is what the clock shows when its hands are changed.
func (w wall) localEnd() int64 {
	if w.last() {
		return math.MaxInt64
	}
	return w.ends + w.east
}

// next is the clock after its hands were changed.
func (w wall) next() wall {
	if w.last() {
		return w
	}
	return wallAt(time.Unix(w.ends, 0), w.zone)
}

// floorDay returns the day, counted from 1970, in which a second counted from 1970 lies.
func floorDay(second int64) int64 {
	day := second / secondsPerDay
	if second%secondsPerDay < 0 {
		day--
	}
	return day
}

// weekday returns the weekday of a day counted from 1970, which began on a Thursday.
func weekday(day int64) time.Weekday {
	return time.Weekday(((day+int64(time.Thursday))%7 + 7) % 7)
}

// NextDate returns the first instant after t at which the calendar on the wall shows another date than at t.
func NextDate(t time.Time, zone *time.Location) time.Time {
	w, second := wallAt(t, zone), t.Unix()
	today := floorDay(second + w.east)
	for {
		midnight := (floorDay(second+w.east)+1)*secondsPerDay - w.east
		if midnight < w.ends {
			return time.Unix(midnight, 0).In(zone)
		}
		second, w = w.ends, w.next()
		if floorDay(second+w.east) != today {
			return time.Unix(second, 0).In(zone)
		}
	}
}

// WallTime returns the instant at which the clock on a wall shows a date and time. A time that is skipped moves on by the length of the gap,
// one that comes twice is meant when it comes first: the standard library promises neither. A day or month out of range moves on
// into the next, as in time.Date.
func WallTime(year int, month time.Month, day, hour, minute, second, nanosecond int, zone *time.Location) time.Time {
	wall := time.Date(year, month, day, hour, minute, second, nanosecond, time.UTC)
	t := time.Date(year, month, day, hour, minute, second, nanosecond, zone)
	_, east := t.Zone()
	shown := t.Add(time.Duration(east) * time.Second).UTC()
	if skipped := wall.Sub(shown); skipped != 0 {
		return t.Add(max(skipped, 0))
	}
	begins, _ := t.ZoneBounds()
	if begins.IsZero() {
		return t
	}
	_, formerly := begins.Add(-time.Second).Zone()
	if first := wall.Add(-time.Duration(formerly) * time.Second); first.Before(begins) {
		return first.In(zone)
	}
	return t
}
