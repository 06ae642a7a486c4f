package journey_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"perennial/domain/journey"
)

// guide is what operations read. Its fenced blocks say what they are: ```yaml journey is a whole journey, ```yaml enter its way in, ```yaml steps
// some of its steps; answers= and each= say what stands around them.
const guide = "../../docs/operations.md"

var block = regexp.MustCompile("(?s)```yaml (journey|enter|steps)([^\n]*)\n(.*?)```")

func TestEveryJourneyOfTheGuideIsRight(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	library, _ := journey.Load(os.DirFS(shipped))
	blocks := block.FindAllStringSubmatch(string(page), -1)
	if len(blocks) < 14 {
		t.Fatalf("the guide has %d examples", len(blocks))
	}
	verbs := map[journey.Verb]bool{}
	for _, b := range blocks {
		kind, around, text := b[1], b[2], b[3]
		if kind != "journey" {
			text = wholeJourney(kind, around, text)
		}
		file := regexp.MustCompile(`(?m)^journey: ([a-z-]+)`).FindStringSubmatch(text)[1] + ".yaml"
		plan, problems := journey.Compile(file, []byte(text), library.Catalogue, nil)
		for _, p := range problems {
			t.Errorf("%s\n%s", p, text)
		}
		if plan == nil {
			continue
		}
		for _, step := range plan.Steps {
			verbs[step.Verb] = true
		}
	}
	for _, verb := range []journey.Verb{journey.Send, journey.Ask, journey.Wait, journey.If, journey.Repeat, journey.Set, journey.Notify, journey.Start, journey.Exit} {
		if !verbs[verb] {
			t.Errorf("the guide has no example of %s", verb)
		}
	}
}

// wholeJourney puts around an example what it stands in.
func wholeJourney(kind, around, text string) string {
	head := "journey: example\ntitle: An example\ntopic: service\nexit: [{ on: complaint.opened }]\n"
	if kind == "enter" {
		return head + text + "steps: [{ id: only, send: welcome }]\n"
	}
	enter := "enter: { on: visit.completed }\n"
	for word := range strings.FieldsSeq(around) {
		switch name, value, _ := strings.Cut(word, "="); name {
		case "each":
			enter = "enter: { each: " + value + ", at: " + value + ".renews_on }\n"
		case "answers":
			text = "- { id: " + value + ", ask: satisfaction }\n" + text
		}
	}
	return head + enter + "steps:\n" + text
}
