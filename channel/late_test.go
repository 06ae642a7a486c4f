package channel_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"perennial/channel"
)

// sleepy is the context of a call whose process was stopped before it could hear that its time is over.
type sleepy struct {
	context.Context

	deadline time.Time
}

func (s sleepy) Deadline() (time.Time, bool) { return s.deadline, true }

func TestARequestIsNotWrittenAfterItsTime(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		left time.Duration
		want int64
	}{"in time": {time.Minute, 1}, "too late": {-time.Millisecond, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var taken atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if text, err := io.ReadAll(r.Body); err == nil && string(text) == "Body=Hello" {
					taken.Add(1)
				}
			}))
			defer server.Close()
			ctx := sleepy{t.Context(), time.Now().Add(test.left)}
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader("Body=Hello"))
			if err != nil {
				t.Fatal(err)
			}
			channel.NeverLate(request)
			response, err := http.DefaultClient.Do(request)
			if err == nil {
				_ = response.Body.Close()
			}
			if (err == nil) != (test.want == 1) {
				t.Errorf("the call ended with %v", err)
			}
			server.Close() // waits for what is under way
			if taken.Load() != test.want {
				t.Errorf("%d were taken, want %d", taken.Load(), test.want)
			}
		})
	}
}
