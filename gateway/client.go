package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// HandIn hands in one event at the gateway at base, which asks for no token, as other systems do: an answer of 202 says that it is stored.
func HandIn(ctx context.Context, client *http.Client, base string, event Event) error {
	body, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("event %s: %w", event.ID, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/v1/events", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("event %s: %w", event.ID, err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("event %s: %w", event.ID, err)
	}
	text, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return fmt.Errorf("event %s: %w", event.ID, err)
	}
	if answer.StatusCode != http.StatusAccepted {
		return fmt.Errorf("event %s: the gateway answers %s: %s", event.ID, answer.Status, text)
	}
	return nil
}
