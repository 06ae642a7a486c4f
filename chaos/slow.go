package chaos

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"
)

// Providers are not as quick as the sandbox. What they take before and after they take a message is when a sender that dies leaves nobody who
// knows: without it, blows would hardly ever fall there.
const (
	mostThought = 250 * time.Millisecond // of a request, before it counts, and again before it is answered
	mostReply   = 100 * time.Millisecond // of each line of a mail server
)

// slow is a provider that takes its time, and remembers of which touches the sender hung up before it had its answer.
type slow struct {
	provider http.Handler

	mu     sync.Mutex
	hungUp map[string]bool
}

// touchID is how a touch's id looks in a request, wherever the provider's protocol has it.
var touchID = regexp.MustCompile(`\d+\.[a-z_]+\.\d+\.\d+`)

func (s *slow) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender has gone
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	_ = sleep(r.Context(), rand.N(mostThought)) //nolint:gosec // how slow is chance
	s.provider.ServeHTTP(w, r)
	if sleep(r.Context(), rand.N(mostThought)) == nil { //nolint:gosec // how slow is chance
		return // and only now is the answer written: it is short enough to be held back
	}
	text, err := url.QueryUnescape(string(body))
	if err != nil {
		return // no form
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, touch := range touchID.FindAllString(text, -1) {
		s.hungUp[touch] = true
	}
}

// slowListener makes connections whose other end is slow to answer.
type slowListener struct{ net.Listener }

func (l slowListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return slowConn{conn}, err
}

type slowConn struct{ net.Conn }

func (c slowConn) Write(line []byte) (int, error) {
	<-time.After(rand.N(mostReply)) //nolint:gosec // how slow is chance
	return c.Conn.Write(line)
}
