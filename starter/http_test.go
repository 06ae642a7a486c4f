package main

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
)

// server is what the gateway is served by; it answers everything.
func server(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- serveHTTP(ctx, listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }), slog.New(slog.DiscardHandler))
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

func dialed(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// Whoever begins a request and does not go on is hung up on; nobody else waits for them.
func TestNobodyHoldsTheServerByWritingSlowly(t *testing.T) {
	t.Parallel()
	address := server(t)
	slow := make([]net.Conn, 50)
	for i := range slow {
		slow[i] = dialed(t, address)
		if _, err := io.WriteString(slow[i], "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "); err != nil {
			t.Fatal(err)
		}
	}
	answer, err := http.Get("http://" + address + "/")
	if err != nil || answer.StatusCode != http.StatusNoContent {
		t.Fatalf("somebody else gets %v, %v", answer, err)
	}
	_ = answer.Body.Close()
	for _, conn := range slow {
		said, _ := io.ReadAll(conn) // which ends once the server hangs up, and with the test's own deadline otherwise
		if strings.Contains(string(said), "204") {
			t.Errorf("it answered %q", said)
		}
	}
}

func TestHeadersWithoutEndAreRefused(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]string{
		"one that is long": "X-Long: " + strings.Repeat("x", 1<<20) + "\r\n",
		"many":             strings.Repeat("X-Many: x\r\n", 100_000),
	} {
		conn := dialed(t, server(t))
		go func() { _, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\n"+header+"\r\n") }() // the server hangs up half-way
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("%s: status %d", name, answer.StatusCode)
		}
		_ = answer.Body.Close()
	}
}
