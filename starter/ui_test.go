package main

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"perennial/domain/journey"
	"perennial/workflows"
)

// standing is a run with the search attributes of an enrollment, put where a test wants it.
type standing struct {
	Journey, Step, Owner, Outcome string
	Next                          time.Time
}

// stand carries the attributes and waits, or ends where there is an outcome.
func stand(ctx workflow.Context, s standing) error {
	var known []temporal.SearchAttributeUpdate
	if s.Step != "" {
		known = append(known, workflows.AttributeStep.ValueSet(s.Step))
	}
	if !s.Next.IsZero() {
		known = append(known, workflows.AttributeNextAt.ValueSet(s.Next))
	}
	if s.Outcome != "" {
		known = append(known, workflows.AttributeOutcome.ValueSet(s.Outcome))
	}
	if len(known) > 0 {
		if err := workflow.UpsertTypedSearchAttributes(ctx, known...); err != nil {
			return err
		}
	}
	workflow.GetSignalChannel(ctx, "stood").Receive(ctx, nil)
	if s.Outcome != "" {
		return nil
	}
	workflow.GetSignalChannel(ctx, "never").Receive(ctx, nil)
	return nil
}

func TestEachLinkFindsWhomItSays(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withTemporal()
	b.does("journeys", "publish", "--dir", journeys(t), "-m", "First")
	b.publish(journey.Plan{
		Encoding: journey.PlanEncoding, Journey: "patient", Title: "Patience", Enter: journey.Enter{On: "purchase", Again: journey.Again{Rule: journey.Never}},
		Steps: []journey.Step{{ID: "for_ever", Verb: journey.Wait, Next: journey.End, On: "visit.completed"}},
	})
	b.does("import", "colleagues", b.file("colleagues.csv", "colleague,name,email,time_zone\nmaria,Maria,maria@example.com,Europe/Berlin\nomar,Omar,omar@example.com,Europe/Berlin\n"))
	now := time.Now()
	soon, later, past := now.Add(48*time.Hour), now.Add(20*24*time.Hour), now.Add(-time.Hour)
	found := b.finds(map[string]standing{
		"due":            {Journey: "renewal", Step: "in_a_week", Owner: "maria", Next: soon},
		"due-alone":      {Journey: "renewal", Step: "in_a_week", Next: soon},
		"not-due":        {Journey: "renewal", Step: "until_a_week", Owner: "maria", Next: later},
		"unhappy":        {Journey: "onboarding", Step: "tell_owner", Owner: "omar", Next: later},
		"unhappy-visit":  {Journey: "return-visit", Step: "apology", Next: later},
		"key-customer":   {Journey: "renewal", Step: "tell_owner", Owner: "omar", Next: later},
		"stuck":          {Journey: "return-visit", Step: "visits", Next: past},
		"paused":         {Journey: "return-visit", Step: "visits"},
		"patient":        {Journey: "patient", Step: "for_ever"},
		"just-entered":   {Journey: "onboarding"},
		"won-back":       {Journey: "win-back", Step: "a_while", Outcome: "goal"},
		"settled":        {Journey: "onboarding", Step: "settle_in", Outcome: "goal"},
		"silent":         {Journey: "win-back", Step: "silent", Outcome: "exited: stayed silent"},
		"failed":         {Journey: "onboarding", Step: "welcome", Outcome: "failed: the version is gone"},
		"other-business": {},
	})
	for name, want := range map[string]string{
		"Renewal of an agreement, due this week":            "due due-alone",
		"Renewal of an agreement, due this week, of maria":  "due",
		"Renewal of an agreement, due this week, of omar":   "",
		"Renewal of an agreement, due this week, of nobody": "due-alone",
		"Unhappy and waiting, First ninety days":            "unhappy",
		"Unhappy and waiting, Return visits":                "unhappy-visit",
		"Stuck":                                             "stuck",
		"Paused":                                            "paused",
		"Failed":                                            "failed",
		"Won back, Winning back":                            "won-back",
		"Reached the goal of First ninety days":             "settled",
		"Everybody in Renewal of an agreement":              "due due-alone key-customer not-due",
		"Everybody in Patience":                             "patient",
	} {
		if got, there := found[name]; !there || got != want {
			t.Errorf("%s: found %q (%t), want %q; there are %v", name, got, there, want, slices.Sorted(maps.Keys(found)))
		}
	}
}

// finds starts runs by name, and returns by the name of each link which of them its query finds, in order.
func (b *business) finds(runs map[string]standing) map[string]string {
	b.t.Helper()
	c := b.dial()
	w := worker.New(c, "standing", worker.Options{})
	w.RegisterWorkflowWithOptions(stand, workflow.RegisterOptions{Name: workflows.JourneyWorkflow})
	if err := w.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(w.Stop)
	for name, s := range runs {
		var known []temporal.SearchAttributeUpdate
		if s.Journey != "" {
			known = append(known, workflows.AttributeJourney.ValueSet(s.Journey))
		}
		if s.Owner != "" {
			known = append(known, workflows.AttributeOwner.ValueSet(s.Owner))
		}
		run, err := c.ExecuteWorkflow(b.t.Context(), client.StartWorkflowOptions{
			ID: name, TaskQueue: "standing", TypedSearchAttributes: temporal.NewSearchAttributes(known...),
		}, workflows.JourneyWorkflow, s)
		if err != nil {
			b.t.Fatal(err)
		}
		if err := c.SignalWorkflow(b.t.Context(), name, "", "stood", nil); err != nil {
			b.t.Fatal(err)
		}
		if s.Outcome != "" {
			if err := run.Get(b.t.Context(), nil); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	for name, s := range runs { // the list follows a moment after
		b.until(func() bool {
			return b.list(c, fmt.Sprintf("WorkflowId=%q AND (%s)", name, s.query())) == name
		})
	}
	var shown uiLinks
	b.reads(&shown, "ui", "links")
	found := map[string]string{}
	for _, l := range shown.Links {
		at, err := url.Parse(l.URL)
		if err != nil || at.Path != "/namespaces/"+b.namespace+"/workflows" || at.Query().Get("query") != l.Query || strings.Contains(l.Query, "WorkflowType") {
			b.t.Errorf("%s: the link %s is not one to %s: %v", l.Name, l.URL, l.Query, err)
		}
		found[l.Name] = b.list(c, l.Query)
	}
	return found
}

// query asks for what the run carries.
func (s standing) query() string {
	conditions := []string{`ExecutionStatus="Running"`}
	if s.Outcome != "" {
		conditions = []string{`ExecutionStatus="Completed"`, is("Outcome", s.Outcome)}
	}
	if s.Step != "" {
		conditions = append(conditions, is("Step", s.Step))
	}
	if !s.Next.IsZero() {
		conditions = append(conditions, "NextAt is not null")
	}
	return where(conditions...)
}

func (b *business) list(c client.Client, query string) string {
	b.t.Helper()
	listed, err := c.ListWorkflow(b.t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: query})
	if err != nil {
		b.t.Fatalf("the server does not take %s: %v", query, err)
	}
	var ids []string
	for _, e := range listed.GetExecutions() {
		ids = append(ids, e.GetExecution().GetWorkflowId())
	}
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

// until waits for what comes true in the server's own time.
func (b *business) until(came func() bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	turns := time.NewTicker(20 * time.Millisecond)
	defer turns.Stop()
	for !came() {
		select {
		case <-ctx.Done():
			b.t.Fatal("it did not come true in a minute")
		case <-turns.C:
		}
	}
}

func TestAPausedEnrollmentIsFoundAndNotOnceItIsResumed(t *testing.T) {
	t.Parallel()
	b, e := entered(t)
	c := b.dial()
	var shown uiLinks
	b.reads(&shown, "ui", "links")
	i := slices.IndexFunc(shown.Links, func(l uiLink) bool { return l.Name == "Paused" })
	b.does("enrollments", "pause", fmt.Sprint(e.ID))
	b.until(func() bool { return b.list(c, shown.Links[i].Query) == workflows.WorkflowID("onboarding", "c-1", "") })
	b.does("enrollments", "resume", fmt.Sprint(e.ID))
	b.until(func() bool { return b.list(c, shown.Links[i].Query) == "" })
}

func TestLinksByStep(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	says(t, b.does("ui", "links"), "No journey is published yet")
	b.does("journeys", "publish", "--dir", journeys(t), "-m", "First")
	out := b.does("ui", "links", "--journey", "onboarding")
	says(t, out, "settle_in: a wait for time to pass", "how_is_it: a question", "come_back: a wait for visit.completed", "Step%3D%22settle_in%22", "count from now")
	if strings.Contains(out, "unhappy:") {
		t.Errorf("nobody stands at a condition, and it has a link:\n%s", out)
	}
	b.refuses("there is no published journey nowhere", "ui", "links", "--journey", "nowhere")
}
