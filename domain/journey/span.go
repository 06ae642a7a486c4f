package journey

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	spanText = regexp.MustCompile(`^(?:[0-9]+(?:y|mo|w|d|h|m|s))+$`)
	spanPart = regexp.MustCompile(`([0-9]+)(y|mo|w|d|h|m|s)`)
)

// ParseSpan reads a span as operations write it: whole numbers with units, the largest first, such as "30s", "36h", "3d", "2w", "1mo" or
// "1y6mo". It must be longer than nothing and no longer than a hundred years. Errors say what is wrong in words for operations.
func ParseSpan(text string) (Span, error) {
	if !spanText.MatchString(text) {
		return Span{}, fmt.Errorf("%s is no length of time", text)
	}
	var s Span
	last := 0
	for _, part := range spanPart.FindAllStringSubmatch(text, -1) {
		n, err := strconv.Atoi(part[1])
		if err != nil || n > 36_500 {
			return Span{}, fmt.Errorf("%s is too long", text)
		}
		rank := s.add(n, part[2])
		if rank <= last {
			return Span{}, fmt.Errorf("the units of %s are out of order", text)
		}
		last = rank
	}
	if s.IsZero() {
		return Span{}, errors.New("a length of time must be longer than nothing")
	}
	epoch := time.Unix(0, 0).UTC()
	if s.From(epoch).After(epoch.AddDate(100, 0, 0)) {
		return Span{}, fmt.Errorf("%s is too long", text)
	}
	return s, nil
}

// expression writes a span as expressions do, such as years(1) + days(3).
func (s Span) expression() string {
	var parts []string
	for _, part := range []struct {
		n    int
		unit string
	}{{s.Years, "years"}, {s.Months, "months"}, {s.Days, "days"}} {
		if part.n != 0 {
			parts = append(parts, fmt.Sprintf("%s(%d)", part.unit, part.n))
		}
	}
	if s.Exact != 0 {
		parts = append(parts, fmt.Sprintf("duration('%s')", Span{Exact: s.Exact}))
	}
	return strings.Join(parts, " + ")
}

// add adds n of a unit and returns the unit's rank, the largest first.
func (s *Span) add(n int, unit string) int {
	switch unit {
	case "y":
		s.Years += n
		return 1
	case "mo":
		s.Months += n
		return 2
	case "w":
		s.Days += 7 * n
		return 3
	case "d":
		s.Days += n
		return 4
	case "h":
		s.Exact += time.Duration(n) * time.Hour
		return 5
	case "m":
		s.Exact += time.Duration(n) * time.Minute
		return 6
	}
	s.Exact += time.Duration(n) * time.Second
	return 7
}
