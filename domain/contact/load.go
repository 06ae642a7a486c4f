package contact

import (
	"io/fs"

	"perennial/domain/document"
	"perennial/domain/problem"
)

// Where operations write the contact policy, inside the folder of journeys.
const (
	PolicyFile     = "contact-policy.yaml"
	CalendarFolder = "calendars"
)

// Load reads and compiles the contact policy of a folder of journeys, with its calendars. It goes on past mistakes, so that one pass tells
// them all; a policy with problems is not fit to be used. A folder without a policy has the standard one.
func Load(fsys fs.FS) (Policy, []problem.Problem) {
	var problems problem.List
	calendars := loadCalendars(fsys, &problems)
	source, ok := document.ReadFileIfThere(fsys, PolicyFile, &problems)
	if !ok {
		policy := Standard()
		policy.Calendars = calendars
		return policy, problems.Sorted()
	}
	policy, found := Compile(PolicyFile, source, calendars)
	problems.Append(found...)
	return policy, problems.Sorted()
}

func loadCalendars(fsys fs.FS, problems *problem.List) []Calendar {
	var calendars []Calendar
	document.NotRead(fsys, CalendarFolder+"/*.yml", ".yaml", problems)
	for _, file := range document.Files(fsys, CalendarFolder+"/*.yaml", problems) {
		source, ok := document.ReadFile(fsys, file, problems)
		if !ok {
			continue
		}
		calendar, found := CompileCalendar(file, source)
		problems.Append(found...)
		calendars = append(calendars, calendar)
	}
	return calendars
}
