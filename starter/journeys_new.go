package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/message"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

// newFiles is what `journeys new` wrote.
type newFiles struct {
	Journey string   `json:"journey"`
	Files   []string `json:"files"`
}

func newJourneysNew(c *console) *cobra.Command {
	var folder, event string
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Write a small journey to begin with, and its first texts",
		Long: `Write NAME.yaml and its first texts, an SMS and an e-mail, into the folder of the journeys: a small journey that is right as it stands, with remarks on
what can be changed. Where the folder has no catalogues yet, small ones are written too. Nothing is ever overwritten.`,
		Example: `  starter journeys new thank-you
  starter journeys new after-the-visit --on visit.completed`,
		Args: takes("a NAME for the journey"),
		RunE: func(_ *cobra.Command, args []string) error {
			made, err := writeNewJourney(folder, args[0], event)
			if err != nil {
				return err
			}
			return c.show(made, func(p *page) {
				p.line("Wrote %s.", strings.Join(made.Files, ", "))
				p.line("Make them yours, then:")
				where := ""
				if folder != "journeys" {
					where = " --dir " + folder
				}
				p.line("  starter journeys check %s", made.Files[0])
				p.line("  starter journeys publish %s%s --message \"why\"", made.Journey, where)
			})
		},
	}
	cmd.Flags().StringVar(&folder, "dir", "journeys", "`folder` of the journeys; it is made where there is none")
	cmd.Flags().StringVar(&event, "on", "", "type of the `event` that lets customers in (default purchase)")
	return cmd
}

// writeNewJourney writes a journey and what it needs that is not there yet.
func writeNewJourney(folder, name, event string) (newFiles, error) {
	if !journey.IsName(name) {
		return newFiles{}, fmt.Errorf("%q is no name for a journey: write lower-case words joined by hyphens, such as return-visit", name)
	}
	made := newFiles{Journey: name}
	file := filepath.Join(folder, name+".yaml")
	if slices.Contains([]string{journey.ProfileFile, journey.EventsFile, contact.PolicyFile}, name+".yaml") {
		return newFiles{}, fmt.Errorf("%s is no journey: it is a file of its own; choose another name", file)
	}
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return newFiles{}, fmt.Errorf("%s is there already: edit it, or choose another name", file)
	}
	//nolint:gosec // colleagues read and edit these files, too
	if err := os.MkdirAll(filepath.Join(folder, journey.TemplateFolder), 0o755); err != nil {
		return newFiles{}, fmt.Errorf("make the folder of the journeys: %w", err)
	}
	catalogues := []string{}
	for _, catalogue := range []struct{ name, text string }{{journey.ProfileFile, firstProfile}, {journey.EventsFile, firstEvents}} {
		written, err := writeAbsent(filepath.Join(folder, catalogue.name), catalogue.text)
		if err != nil {
			return newFiles{}, err
		}
		catalogues = append(catalogues, written...)
	}
	library, _ := loadJourneys(folder)
	event, err := entryEvent(library.Catalogue, event)
	if err != nil {
		return newFiles{}, err
	}
	if made.Files, err = writeAbsent(file, firstJourney(name, event, firstTopic(folder), library.Catalogue)); err != nil {
		return newFiles{}, err
	}
	if len(library.Templates.Channels(name)) == 0 {
		for _, channel := range []customer.Channel{customer.SMS, customer.Email} {
			file := filepath.Join(folder, journey.TemplateFolder, message.FileName(name, channel, library.Catalogue.Language))
			written, err := writeAbsent(file, firstText(channel, library.Catalogue.Language))
			if err != nil {
				return newFiles{}, err
			}
			made.Files = append(made.Files, written...)
		}
	}
	made.Files = append(made.Files, catalogues...)
	return made, nil
}

// writeAbsent writes a file unless there is one, and returns the path of what it wrote.
func writeAbsent(path, text string) ([]string, error) {
	//nolint:gosec // colleagues read and edit these files, too
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	_, err = file.WriteString(text)
	return []string{path}, errors.Join(err, file.Close())
}

// entryEvent is the event that is to let customers in, which the catalogue must have.
func entryEvent(cat segment.Catalogue, asked string) (string, error) {
	event := cmp.Or(asked, "purchase")
	if _, known := cat.Event(event); known {
		return event, nil
	}
	if asked == "" && len(cat.Events) > 0 {
		return cat.Events[0].Name, nil
	}
	if len(cat.Events) == 0 {
		return "", fmt.Errorf("%s has no events that can be read: `starter journeys check` says what is wrong with it", journey.EventsFile)
	}
	mend := cmp.Or(problem.Suggest(event, cat.EventNames()), "its events are "+strings.Join(cat.EventNames(), ", "))
	return "", fmt.Errorf("%s has no event %q; %s", journey.EventsFile, event, mend)
}

// firstTopic is the topic that goes before all others in the contact policy of a folder; service where there is none.
func firstTopic(folder string) string {
	written, _, err := loadPolicy(folder)
	if err != nil || written == nil || len(written.policy.Topics) == 0 {
		return "service"
	}
	return slices.MinFunc(written.policy.Topics, func(a, b contact.Topic) int { return cmp.Compare(a.Priority, b.Priority) }).Name
}

// firstJourney is the text of a journey to begin with.
func firstJourney(name, event, topic string, cat segment.Catalogue) string {
	words := strings.NewReplacer("-", " ", "_", " ").Replace(name)
	exit := "# What ends it for a customer wherever they are: exit, and a list of events, such as  - on: complaint.opened\n"
	if _, known := cat.Event("complaint.opened"); known && event != "complaint.opened" {
		exit = "# What ends it for a customer, wherever they are.\nexit:\n  - on: complaint.opened\n"
	}
	return fmt.Sprintf(`# Write here what this journey is for. `+"`starter journeys check`"+` says whether the file is right.

journey: %s
title: %s
topic: %s # what customers have agreed to hear about, as the contact policy has it

# Who enters. A condition can stand below: when: customer.star >= 4
enter:
  on: %s
  again: never # or: after-exit, always, { after: 180d }

%s
# What is done, one step after another: send, ask, wait, if, exit and more. Each has an id of its own.
steps:
  - id: a_day_later
    wait: 1d

  - id: first_message
    send: %s # templates/%s.sms.%s.liquid and its e-mail; channel and hour are those that the customer prefers
    valid: 3d # later than this it is better not sent
`, name, strings.ToUpper(words[:1])+words[1:], topic, event, exit, name, name, cat.Language)
}

// firstText is a message that can go out as it is, should somebody publish it unread.
func firstText(channel customer.Channel, language string) string {
	subject, text := "Thank you", "Hi {{ customer.first_name | default: \"there\" }}, thank you! If there is anything we can do, just reply to this message.\n"
	if strings.HasPrefix(language, "zh") {
		subject, text = "谢谢您", "{{ customer.first_name | default: \"您好\" }}，谢谢您！有任何需要，直接回复这条消息即可。\n"
	}
	if channel == customer.Email {
		return "---\nsubject: " + subject + "\n---\n" + text
	}
	return text
}

const firstProfile = `# What is known of a customer, beside what is known of everyone: id, name, language, zone, country, star, owner, purchases.
# Expressions name an attribute customer.<name>; any of them may be absent, so guard it: has(customer.city) && …

language: en # for customers in whose language a template is not written

attributes:
  city: { type: string, personal: true, description: Where the customer lives }
`

const firstEvents = `# The facts that other systems tell us, each with the data it brings. Expressions name them event.<name> where an event is at hand.

events:
  purchase:
    description: The customer bought something
    data:
      order_id: string
      amount: double

  complaint.opened:
    description: The customer complained

  survey.answered:
    description: The customer answered an ask
    data:
      survey: string
      score: double
`
