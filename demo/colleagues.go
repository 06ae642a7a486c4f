package demo

import (
	"fmt"
	"time"
)

// colleagueCount is how many colleagues the business has.
const colleagueCount = 12

// colleagueID names the nth colleague, from 0.
func colleagueID(n int) string { return fmt.Sprintf("rep-%02d", n+1) }

// colleagues are the dozen of colleagues as operations import them. Each has the next as deputy.
func colleagues() [][]string {
	names := []string{"Aster", "Basil", "Clover", "Dill", "Elder", "Flax", "Garland", "Heather", "Iris", "Juniper", "Lotus", "Myrtle"}
	homes := []place{{"Europe/London", "GB"}, {"America/New_York", "US"}, {"Asia/Shanghai", "CN"}}
	rows := [][]string{{"colleague", "name", "slack", "email", "language", "time_zone", "country", "channels", "working_hours", "deputy"}}
	for n := range colleagueCount {
		home, channels := homes[n%len(homes)], "slack>email"
		if n%4 == 3 {
			channels = "email"
		}
		rows = append(rows, []string{
			colleagueID(n), names[n], fmt.Sprintf("U0REP%02d", n+1), fmt.Sprintf("rep%02d@example.com", n+1), "en", home.zone, home.country,
			channels, "mon-fri 09:00-18:00; sat 09:00-13:00", colleagueID((n + 1) % colleagueCount),
		})
	}
	return rows
}

// absences are the days on which some colleagues are away.
func absences(opens time.Time) [][]string {
	rows := [][]string{{"colleague", "from", "to"}}
	for n := 0; n < colleagueCount; n += 3 {
		from := opens.AddDate(0, 0, 4+5*n)
		rows = append(rows, []string{colleagueID(n), from.Format(time.DateOnly), from.AddDate(0, 0, 9).Format(time.DateOnly)})
	}
	return rows
}
