package chaos

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

func TestWhatADeadGatewayDoesNotTakeTheOtherOneGetsWhole(t *testing.T) {
	t.Parallel()
	alive := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, r.RequestURI+" "+string(body))
	}))
	t.Cleanup(alive.Close)
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &balancer{gateways: []string{strings.TrimPrefix(dead.URL, "http://"), strings.TrimPrefix(alive.URL, "http://")}}
	ctx, cancel := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := b.serve(ctx, listener); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); serving.Wait() })
	for range 4 { // whichever comes first
		answer, err := http.Post("http://"+listener.Addr().String()+"/status?touch=1", "text/plain", strings.NewReader("delivered"))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || string(text) != "/status?touch=1 delivered" {
			t.Errorf("answered %d %q, %v", answer.StatusCode, text, err)
		}
	}
}
