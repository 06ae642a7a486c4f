package main

import (
	"testing"
	"time"
)

func TestColumnsBeginBelowEachOther(t *testing.T) {
	t.Parallel()
	p := &page{}
	p.table("", []string{"ID", "NAME", "KEY", "STEP"}, [][]string{
		{"1", "林 晓", "", "welcome"},
		{"12", "Ada", "", ""},
	})
	const want = `ID  NAME   STEP
1   林 晓  welcome
12  Ada    –
`
	if p.String() != want {
		t.Errorf("got\n%swant\n%s", p, want)
	}
}

func TestTimesAreThoseOnTheCustomersWallAndInUTC(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]string{
		"Asia/Shanghai":    "Mon 4 May 2026 20:00 (12:00 UTC)",
		"Pacific/Auckland": "Tue 5 May 2026 00:00 (4 May 12:00 UTC)",
		"UTC":              "Mon 4 May 2026 12:00",
	} {
		there, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := local(noon(), there); got != want {
			t.Errorf("%s: got %s, want %s", zone, got, want)
		}
	}
	if got := local(time.Time{}, time.UTC) + utc(time.Time{}); got != "" {
		t.Errorf("no time is shown as %q", got)
	}
}
