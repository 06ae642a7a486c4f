package contact

import (
	"io/fs"

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
	source, err := fs.ReadFile(fsys, PolicyFile)
	if err != nil {
		policy := Standard()
		policy.Calendars = calendars
		return policy, problems.Sorted()
	}
	policy, found := Compile(PolicyFile, source, calendars)
	problems.Append(found...)
	return policy, problems.Sorted()
}

func loadCalendars(fsys fs.FS, problems *problem.List) []Calendar {
	files, err := fs.Glob(fsys, CalendarFolder+"/*.yaml")
	if err != nil {
		problems.Add(problem.Place{File: CalendarFolder}, "the folder can't be listed", "")
	}
	var calendars []Calendar
	for _, file := range files {
		source, err := fs.ReadFile(fsys, file)
		if err != nil {
			problems.Add(problem.Place{File: file}, "the file can't be read", "is it there?")
			continue
		}
		calendar, found := CompileCalendar(file, source)
		problems.Append(found...)
		calendars = append(calendars, calendar)
	}
	return calendars
}
