package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// answerLimit bounds what is read of an answer.
const answerLimit = 1 << 20

// RefusalError is the answer of a gateway, or of whatever else is at its address, that did not take an event.
type RefusalError struct {
	Status int
	Answer []byte
}

func (r *RefusalError) Error() string {
	return fmt.Sprintf("the gateway answers %d: %s", r.Status, r.Answer)
}

// HandIn hands in one event at the gateway at base, as other systems do, and returns what became of it; the token is empty for a gateway that asks for
// none. An answer that does not say that it took the event is a [*RefusalError].
func HandIn(ctx context.Context, client *http.Client, base, token string, event Event) (Accepted, error) {
	body, err := json.Marshal(event)
	if err != nil {
		return Accepted{}, fmt.Errorf("write event %s: %w", event.ID, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/v1/events", bytes.NewReader(body))
	if err != nil {
		return Accepted{}, fmt.Errorf("hand in event %s: %w", event.ID, err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(request)
	if err != nil {
		return Accepted{}, fmt.Errorf("hand in event %s: %w", event.ID, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return Accepted{}, fmt.Errorf("read the gateway's answer: %w", err)
	}
	var accepted struct{ Events []Accepted }
	if response.StatusCode != http.StatusAccepted || json.Unmarshal(answer, &accepted) != nil || len(accepted.Events) != 1 {
		return Accepted{}, fmt.Errorf("hand in event %s: %w", event.ID, &RefusalError{response.StatusCode, answer})
	}
	return accepted.Events[0], nil
}
