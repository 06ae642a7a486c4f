package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/problem"
	"perennial/store"
)

// explanation is what each rule says about one touch of one customer.
type explanation struct {
	Customer string         `json:"customer"`
	Topic    string         `json:"topic"`
	Template string         `json:"template,omitempty"`
	At       time.Time      `json:"at"`
	Policy   int            `json:"policy"` // number of the publication, 0 for the standard policy or one that is only written
	Answer   explainedVerb  `json:"answer"`
	Rules    []explainedOne `json:"rules"`
	Unknown  string         `json:"unknown_topic,omitempty"` // what to write instead, where the policy has no such topic
	zone     *time.Location
}

type explainedVerb struct {
	Verdict contact.Verdict  `json:"verdict"`
	Channel customer.Channel `json:"channel,omitempty"`
	At      time.Time        `json:"at,omitzero"` // until when it is held
	Reason  contact.Reason   `json:"reason,omitempty"`
}

type explainedOne struct {
	Rule    string          `json:"rule"`
	Verdict contact.Verdict `json:"verdict"`
	Says    string          `json:"says"`
	File    string          `json:"file,omitempty"`
	Line    int             `json:"line,omitempty"`
}

// inquiry is what `policy explain` was asked.
type inquiry struct {
	customer, topic, template, at, folder string
}

func newPolicyExplain(c *console) *cobra.Command {
	var asked inquiry
	cmd := &cobra.Command{
		Use:   "explain CUSTOMER --topic TOPIC",
		Short: "Say whether a customer may be reached, and what each rule says to it",
		Long: `Ask the contact policy about one touch of one customer, at an instant, and print each rule that is asked, what it says, and
the file and line where it was written. It looks at the customer as they are now, whatever the instant. Without --dir it asks the
policy that holds; with it the one in a folder, before it is published.`,
		Example: `  starter policy explain c-1042 --topic marketing
  starter policy explain c-1042 --topic service --template welcome --at "2026-05-09 22:30"
  starter policy explain c-1042 --topic marketing --dir journeys`,
		Args: takes("the ID of a customer"),
		RunE: func(cmd *cobra.Command, args []string) error {
			asked.customer = args[0]
			return asked.run(cmd.Context(), c)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&asked.topic, "topic", "", "`topic` of the touch, such as service, care or marketing")
	flags.StringVar(&asked.template, "template", "", "`name` of the template: only channels for which it is written count. Defaults to all channels")
	flags.StringVar(&asked.at, "at", "", "`time` on the customer's wall, as 2026-05-09 22:30, or with its zone as 2026-05-09T22:30:00Z. Defaults to now")
	flags.StringVar(&asked.folder, "dir", "", "`folder` of journeys whose policy is asked instead of the one that holds")
	return cmd
}

func (q inquiry) run(ctx context.Context, c *console) error {
	if q.topic == "" {
		return errors.New("say what the touch would be about, such as --topic marketing")
	}
	settings, s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	who, err := s.Profile(ctx, q.customer)
	if err != nil {
		return notThere(err, "such customer", "an id is written as the import had it, such as c-1042")
	}
	policy, number, err := q.policy(ctx, s)
	if err != nil {
		return err
	}
	question := contact.Question{Topic: q.topic, At: settings.Now().UTC()}
	if q.at != "" {
		if question.At, err = wallTime(q.at, who.Zone); err != nil {
			return err
		}
	}
	if question.Templates, err = q.written(ctx, s); err != nil {
		return err
	}
	if valid := policy.ValidFor(q.topic); !valid.IsZero() {
		question.Expires = valid.From(question.At.In(who.Zone))
	}
	e := q.explain(policy, who, question)
	e.Policy = number
	if _, known := policy.Topic(q.topic); !known {
		e.Unknown = cmp.Or(problem.Suggest(q.topic, topicsOf(policy)), "it has none")
	}
	return c.show(e, func(p *page) { writeExplanation(p, e) })
}

// topicsOf are the names of the topics that a policy knows.
func topicsOf(policy contact.Policy) []string {
	names := make([]string, len(policy.Topics))
	for i, topic := range policy.Topics {
		names[i] = topic.Name
	}
	return names
}

// policy is the one that is asked, with its number where it is published.
func (q inquiry) policy(ctx context.Context, s *store.Store) (contact.Policy, int, error) {
	if q.folder == "" {
		stored, policy, err := holding(ctx, s)
		return policy, stored.Number, err
	}
	folder, _, err := placeOfJourneys([]string{q.folder})
	if err != nil {
		return contact.Policy{}, 0, err
	}
	written, problems, err := loadPolicy(folder)
	switch {
	case err != nil:
		return contact.Policy{}, 0, err
	case len(problems) > 0:
		return contact.Policy{}, 0, refusal(folder, problems)
	case written == nil:
		return contact.Policy{}, 0, fmt.Errorf("there is no %s", filepath.Join(folder, contact.PolicyFile))
	}
	return written.policy, 0, nil
}

// wallTime reads an instant as people write it: on the customer's wall, or with its zone.
func wallTime(text string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("--at can't be %q: write a time on the customer's wall such as \"2026-05-09 22:30\", or with its zone as 2026-05-09T22:30:00Z", text)
}

// written are the channels for which the template is written, in the newest version of whatever journeys send it; all where none is named.
func (q inquiry) written(ctx context.Context, s *store.Store) ([]customer.Channel, error) {
	if q.template == "" {
		return customer.Channels, nil
	}
	listed, err := s.Journeys(ctx)
	if err != nil {
		return nil, err
	}
	var channels []customer.Channel
	var names []string
	for _, l := range listed {
		templates, err := s.Templates(ctx, l.Journey, l.Number)
		if err != nil {
			return nil, err
		}
		for _, t := range templates {
			names = append(names, t.Name)
			if t.Name == q.template && !slices.Contains(channels, t.Channel) {
				channels = append(channels, t.Channel)
			}
		}
	}
	if len(channels) == 0 {
		slices.Sort(names)
		return nil, fmt.Errorf("no journey sends a template %q; %s", q.template, problem.Suggest(q.template, slices.Compact(names)))
	}
	return channels, nil
}

func (q inquiry) explain(policy contact.Policy, who customer.Profile, question contact.Question) explanation {
	answer := policy.Decide(who, question)
	e := explanation{
		Customer: q.customer, Topic: q.topic, Template: q.template, At: question.At, zone: who.Zone,
		Answer: explainedVerb{Verdict: answer.Verdict, Channel: answer.Channel, At: answer.At, Reason: answer.Reason},
	}
	for _, step := range policy.Explain(who, question) {
		one := explainedOne{Rule: step.Rule, Verdict: step.Verdict, Says: step.Says, File: step.Place.File, Line: step.Place.Line}
		if one.File != "" && q.folder != "" {
			one.File = filepath.Join(q.folder, one.File)
		}
		e.Rules = append(e.Rules, one)
	}
	return e
}

func writeExplanation(p *page, e explanation) {
	about := e.Topic
	if e.Template != "" {
		about += ", " + e.Template
	}
	p.line("May we reach %s about %s on %s, %s?\n", e.Customer, about, local(e.At, e.zone), e.zone)
	var rows [][]string
	for _, rule := range e.Rules {
		place := ""
		if rule.File != "" {
			place = rule.File + ":" + strconv.Itoa(rule.Line)
		}
		rows = append(rows, []string{rule.Rule, string(rule.Verdict), rule.Says, place})
	}
	p.table("", []string{"RULE", "VERDICT", "BECAUSE", "WRITTEN"}, rows)
	if e.Unknown != "" {
		p.line("\nThe policy has no topic %s; %s", e.Topic, e.Unknown)
	}
	switch e.Policy {
	case 0:
		p.line("\nNo publication was asked: this is a policy as it is written, or the standard one.")
	default:
		p.line("\nAsked was contact policy %d.", e.Policy)
	}
}
