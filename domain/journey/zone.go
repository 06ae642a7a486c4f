package journey

import "time"

// Zone is a customer's time zone as it is around now: enough to write times down as they are on the customer's wall, without the database of
// zones, which workflow code must not read.
type Zone struct {
	Name string `json:"name"`
	East int    `json:"east"` // seconds east of UTC
}

// ZoneAt returns the zone of t's location as it is at t.
func ZoneAt(t time.Time) Zone {
	_, east := t.Zone()
	return Zone{Name: t.Location().String(), East: east}
}

// Stamp writes an instant on the wall: "Tue 14 May 10:00".
func (z Zone) Stamp(t time.Time) string {
	return t.In(time.FixedZone(z.Name, z.East)).Format("Mon 2 Jan 15:04")
}

// String is the zone's name, such as "Asia/Shanghai".
func (z Zone) String() string {
	if z.Name == "" {
		return "UTC"
	}
	return z.Name
}
