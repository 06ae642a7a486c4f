package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/failure/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"

	"perennial/channel/sandbox"
	"perennial/config"
	"perennial/domain/clock"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/workflows"
)

// greeting is a journey that greets whoever buys, and waits.
func greeting() journey.Plan {
	return journey.Plan{
		Journey: "greeting", Title: "A greeting",
		Enter: journey.Enter{On: "purchase", Again: journey.Again{Rule: journey.Never}},
		Steps: []journey.Step{
			{ID: "greet", Verb: journey.Send, Next: 1, Template: "greeting", Topic: "service", Valid: journey.Span{Days: 7}},
			{ID: "visit", Verb: journey.Wait, Next: journey.End, On: "visit.completed", Within: journey.Span{Days: 400}},
		},
	}
}

// slowly is a clock that stands almost still at noon in London: hours keep nobody from being reached.
func slowly() clock.Clock { return clock.Starting(monday, time.Now(), 2) }

// crowd makes customers who are reached on one channel alone, and returns their ids.
func (b *business) crowd(size int, name string, address func(n int) (phone, email string)) (ids []string) {
	b.Helper()
	var rows strings.Builder
	rows.WriteString("customer,name,phone,email,language,time_zone,channels,consents\n")
	for n := range size {
		id := fmt.Sprintf("%s-%d", name, n)
		phone, email := address(n)
		fmt.Fprintf(&rows, "%s,Somebody %d,%s,%s,en,Europe/London,sms>email,service\n", id, n, phone, email)
		ids = append(ids, id)
	}
	b.importCSV(rows.String())
	return ids
}

// buy lets all of them buy something, which enters them.
func (b *business) buy(ids []string) {
	b.Helper()
	for _, id := range ids {
		b.happen("e-"+id, "purchase", id, fmt.Sprintf(`{"order_id":"o-%s","quantity":1,"amount":10,"currency":"USD"}`, id))
	}
}

func phoneOf(n int) string { return fmt.Sprintf("+1201555%04d", n) }
func mailOf(n int) string  { return fmt.Sprintf("m%d@example.org", n) }

// TestOneChannelsOutageDelaysNoOther lets every SMS hang, more of them than a worker makes at once, and then greets others by e-mail: all of
// them get it while no SMS has come back.
func TestOneChannelsOutageDelaysNoOther(t *testing.T) {
	t.Parallel()
	const bySMS, byEmail = concurrentDeliveries + 8, 20
	b := openAt(t, slowly(), func(c *config.Config) { c.Patience = time.Hour }) // nobody gives up
	b.work()
	t.Cleanup(b.sandbox.Close) // lets what hangs go, before the worker waits for it
	b.publish(greeting())
	for n := range bySMS {
		b.sandbox.SetFault(phoneOf(n), sandbox.Hang, 0)
	}
	hanging := func() int {
		return len(slices.DeleteFunc(slices.Clone(b.sandbox.Refused()), func(r sandbox.Refusal) bool { return r.Fault != sandbox.Hang }))
	}
	b.buy(b.crowd(bySMS, "s", func(n int) (string, string) { return phoneOf(n), "" }))
	b.eventually("as many SMS hang as are made at once", func() bool { return hanging() == concurrentDeliveries })
	b.buy(b.crowd(byEmail, "m", func(n int) (string, string) { return "", mailOf(n) }))
	b.eventually("all others get their e-mail", func() bool { return len(b.sandbox.Messages()) == byEmail })
	if n := hanging(); n != concurrentDeliveries {
		t.Errorf("%d SMS were tried, so some came back", n)
	}
}

// TestTheRateOfAChannelsQueueIsThatOfItsConfiguration counts by the sandbox's own times. It shows that the rate is kept, and nothing of how
// quick the rest is.
func TestTheRateOfAChannelsQueueIsThatOfItsConfiguration(t *testing.T) {
	t.Parallel()
	const rate, touches = 5, 35
	b := openAt(t, slowly(), func(c *config.Config) { c.SMSRate = rate })
	b.work()
	b.publish(greeting())
	b.buy(b.crowd(touches, "s", func(n int) (string, string) { return phoneOf(n), "" }))
	b.eventually("all get their SMS", func() bool { return len(b.sandbox.Messages()) == touches })
	got := b.sandbox.Messages()
	took := got[touches-1].RealAt.Sub(got[0].RealAt)
	// In the beginning the queue lets through at once what it lets through in a second. A second more is for a first touch that is slow on its way.
	if least := (touches/rate - 2) * time.Second; took < least {
		t.Errorf("%d touches at %d a second took %v, which is less than %v", touches, rate, took, least)
	}
}

// TestATouchThatCameToNoWorkerIsHandedOutAgainByItsSilence takes a touch from its queue and does nothing with it, as when the answer to a worker's poll is
// lost: the server believes that it has begun. It is handed out again when nothing has been heard of it, and long before its time is over.
func TestATouchThatCameToNoWorkerIsHandedOutAgainByItsSilence(t *testing.T) {
	t.Parallel()
	b := openAt(t, slowly(), func(c *config.Config) { c.Patience = 30 * time.Second })
	deliveries := b.main.workers[1:]
	b.main.workers = b.main.workers[:1] // those of journeys
	b.work()
	b.publish(greeting())
	b.buy(b.crowd(1, "sms", func(int) (string, string) { return phoneOf(0), "" }))
	polling, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	lost, err := b.main.client.WorkflowService().PollActivityTaskQueue(polling, &workflowservice.PollActivityTaskQueueRequest{
		Namespace: b.main.Temporal.Namespace, TaskQueue: &taskqueue.TaskQueue{Name: workflows.DeliveryQueue(customer.SMS)},
	})
	if err != nil || lost.GetActivityId() == "" {
		t.Fatalf("no touch was handed out: %v", err)
	}
	for _, w := range deliveries {
		if err := w.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(w.Stop)
	}
	b.eventually("it is handed out again", func() bool { return len(b.got(phoneOf(0))) == 1 })
	if why := b.whyAgain("sms-0"); why.GetTimeoutFailureInfo().GetTimeoutType() != enums.TIMEOUT_TYPE_HEARTBEAT {
		t.Errorf("it was handed out again because of %v", why)
	}
}

// TestATouchWhoseProviderTakesLongIsNotHandedOutAgain lets a provider keep its answer for longer than the server waits for a sign of life.
func TestATouchWhoseProviderTakesLongIsNotHandedOutAgain(t *testing.T) {
	t.Parallel()
	b := openAt(t, slowly(), func(c *config.Config) { c.Patience = 12 * time.Second })
	b.work()
	b.publish(greeting())
	b.sandbox.SetFault(phoneOf(0), sandbox.Stall, 1)
	b.buy(b.crowd(1, "sms", func(int) (string, string) { return phoneOf(0), "" }))
	b.eventually("the provider says that it took it", func() bool { return b.enrollment("sms-0").Step == "visit" })
	if why := b.whyAgain("sms-0"); why.GetApplicationFailureInfo().GetType() != "Later" {
		t.Errorf("it was handed out again because of %v", why)
	}
}

// whyAgain says why the last attempt before the one that ended the delivery of somebody's greeting was not the last.
func (b *business) whyAgain(who string) (why *failure.Failure) {
	b.Helper()
	for _, event := range b.history("greeting", who).GetEvents() {
		if began := event.GetActivityTaskStartedEventAttributes(); began != nil {
			why = began.GetLastFailure()
		}
	}
	return why
}
