package demo

import (
	"testing"

	"go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/proto"
)

func TestHistoriesThatHoldATextAreFound(t *testing.T) {
	t.Parallel()
	payload, err := proto.Marshal(&common.Payload{Data: []byte(`{"subject":"Thank you \u0026 welcome","name":"Fern Brook","id":"c-1"}`)})
	if err != nil {
		t.Fatal(err)
	}
	h := histories{raw: [][]byte{payload}}
	for text, want := range map[string]int{"Fern Brook": 1, "Thank you & welcome": 1, "Hazel Moor": 0} {
		if got := h.holding([]string{text}); got != want {
			t.Errorf("%q is found in %d histories, want %d", text, got, want)
		}
	}
}
