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
		for _, channel := range []customer.Channel{customer.SMS, customer.Email} {
			if got := library.Templates.Languages(name, channel); !slices.Equal(got, []string{"en", "zh-CN"}) {
				t.Errorf("%s for %s: got %v", name, channel, got)
			}
		}
	}
}

func TestShippedTextsFitInOneSegmentAndReadWellWithoutAName(t *testing.T) {
	t.Parallel()
	library, _ := journey.Load(os.DirFS(shipped))
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	names := map[string][]string{"en": {"", "Example, Maximiliane"}, "zh-CN": {"", "欧阳样例先生"}}
	for _, name := range library.Templates.Names() {
		for language, people := range names {
			for _, who := range people {
				to := customer.Profile{ID: "c-1", Name: who, Language: language, Zone: time.UTC, Star: 3}
				text, err := library.Templates.Render(name, customer.SMS, message.About{Customer: to}, now)
				if err != nil {
					t.Fatal(err)
				}
				encoding, segments, characters := message.Segments(text.Text)
				if segments != 1 || (encoding == message.UCS2) != (language == "zh-CN") {
					t.Errorf("%s in %s takes %d segments of %s (%d): %s", name, language, segments, encoding, characters, text.Text)
				}
				mail, err := library.Templates.Render(name, customer.Email, message.About{Customer: to}, now)
				if err != nil || mail.Subject == "" || mail.HTML == "" {
					t.Errorf("%s in %s: got %+v, %v", name, language, mail, err)
				}
			}
		}
	}
}
