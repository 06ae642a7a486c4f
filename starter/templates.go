package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/message"
	"perennial/domain/problem"
)

func newTemplates(c *console) *cobra.Command {
	cmd := family("templates", "Check what customers will read, and look at it",
		`Templates are the texts of journeys: one file a template, channel and language, such as
journeys/templates/welcome.sms.en.liquid. They are published with the journeys that send them.`,
		`  starter templates check
  starter templates preview welcome
  starter templates preview welcome --customer c-1042 --channel email --html > welcome.html`)
	cmd.AddCommand(newTemplatesCheck(c), newTemplatesPreview(c))
	return cmd
}

// checkedTemplates is what a check of templates found.
type checkedTemplates struct {
	Folder   string            `json:"folder"`
	Problems []problem.Problem `json:"problems"`
	Files    int               `json:"files"`
	SMS      []smsLength       `json:"sms"`
}

// smsLength is how long one text by SMS comes out.
type smsLength struct {
	Template string `json:"template"`
	Language string `json:"language"`
	Short    length `json:"short"` // for somebody with a short name of whom nothing else is known
	Long     length `json:"long"`  // for somebody with a long name of whom everything is known
}

// length is what a provider charges by.
type length struct {
	Encoding   message.Encoding `json:"encoding"`
	Characters int              `json:"characters"`
	Segments   int              `json:"segments"`
	Because    string           `json:"because,omitempty"` // the characters that make it travel as UCS-2
}

func newTemplatesCheck(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "check [FOLDER]",
		Short: "Say every mistake in the templates of a folder of journeys, and how long an SMS comes out",
		Long: `Read the templates of a folder of journeys with its profile catalogue, and say every mistake in one pass, as
"file:line:column: what is wrong; what to write instead". Then say for each SMS in how many segments it travels, since each is
charged: once for a short name of whom nothing else is known, once for a long name of whom everything is. It needs no database.
Without a folder it reads journeys.`,
		Example: `  starter templates check
  starter templates check journeys --json`,
		Args: takesUpTo(1),
		RunE: func(_ *cobra.Command, args []string) error {
			folder, library, problems, err := loadTemplates(args)
			if err != nil {
				return err
			}
			settings, err := c.config()
			if err != nil {
				return err
			}
			found := checkedTemplates{Folder: folder, Problems: problems, SMS: []smsLength{}}
			if len(problems) == 0 {
				found.Files = len(library.Templates.Sources(library.Templates.Names()...))
				if found.SMS, err = smsLengths(library, settings.Now()); err != nil {
					return err
				}
			}
			if err := c.show(found, func(p *page) { writeCheckedTemplates(p, library, found) }); err != nil {
				return err
			}
			if len(problems) > 0 {
				return fmt.Errorf("%s in the templates of %s", count(int64(len(problems)), "mistake", "mistakes"), folder)
			}
			return nil
		},
	}
}

// loadTemplates reads a folder of journeys; of its mistakes, those of templates and of what they stand on.
func loadTemplates(args []string) (folder string, library *journey.Library, problems []problem.Problem, err error) {
	folder, file, err := placeOfJourneys(args)
	if err != nil {
		return "", nil, nil, err
	}
	if file != "" {
		return "", nil, nil, fmt.Errorf("name the folder of the journeys, such as %s, and not one file of it", folder)
	}
	library, problems = loadJourneys(folder)
	problems = slices.DeleteFunc(problems, func(p problem.Problem) bool {
		inTemplates := strings.HasPrefix(p.File, filepath.Join(folder, journey.TemplateFolder))
		return !inTemplates && p.File != filepath.Join(folder, journey.ProfileFile)
	})
	return folder, library, problems, nil
}

func smsLengths(library *journey.Library, now time.Time) ([]smsLength, error) {
	lengths := []smsLength{}
	for _, name := range library.Templates.Names() {
		for _, language := range library.Templates.Languages(name, customer.SMS) {
			of := library.Templates.Thing(name, customer.SMS, language)
			short, err := lengthOf(library.Templates, name, message.ShortSample(language, of, now), now)
			if err != nil {
				return nil, err
			}
			long, err := lengthOf(library.Templates, name, message.LongSample(library.Catalogue, language, of, now), now)
			if err != nil {
				return nil, err
			}
			lengths = append(lengths, smsLength{Template: name, Language: language, Short: short, Long: long})
		}
	}
	return lengths, nil
}

func lengthOf(set *message.Set, name string, about message.About, now time.Time) (length, error) {
	m, err := set.Render(name, customer.SMS, about, now)
	if err != nil {
		return length{}, err
	}
	return measure(m.Text), nil
}

func measure(text string) length {
	l := length{}
	l.Encoding, l.Segments, l.Characters = message.Segments(text)
	l.Because = message.Unusual(text)
	return l
}

func writeCheckedTemplates(p *page, library *journey.Library, found checkedTemplates) {
	for _, one := range found.Problems {
		p.line("%s", one)
	}
	if len(found.Problems) > 0 {
		return
	}
	var rows [][]string
	for _, l := range found.SMS {
		rows = append(rows, []string{
			l.Template, l.Language, between(l.Short.Segments, l.Long.Segments), between(l.Short.Characters, l.Long.Characters), string(l.Long.Encoding),
		})
	}
	if len(rows) > 0 {
		p.line("What an SMS takes, from a short name to a long one:\n")
		p.table("", []string{"TEMPLATE", "LANGUAGE", "SEGMENTS", "CHARACTERS", "ENCODING"}, rows)
		writeDear(p, found.SMS)
		p.line("")
	}
	p.line("No mistakes in %s, checked with %s.", count(int64(found.Files), "template file", "template files"),
		count(int64(len(library.Catalogue.Attributes)), "attribute", "attributes"))
}

// fewUnusual is up to how many characters outside GSM-7 are named: more of them are another script.
const fewUnusual = 5

// writeDear names the few characters that make an SMS travel in segments of 70 characters instead of 160: often a curly quote that nobody meant.
func writeDear(p *page, lengths []smsLength) {
	for _, l := range lengths {
		if n := len([]rune(l.Long.Because)); n > 0 && n <= fewUnusual {
			p.line("\n%s in %s travels as UCS-2, 70 characters a segment instead of 160, because of %s", l.Template, l.Language, l.Long.Because)
		}
	}
}

func between(low, high int) string {
	if low == high {
		return fmt.Sprint(low)
	}
	return fmt.Sprintf("%d to %d", min(low, high), max(low, high))
}
