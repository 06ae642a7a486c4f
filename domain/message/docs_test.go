package message_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"perennial/domain/customer"
	"perennial/domain/message"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

// page is docs/templates.md.
func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/templates.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fenced are the blocks of the page whose info begins with a word: the rest of the info, and what is in them.
func fenced(page, word string) (infos, bodies []string) {
	for _, block := range regexp.MustCompile("(?ms)^```"+word+"([^\n]*)\n(.*?)^```$").FindAllStringSubmatch(page, -1) {
		infos, bodies = append(infos, strings.TrimSpace(block[1])), append(bodies, block[2])
	}
	return infos, bodies
}

// pageCatalogue is the catalogue that the page shows.
func pageCatalogue(t *testing.T) segment.Catalogue {
	t.Helper()
	var cat segment.Catalogue
	var problems problem.List
	_, profile := fenced(page(t), "yaml profile.yaml")
	cat.ParseProfile("profile.yaml", []byte(profile[0]), &problems)
	if !problems.Empty() {
		t.Fatal(problems.Sorted())
	}
	return cat
}

func TestTheExamplesOfTheDocsAreRight(t *testing.T) {
	t.Parallel()
	cat := pageCatalogue(t)
	infos, bodies := fenced(page(t), "liquid")
	ran := 0
	for i, body := range bodies {
		if file, isFile := strings.CutPrefix(infos[i], "file="); isFile {
			if got := problemsOf(cat, file, body); got != "" {
				t.Errorf("%s: %s", file, got)
			}
			ran++
			continue
		}
		for line := range strings.Lines(body) {
			source, says, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  → ")
			if got := outcome(t, cat, infos[i], source); got != says {
				t.Errorf("%s:\n got %s\nwant %s", source, got, says)
			}
			ran++
		}
	}
	if ran < 35 {
		t.Errorf("only %d examples were found", ran)
	}
}

// outcome is what an example comes to: the text, or what the check says.
func outcome(t *testing.T, cat segment.Catalogue, info, source string) string {
	t.Helper()
	language := info
	if info == "" || info == "refused" {
		language = "en"
	}
	file := message.FileName("a", customer.SMS, language)
	if found := problemsOf(cat, file, source); found != "" {
		return found
	}
	if info == "refused" {
		return "it was not refused"
	}
	to := someone(t)
	to.Language, to.Attributes = language, map[string]any{"birthday": "1990-02-28", "interests": []any{"roses", "ferns"}}
	to.Star = 3
	about := message.About{Customer: to, Thing: &customer.Thing{Of: customer.Agreement, ID: "a-7", Kind: "insurance", Attributes: map[string]any{"renews_on": "2026-06-01"}}}
	var problems problem.List
	m, err := message.New("", cat, []message.Source{{File: file, Text: source}}, &problems).Render("a", customer.SMS, about, today)
	if err != nil {
		return err.Error()
	}
	return m.Text
}

// problemsOf is what is wrong with a template, without places.
func problemsOf(cat segment.Catalogue, file, text string) string {
	var problems problem.List
	message.New("", cat, []message.Source{{File: file, Text: text}}, &problems)
	var found []string
	for _, p := range problems.Sorted() {
		found = append(found, fmt.Sprintf("%s; %s", p.What, p.Mend))
	}
	return strings.Join(found, "\n")
}

func TestTheStylesheetOfTheDocsIsRight(t *testing.T) {
	t.Parallel()
	var problems problem.List
	_, styles := fenced(page(t), "css")
	if got := message.LoadStyle(fstest.MapFS{"templates/email.css": {Data: []byte(styles[0])}}, "templates", &problems); got == "" || !problems.Empty() {
		t.Error(problems.Sorted())
	}
}
