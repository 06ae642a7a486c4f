package journey_test

import (
	"os"
	"slices"
	"testing"
	"time"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/message"
)

// shipped is the folder of journeys that comes with the program.
const shipped = "../../journeys"

func TestTheShippedJourneysHaveNoMistakes(t *testing.T) {
	t.Parallel()
	library, problems := journey.Load(os.DirFS(shipped))
	for _, p := range problems {
		t.Error(p)
	}
	for _, j := range library.Journeys {
		if j.Plan == nil || len(j.TemplatesUsed) == 0 || len(j.Source) == 0 {
			t.Errorf("%s: got %+v", j.File, j)
		}
	}
}

func TestEveryShippedTemplateIsUsedAndWrittenForEveryChannelAndLanguage(t *testing.T) {
	t.Parallel()
	library, _ := journey.Load(os.DirFS(shipped))
	var used []string
	for _, j := range library.Journeys {
		used = append(used, j.TemplatesUsed...)
	}
	for _, name := range library.Templates.Names() {
		if !slices.Contains(used, name) {
			t.Errorf("no journey uses the template %s", name)
		}
		for _, channel := range channelsOf(library, name) {
			if got := library.Templates.Languages(name, channel); !slices.Equal(got, []string{"en", "zh-CN"}) {
				t.Errorf("%s for %s: got %v", name, channel, got)
			}
		}
	}
}

// channelsOf are the channels for which a template must be written: those by which its readers, customers or colleagues, are reached.
func channelsOf(library *journey.Library, name string) []customer.Channel {
	for _, j := range library.Journeys {
		for _, step := range j.Plan.Steps {
			if step.Template == name && step.Verb == journey.Notify {
				return []customer.Channel{customer.Slack, customer.Email}
			}
		}
	}
	return []customer.Channel{customer.SMS, customer.Email, customer.Slack}
}

func TestShippedTextsFitInOneSegmentAndReadWellWithoutAName(t *testing.T) {
	t.Parallel()
	library, _ := journey.Load(os.DirFS(shipped))
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	names := map[string][]string{"en": {"", "Example, Maximiliane"}, "zh-CN": {"", "欧阳样例先生"}}
	for _, name := range library.Templates.Names() {
		for language, people := range names {
			for _, who := range people {
				about := message.About{
					Customer: customer.Profile{ID: "c-1", Name: who, Language: language, Zone: time.UTC, Star: 3},
					Thing:    &customer.Thing{Of: customer.Agreement, ID: "a-1", Attributes: map[string]any{"renews_on": "2026-11-30"}},
				}
				for _, channel := range channelsOf(library, name) {
					text, err := library.Templates.Render(name, channel, about, now)
					if err != nil {
						t.Fatal(err)
					}
					if channel == customer.Email && (text.Subject == "" || text.HTML == "") {
						t.Errorf("%s in %s: got %+v", name, language, text)
					}
					encoding, segments, characters := message.Segments(text.Text)
					if channel == customer.SMS && (segments != 1 || (encoding == message.UCS2) != (language == "zh-CN")) {
						t.Errorf("%s in %s takes %d segments of %s (%d): %s", name, language, segments, encoding, characters, text.Text)
					}
				}
			}
		}
	}
}
