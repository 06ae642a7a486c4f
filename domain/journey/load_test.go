package journey_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"perennial/domain/journey"
)

// folder is a folder of journeys, each with a line that says who enters and one that says what it does.
func folder(journeys map[string][2]string) fstest.MapFS {
	files := fstest.MapFS{
		"profile.yaml": {Data: []byte("attributes: { due_on: { type: date } }\n")},
		"events.yaml":  {Data: []byte("events: { purchase: { data: { order_id: string } } }\n")},
	}
	for name, lines := range journeys {
		text := "journey: " + name + "\ntitle: A journey\nenter: { " + lines[0] + " }\nsteps:\n  - { " + lines[1] + " }\n"
		files[name+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func TestStartsLeadToJourneysThatCanBeStarted(t *testing.T) {
	t.Parallel()
	const wait = "id: settle_in, wait: 3d"
	const agreement, asset = "each: agreement, at: agreement.renews_on", "each: asset, at: asset.acquired_on"
	for name, c := range map[string]struct {
		journeys map[string][2]string
		want     []string
	}{
		"one that only others start": {map[string][2]string{"a": {"on: purchase", "id: b, start: b"}, "b": {"by: start", wait}}, nil},
		"one that an event starts":   {map[string][2]string{"a": {"by: start", "id: b, start: b"}, "b": {"on: purchase", wait}}, nil},
		"one about the same thing":   {map[string][2]string{"a": {agreement, "id: b, start: b"}, "b": {agreement, wait}}, nil},
		"one about the customer":     {map[string][2]string{"a": {agreement, "id: b, start: b"}, "b": {"at: customer.due_on", wait}}, nil},
		"one that two others start":  {map[string][2]string{"a": {"by: start", "id: c, start: c"}, "b": {"by: start", "id: c, start: c"}, "c": {"by: start", wait}}, nil},
		"one that has mistakes":      {map[string][2]string{"a": {"by: start", "id: b, start: b"}, "b": {"by: start", "id: x"}}, []string{"b.yaml:5:7: this step does nothing; give it one of send, ask, wait, if, repeat, set, notify, start, exit"}},
		"not to one that is not there": {
			map[string][2]string{"return-visit": {"by: start", wait}, "a": {"on: purchase", "id: b, start: retrun-visit"}},
			[]string{"a.yaml:5:21: there is no journey retrun-visit; did you mean return-visit?"},
		},
		"not to one with a name of its own": {
			map[string][2]string{"a": {"on: purchase", "id: b, start: something-else"}},
			[]string{"a.yaml:5:21: there is no journey something-else; write a"},
		},
		"not to one whose key is the event's": {
			map[string][2]string{"a": {"by: start", "id: b, start: b"}, "b": {"on: purchase, key: event.order_id", wait}},
			[]string{"a.yaml:5:21: b can't be started: its key is of the event purchase, which no start brings; leave the key out in b.yaml, or let its event alone enter"},
		},
		"not from the customer to one thing": {
			map[string][2]string{"a": {"by: start", "id: b, start: b"}, "b": {agreement, wait}},
			[]string{"a.yaml:5:21: b can't be started: it is about one agreement, and this journey is about the customer; let its date alone enter, or write a journey that is about the customer"},
		},
		"not from one thing to another": {
			map[string][2]string{"a": {asset, "id: b, start: b"}, "b": {agreement, wait}},
			[]string{"a.yaml:5:21: b can't be started: it is about one agreement, and this journey is about one asset; let its date alone enter, or write a journey that is about the customer"},
		},
		"not to itself": {
			map[string][2]string{"a": {"on: purchase", "id: again, start: a"}},
			[]string{"a.yaml:5:25: journeys that start each other never end: a → a; leave this start out"},
		},
		"not round": {
			map[string][2]string{"a": {"on: purchase", "id: b, start: b"}, "b": {"by: start", "id: c, start: c"}, "c": {"by: start", "id: b, start: b"}},
			[]string{"c.yaml:5:21: journeys that start each other never end: b → c → b; leave this start out"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := journey.Load(folder(c.journeys))
			var got []string
			for _, p := range problems {
				got = append(got, p.String())
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n%q\nwant\n%q", got, c.want)
			}
		})
	}
}

func TestATopicIsOneOfTheContactPolicy(t *testing.T) {
	t.Parallel()
	const policy = "topics: { service: { priority: 1 }, care: { priority: 2 } }\ndecent_hours: daily 09:00-20:00\n"
	const wait = "{ id: settle_in, wait: 3d }"
	for name, c := range map[string]struct{ topic, steps, policy, want string }{
		"known":                        {"care", wait, policy, ""},
		"nearly known":                 {"services", wait, policy, "a.yaml:3:8: contact-policy.yaml has no topic services; did you mean service?"},
		"unknown":                      {"marketing", wait, policy, "a.yaml:3:8: contact-policy.yaml has no topic marketing; write care or service, or add it there"},
		"of a step":                    {"care", "{ id: b, send: welcome, topic: cara }", policy, "a.yaml:6:36: contact-policy.yaml has no topic cara; did you mean care?"},
		"of no policy":                 {"marketing", wait, "", ""},
		"unknown to all":               {"news", wait, "", "a.yaml:3:8: there is no topic news; write care, marketing or service, or write a contact-policy.yaml that has it"},
		"of a policy that is mistaken": {"news", wait, "topics: 1\n", ""}, // loading the policy says so
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{
				"profile.yaml":                    {Data: []byte("attributes: { due_on: { type: date } }\n")},
				"events.yaml":                     {Data: []byte("events: { purchase: }\n")},
				"templates/welcome.sms.en.liquid": {Data: []byte("Welcome.\n")},
				"a.yaml":                          {Data: []byte("journey: a\ntitle: A journey\ntopic: " + c.topic + "\nenter: { on: purchase }\nsteps:\n  - " + c.steps + "\n")},
			}
			if c.policy != "" {
				files["contact-policy.yaml"] = &fstest.MapFile{Data: []byte(c.policy)}
			}
			_, problems := journey.Load(files)
			got := ""
			for _, p := range problems {
				got += p.String()
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestAJourneyListensForWhatItsDatesAreCountedFrom(t *testing.T) {
	t.Parallel()
	cat, templates := world(t)
	plan, problems := journey.Compile("wait_until.yaml", content(t, "testdata/good/wait_until.yaml"), cat, templates)
	if problems != nil {
		t.Fatal(problems)
	}
	if got := plan.Listens(); !slices.Equal(got, []string{"consent.changed", "profile.changed", "purchase"}) {
		t.Errorf("it listens for %v", got)
	}
	const source = `
journey: counted
title: Counted
enter: { on: purchase }
steps:
  - { id: visited, wait: { until: last ( 'visit.completed' ) + days(30) } }
  - id: rounds
    repeat:
      every: "count( \"message.received\", days(30)) > 0 ? days(1) : days(2)"
      until: count('survey.answered') > 1
      steps:
        - { id: a_day, wait: 1d }
`
	counted, problems := journey.Compile("counted.yaml", []byte(source), cat, templates)
	if problems != nil {
		t.Fatal(problems)
	}
	if got := counted.Listens(); !slices.Equal(got, []string{"consent.changed", "message.received", "profile.changed", "visit.completed"}) {
		t.Errorf("it listens for %v", got)
	}
}
