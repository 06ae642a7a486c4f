package demo

import (
	"testing"

	"go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"perennial/domain/contact"
	"perennial/domain/journey"
	"perennial/workflows"
)

func TestHistoriesThatHoldATextOfTheirCustomerAreFound(t *testing.T) {
	t.Parallel()
	payload, err := proto.Marshal(&common.Payload{Data: []byte(`{"subject":"Thank you \u0026 welcome","name":"Fern Brook","id":"c-1"}`)})
	if err != nil {
		t.Fatal(err)
	}
	h := histories{runs: []run{{"c-1", payload}}}
	for text, want := range map[string]int{"Fern Brook": 1, "Thank you & welcome": 1, "Hazel Moor": 0} {
		if got := h.holding(map[string][]string{"c-1": {text}}); got != want {
			t.Errorf("%q is found in %d histories, want %d", text, got, want)
		}
	}
}

func TestHoldsAreCountedFromWhatTheContactPolicyAnswered(t *testing.T) {
	t.Parallel()
	payloads := func(value any) *common.Payloads {
		encoded, err := converter.GetDefaultDataConverter().ToPayloads(value)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	planned := func(activity string, verdict contact.Verdict) *historypb.HistoryEvent {
		return &historypb.HistoryEvent{Attributes: &historypb.HistoryEvent_MarkerRecordedEventAttributes{
			MarkerRecordedEventAttributes: &historypb.MarkerRecordedEventAttributes{MarkerName: "LocalActivity", Details: map[string]*common.Payloads{
				"data":   payloads(map[string]any{"ActivityType": activity}),
				"result": payloads(journey.Planned{Answer: contact.Answer{Verdict: verdict, Reason: contact.Capped}}),
			}},
		}}
	}
	delivered := func(scheduled int64, how journey.DeliveryEnd) *historypb.HistoryEvent {
		return &historypb.HistoryEvent{Attributes: &historypb.HistoryEvent_ActivityTaskCompletedEventAttributes{
			ActivityTaskCompletedEventAttributes: &historypb.ActivityTaskCompletedEventAttributes{
				ScheduledEventId: scheduled, Result: payloads(journey.Delivered{How: how, Reason: contact.OutsideWindow}),
			},
		}}
	}
	h := histories{held: map[string]int{}}
	for _, event := range []*historypb.HistoryEvent{
		planned(workflows.ActivityPlan, contact.Hold), planned(workflows.ActivityPlan, contact.Hold), planned(workflows.ActivityPlan, contact.Skip),
		planned(workflows.ActivityEvaluate, contact.Hold), delivered(5, journey.Held), delivered(5, journey.Sent), delivered(9, journey.Held),
	} {
		if err := h.countHold(event, map[int64]string{5: workflows.ActivityDeliver, 9: "another"}); err != nil {
			t.Fatal(err)
		}
	}
	if h.held["capped"] != 2 || h.held["outside_window"] != 1 || len(h.held) != 2 {
		t.Errorf("held: %v", h.held)
	}
}
