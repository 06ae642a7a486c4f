package gateway_test

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"perennial/gateway"
	"perennial/telemetry"
)

func TestMetricsAskForTheToken(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *gateway.Config) {
		var err error
		c.Telemetry, err = telemetry.New(t.Context(), telemetry.Options{Service: "perennial-gateway", Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
	})
	for _, c := range []struct {
		authorization string
		status        int
	}{{"", http.StatusUnauthorized}, {"Bearer another", http.StatusUnauthorized}, {"Bearer " + token, http.StatusOK}} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.url+"/metrics", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if c.authorization != "" {
			request.Header.Set("Authorization", c.authorization)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != c.status {
			t.Errorf("%q: %s, %v", c.authorization, answer.Status, err)
		}
		if has := strings.Contains(string(text), "go_goroutines"); has != (c.status == http.StatusOK) {
			t.Errorf("%q: there are metrics: %v", c.authorization, has)
		}
	}
}
