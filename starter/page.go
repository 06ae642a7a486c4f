package main

import (
	"fmt"
	"strings"

	"golang.org/x/text/width"
)

// page is text for people: lines and aligned tables.
type page struct{ strings.Builder }

// line writes one line.
func (p *page) line(format string, args ...any) {
	fmt.Fprintf(p, format+"\n", args...)
}

// fields writes names and values below each other, indented. What is empty is left out.
func (p *page) fields(namesAndValues ...string) {
	var rows [][]string
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		if value := namesAndValues[i+1]; value != "" {
			rows = append(rows, []string{namesAndValues[i], value})
		}
	}
	p.align("  ", rows)
}

// table writes rows below their headings. A column that is empty in every row is left out.
func (p *page) table(indent string, headings []string, rows [][]string) {
	all := make([][]string, 1+len(rows))
	for column, heading := range headings {
		used := false
		for _, row := range rows {
			used = used || row[column] != ""
		}
		if !used && len(rows) > 0 {
			continue
		}
		all[0] = append(all[0], heading)
		for i, row := range rows {
			cell := row[column]
			if cell == "" {
				cell = "–"
			}
			all[1+i] = append(all[1+i], cell)
		}
	}
	p.align(indent, all)
}

// align writes rows so that their columns begin below each other.
func (p *page) align(indent string, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], places(cell))
		}
	}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = cell + strings.Repeat(" ", widths[i]-places(cell))
		}
		p.line("%s", strings.TrimRight(indent+strings.Join(cells, "  "), " "))
	}
}

// places counts how wide a text is on a terminal: Chinese characters take two places.
func places(text string) int {
	n := 0
	for _, r := range text {
		n++
		if kind := width.LookupRune(r).Kind(); kind == width.EastAsianWide || kind == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}

// count writes a number with its noun: "1 touch", "3 touches".
func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
