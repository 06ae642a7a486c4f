package workflows

import (
	"fmt"
	"slices"
	"strings"

	"perennial/domain/journey"
)

// Details is what a manager reads of an enrollment in the Temporal UI, as Markdown: a line of status; where to see who the customer is; what is next,
// what it waits for and the last touch; the last things done; how to intervene. It names no one.
func Details(e Enrollment, plan journey.Plan, s journey.State) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n\n", statusLine(e, plan, s))
	if e.Page != "" {
		fmt.Fprintf(&b, "[Who is %s?](%s)\n\n", e.Customer, e.Page)
	}
	b.WriteString("| next | waiting for | last touch |\n| --- | --- | --- |\n")
	fmt.Fprintf(&b, "| %s | %s | %s |\n\n", cell(nextLine(plan, s)), cell(waitingFor(plan, s)), cell(lastTouch(s)))
	if len(s.Past) > 0 {
		fmt.Fprintf(&b, "| when, %s | step | channel | what |\n| --- | --- | --- | --- |\n", s.Zone)
		for _, d := range slices.Backward(s.Past) {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", s.Zone.Stamp(d.At), d.Step, d.Channel.Title(), cell(d.What))
		}
		b.WriteString("\n")
	}
	if !s.Finished() {
		b.WriteString(interventions(e, s))
	}
	return b.String()
}

// interventions is how to steer an enrollment: by what the UI offers, or by a command.
func interventions(e Enrollment, s journey.State) string {
	var b strings.Builder
	b.WriteString("| to intervene | here, at the top right | or in a terminal |\n| --- | --- | --- |\n")
	line := func(to, update string) {
		fmt.Fprintf(&b, "| %s | More Actions, Send an Update: `%s` | `starter enrollments %s %d` |\n", to, update, update, e.ID)
	}
	if s.Paused {
		line("let it go on", UpdateResume)
	} else {
		line("freeze it", UpdatePause)
	}
	line("leave this step", UpdateSkip)
	fmt.Fprintf(&b, "| end it | Request Cancellation; never Terminate | `starter enrollments exit %d --reason \"…\"` |\n", e.ID)
	return b.String()
}

// statusLine says in one line where the enrollment stands.
func statusLine(e Enrollment, plan journey.Plan, s journey.State) string {
	who := e.Customer + " in " + e.Title
	if e.Key != "" {
		who += " (" + e.Key + ")"
	}
	if s.Finished() {
		return who + " ended: " + s.Outcome
	}
	if s.Step == "" {
		return who + " has just entered"
	}
	at := fmt.Sprintf("%s is at step %s", who, s.Step)
	if n := s.Occurrences[s.Step]; n > 1 {
		at += fmt.Sprintf(" for the %s time", ordinal(n))
	}
	switch {
	case s.Paused:
		return at + ", PAUSED by hand"
	case s.Stalled:
		return at + ", and the database can't be reached: it goes on by itself"
	case s.Phase == journey.Holding && tells(plan, s.Step):
		return at + ": a word to a colleague is held, " + s.Reason
	case s.Phase == journey.Holding:
		return at + ": a message is held, " + s.Reason
	case s.Phase == journey.Delivering && tells(plan, s.Step):
		return at + ": a colleague is being told"
	case s.Phase == journey.Delivering:
		return at + ": a message is being sent"
	case s.Phase == journey.Confirming && s.Silence == journey.Unknown:
		return at + ": a message may have been sent, and " + word(s) + " is waited for"
	case s.Phase == journey.Confirming:
		return at + ": a message was sent, and " + word(s) + " is waited for"
	case s.Phase == journey.Waiting && s.Rounds[s.Step].Number > 0:
		return fmt.Sprintf("%s, between rounds %d and %d", at, s.Rounds[s.Step].Number, s.Rounds[s.Step].Number+1)
	case s.Phase == journey.Waiting:
		return at + ", waiting"
	}
	return at
}

// tells says whether a step tells a colleague, rather than the customer.
func tells(plan journey.Plan, id string) bool {
	step, _ := plan.Step(id)
	return step.Verb == journey.Notify
}

func nextLine(plan journey.Plan, s journey.State) string {
	switch {
	case s.Finished():
		return "nothing, it has ended"
	case s.Paused:
		return "nothing until it is resumed"
	case s.Phase == journey.Holding:
		return fmt.Sprintf("%s by %s, %s", beginning(plan, s.Step), s.Channel.Title(), when(s))
	case s.Phase == journey.Delivering:
		return fmt.Sprintf("%s by %s, now", beginning(plan, s.Step), s.Channel.Title())
	case s.Phase == journey.Confirming && s.Silence == journey.NotArrived:
		return fmt.Sprintf("send %s by another channel, %s", s.Step, when(s))
	case s.Phase == journey.Confirming:
		return afterTouch(plan, s) + ", " + when(s)
	case s.Phase == journey.Waiting && !s.Until.IsZero():
		return following(plan, s) + ", " + whose(plan, s) + when(s)
	case s.Phase == journey.Waiting:
		return following(plan, s)
	}
	return s.Step
}

// afterTouch is what comes once a touch is done with.
func afterTouch(plan journey.Plan, s journey.State) string {
	if step, _ := plan.Step(s.Step); step.Verb == journey.Ask {
		return "wait for the answer: " + step.ID
	}
	return following(plan, s)
}

// word is what is waited for of a touch that was sent.
func word(s journey.State) string {
	if s.Silence == journey.NotArrived {
		return wordThatItArrived
	}
	return wordThatItDidNot
}

// following is what comes after the wait.
func following(plan journey.Plan, s journey.State) string {
	step, _ := plan.Step(s.Step)
	if step.Verb == journey.Repeat {
		return fmt.Sprintf("round %d", s.Rounds[step.ID].Number+1)
	}
	if step.Next == journey.End || step.Next >= len(plan.Steps) {
		return "the end"
	}
	return beginning(plan, plan.Steps[step.Next].ID)
}

// whose says, where somebody is reached after the wait, that it will be at an hour of theirs: a wait for a day ends at midnight.
func whose(plan journey.Plan, s journey.State) string {
	step, _ := plan.Step(s.Step)
	if step.Verb == journey.Repeat || step.Next == journey.End || step.Next >= len(plan.Steps) {
		return ""
	}
	switch plan.Steps[step.Next].Verb {
	case journey.Send, journey.Ask:
		return "at the customer's next hour from "
	case journey.Notify:
		return "at the colleague's next hour from "
	}
	return ""
}

// beginning is what a step does, in words for a manager.
func beginning(plan journey.Plan, id string) string {
	step, _ := plan.Step(id)
	switch step.Verb {
	case journey.Send, journey.Ask:
		return string(step.Verb) + " " + id
	case journey.If:
		return "decide: " + id
	case journey.Exit:
		return "the end: " + step.Reason
	case journey.Repeat:
		return "decide on another round: " + id
	case journey.Set:
		return "note in the profile: " + id
	case journey.Notify:
		return "tell a colleague: " + id
	case journey.Start:
		return "start " + step.Journey + ": " + id
	case journey.Wait:
		return "wait: " + id
	}
	return id
}

func waitingFor(plan journey.Plan, s journey.State) string {
	step, _ := plan.Step(s.Step)
	switch {
	case s.Finished():
		return "nothing"
	case s.Phase == journey.Holding && step.Verb == journey.Notify:
		return "a time when the colleague may be reached"
	case s.Phase == journey.Holding:
		return "a time when the customer may be reached"
	case s.Phase == journey.Confirming:
		return word(s)
	case s.Phase == journey.Waiting && step.Verb == journey.Ask:
		return "the customer's answer"
	case s.Phase == journey.Waiting && step.Verb == journey.Repeat:
		return theNextRound
	case s.Phase == journey.Waiting && step.Until != 0:
		return aDate
	case s.Phase == journey.Waiting && step.On != "":
		return step.On
	case s.Phase == journey.Waiting:
		return "time to pass"
	}
	return "nothing"
}

// What an enrollment may wait for beside events, in words for a manager.
const (
	wordThatItArrived = "word that it arrived"
	wordThatItDidNot  = "word that it did not arrive"
	theNextRound      = "the next round"
	aDate             = "a date"
)

// scheduledFor is what an enrollment is about to wait for, as its row says it.
func scheduledFor(step journey.Step, s journey.State) string {
	switch {
	case s.Phase == journey.Confirming:
		return word(s)
	case step.Verb == journey.Repeat:
		return theNextRound
	case step.Verb == journey.Wait && step.Until != 0:
		return aDate
	}
	return step.On
}

func lastTouch(s journey.State) string {
	for _, d := range slices.Backward(s.Past) {
		if d.Channel != "" && d.What == "sent" {
			return fmt.Sprintf("%s by %s, %s", d.Step, d.Channel.Title(), s.Zone.Stamp(d.At))
		}
	}
	if len(s.Past) > 0 { // of a long passage only the last things are kept
		return "none lately"
	}
	return "none yet"
}

// cell keeps a text from ending its table's cell.
func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }

func ordinal(n int) string {
	suffix := "th"
	switch {
	case n%100 >= 11 && n%100 <= 13:
	case n%10 == 1:
		suffix = "st"
	case n%10 == 2:
		suffix = "nd"
	case n%10 == 3:
		suffix = "rd"
	}
	return fmt.Sprintf("%d%s", n, suffix)
}
