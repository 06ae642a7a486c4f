package contact

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"perennial/domain/document"
	"perennial/domain/problem"
)

// CompileCalendar reads the public holidays of a country as operations write them. It finds every mistake in one pass; a calendar with
// problems is not fit to be used.
func CompileCalendar(file string, source []byte) (Calendar, []problem.Problem) {
	var problems problem.List
	c := Calendar{Place: Place{File: file, Line: 1}}
	if root := document.Parse(file, source, &problems); root != nil {
		reader := calendarReader{calendar: &c, problems: &problems, seen: map[Date]int{}}
		reader.read(root)
	}
	return c, problems.Sorted()
}

type calendarReader struct {
	calendar *Calendar
	problems *problem.List
	seen     map[Date]int // the line of each date so far
}

func (r *calendarReader) read(root *document.Value) {
	root.CheckKeys([]string{"country", "source", "years", "holidays", "working"}, r.problems)
	r.country(root)
	if v := required(root, "source", "name who publishes these dates, and where", document.Scalar, r.problems); v != nil {
		r.calendar.Source = v.Text
	}
	if v := required(root, "years", "list the years that are complete, such as [2026, 2027]", document.Sequence, r.problems); v != nil {
		r.years(v)
	}
	if v := required(root, "holidays", "list them, such as - { date: 2026-12-25, name: Christmas Day }", document.Sequence, r.problems); v != nil {
		for _, item := range v.Items {
			r.calendar.Days = append(r.calendar.Days, r.day(item, []string{"date", "to", "name", "observed"})...)
		}
	}
	for _, item := range root.List("working", r.problems) {
		for _, day := range r.day(item, []string{"date", "name"}) {
			if weekday := day.Date.Weekday(); weekday != time.Saturday && weekday != time.Sunday {
				r.problems.Add(item.Place, fmt.Sprintf("%s is a %s", day.Date, weekday), "working days are weekend days on which the country works instead")
			}
			r.calendar.Working = append(r.calendar.Working, day)
		}
	}
	byDate := func(a, b Day) int { return int(a.Date - b.Date) }
	slices.SortFunc(r.calendar.Days, byDate)
	slices.SortFunc(r.calendar.Working, byDate)
}

func (r *calendarReader) country(root *document.Value) {
	file := strings.TrimSuffix(path.Base(r.calendar.Place.File), path.Ext(r.calendar.Place.File))
	v := required(root, "country", "name it as the file is named: country: "+file, document.Scalar, r.problems)
	switch {
	case v == nil:
	case !isCountry(v.Text):
		r.problems.Add(v.Place, v.Text+" is no country", "write its code of two letters, such as US, GB or CN")
	case v.Text != file:
		r.problems.Add(v.Place, "the calendar of "+v.Text+" is in the file "+path.Base(r.calendar.Place.File), "name both the same: "+v.Text+".yaml")
	default:
		r.calendar.Country = v.Text
	}
}

func (r *calendarReader) years(list *document.Value) {
	if len(list.Items) == 0 {
		r.problems.Add(list.Place, "years is an empty list", "list the years that are complete, such as [2026, 2027]")
	}
	for i, item := range list.Items {
		year, err := strconv.Atoi(item.Text)
		switch {
		case err != nil || year < 2000 || year > 2199:
			r.problems.Add(item.Place, item.Text+" is no year", "write it with four digits, such as 2026")
		case i > 0 && year != r.calendar.Last+1:
			r.problems.Add(item.Place, fmt.Sprintf("%d does not follow %d", year, r.calendar.Last), "list years in order, without a hole")
		}
		if i == 0 {
			r.calendar.First = year
		}
		r.calendar.Last = year
	}
}

// day reads one item: a date, or all from date to to, and the day on which it is observed when it falls on a weekend.
func (r *calendarReader) day(item *document.Value, keys []string) []Day {
	if !item.Is(document.Mapping, "a day", r.problems) {
		return nil
	}
	item.CheckKeys(keys, r.problems)
	name := required(item, "name", "say what day it is", document.Scalar, r.problems)
	first, ok := r.date(required(item, "date", "write it as 2026-12-25", document.Scalar, r.problems))
	if name == nil || !ok {
		return nil
	}
	dates := []Date{first}
	if v := item.Scalar("to", r.problems); v != nil {
		last, ok := r.date(v)
		if ok && (last <= first || last.time().Sub(first.time()) > 31*24*time.Hour) {
			r.problems.Add(v.Place, fmt.Sprintf("%s is not within a month after %s", last, first), "write the last day of the holiday")
			return nil
		}
		for date := first; ok && date < last; {
			date = dateOf(date.time().AddDate(0, 0, 1))
			dates = append(dates, date)
		}
	}
	var days []Day
	for _, date := range dates {
		days = r.add(days, date, name.Text, item.Place)
	}
	if v := item.Scalar("observed", r.problems); v != nil {
		if date, ok := r.date(v); ok {
			days = r.add(days, date, name.Text+" (observed)", item.Place)
		}
	}
	return days
}

func (r *calendarReader) add(days []Day, date Date, name string, at problem.Place) []Day {
	// A new year's day can be observed in the year before.
	if known := r.calendar; known.Last != 0 && (date.Year() < known.First || date.Year() > known.Last+1) {
		r.problems.Add(at, fmt.Sprintf("%s lies outside the years of this calendar", date), "mend the date, or add its year to years")
		return days
	}
	if line, twice := r.seen[date]; twice {
		r.problems.Add(at, fmt.Sprintf("%s is given twice", date), fmt.Sprintf("line %d has it already: keep one", line))
		return days
	}
	r.seen[date] = at.Line
	return append(days, Day{Date: date, Name: name, Place: placeOf(at)})
}

func (r *calendarReader) date(v *document.Value) (Date, bool) {
	if v == nil {
		return 0, false
	}
	t, err := time.Parse(time.DateOnly, v.Text)
	if err != nil {
		r.problems.Add(v.Place, v.Text+" is no date", "write it as 2026-12-25")
		return 0, false
	}
	return dateOf(t), true
}
