package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"perennial/domain/contact"
	"perennial/domain/problem"
)

func newPolicy(c *console) *cobra.Command {
	cmd := family("policy", "Check, show and ask the contact policy",
		`The contact policy says who may be reached when, how often and about what. It is one file beside the journeys,
contact-policy.yaml, with a calendar of public holidays for each country in calendars/. `+"`starter journeys publish`"+` publishes it with
the journeys; it holds for every customer from then on.`,
		`  starter policy check
  starter policy explain c-1042 --topic marketing
  starter policy show`)
	cmd.AddCommand(newPolicyCheck(c), newPolicyExplain(c), newPolicyShow(c), newPolicySchema(c))
	return cmd
}

// checkedPolicy is what a check found.
type checkedPolicy struct {
	Folder    string            `json:"folder"`
	Written   bool              `json:"written"` // false where the folder has no contact policy
	Problems  []problem.Problem `json:"problems"`
	Topics    []string          `json:"topics"`
	Calendars []string          `json:"calendars"` // countries
}

func newPolicyCheck(c *console) *cobra.Command {
	var m mistakes
	cmd := &cobra.Command{
		Use:   "check [FOLDER]",
		Short: "Say every mistake in a contact policy and its calendars",
		Long: `Read the contact policy of a folder of journeys with its calendars, and say every mistake in one pass, as
"file:line:column: what is wrong; what to write instead". It needs no database. Without a folder it reads journeys.`,
		Example: `  starter policy check
  starter policy check ../ours/journeys --format github`,
		Args: takesUpTo(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := m.checkFormat(c); err != nil {
				return err
			}
			folder, _, err := placeOfJourneys(args)
			if err != nil {
				return err
			}
			written, problems, err := loadPolicy(folder)
			if err != nil {
				return err
			}
			found := checkedPolicy{Folder: folder, Written: written != nil, Problems: slices.Concat([]problem.Problem{}, problems), Topics: []string{}, Calendars: []string{}}
			if written != nil {
				found.describe(written.policy)
			}
			m.problems, m.where, m.found = problems, filepath.Join(folder, contact.PolicyFile), found
			return m.tell(c, func(p *page) { writeCheckedPolicy(p, found) })
		},
	}
	m.formatFlag(cmd)
	return cmd
}

func (f *checkedPolicy) describe(policy contact.Policy) {
	for _, topic := range policy.Topics {
		f.Topics = append(f.Topics, topic.Name)
	}
	for _, calendar := range policy.Calendars {
		f.Calendars = append(f.Calendars, calendar.Country)
	}
}

func writeCheckedPolicy(p *page, found checkedPolicy) {
	if !found.Written {
		p.line("%s has no %s: what was published last holds, or else the standard policy.", found.Folder, contact.PolicyFile)
		return
	}
	p.line("No mistakes in %s: %s, %s.", filepath.Join(found.Folder, contact.PolicyFile),
		count(int64(len(found.Topics)), "topic", "topics"), count(int64(len(found.Calendars)), "calendar", "calendars"))
}

// shownPolicy is the policy that holds.
type shownPolicy struct {
	Number      int               `json:"number"` // 0 where none was published: the standard policy holds
	PublishedAt time.Time         `json:"published_at,omitzero"`
	Author      string            `json:"author,omitempty"`
	Message     string            `json:"message,omitempty"`
	Files       map[string]string `json:"files"` // as they were written
	Policy      json.RawMessage   `json:"policy"`
}

func newPolicyShow(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Show the contact policy that holds, as it was published",
		Example: `  starter policy show
  starter policy show --json`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			stored, policy, err := holding(cmd.Context(), s)
			if err != nil {
				return err
			}
			shown := shownPolicy{
				Number: stored.Number, PublishedAt: stored.PublishedAt, Author: stored.Author, Message: stored.Message, Files: stored.Sources,
			}
			if shown.Policy, err = json.Marshal(policy); err != nil {
				return fmt.Errorf("encode the contact policy: %w", err)
			}
			return c.show(shown, func(p *page) { writePolicy(p, shown) })
		},
	}
}

func writePolicy(p *page, shown shownPolicy) {
	if shown.Number == 0 {
		p.line("No contact policy is published: the standard one holds, with 09:00 to 20:00 for customers without hours of their own.")
		p.line("Write %s beside the journeys, and run `starter journeys publish --message \"why\"`.", contact.PolicyFile)
		return
	}
	p.line("Contact policy %d, published %s UTC by %s: %s", shown.Number, utc(shown.PublishedAt), shown.Author, shown.Message)
	for _, file := range slices.Sorted(maps.Keys(shown.Files)) {
		p.line("\n─── %s\n", file)
		p.WriteString(shown.Files[file])
	}
}

// writtenPolicy is a contact policy as a folder has it.
type writtenPolicy struct {
	policy  contact.Policy
	sources map[string]string // by file name
}

// loadPolicy reads the contact policy of a folder, nil where it has none. The problems name files as one types them here.
func loadPolicy(folder string) (*writtenPolicy, []problem.Problem, error) {
	files := os.DirFS(folder)
	names, err := policyFiles(files)
	if err != nil {
		return nil, nil, fmt.Errorf("list the files of %s: %w", folder, err)
	}
	policy, problems := contact.Load(files)
	for i := range problems {
		problems[i].File = filepath.Join(folder, problems[i].File)
	}
	if !slices.Contains(names, contact.PolicyFile) {
		return nil, problems, nil
	}
	written := &writtenPolicy{policy: policy, sources: map[string]string{}}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return nil, nil, fmt.Errorf("read the contact policy: %w", err)
		}
		written.sources[name] = string(text)
	}
	return written, problems, nil
}
