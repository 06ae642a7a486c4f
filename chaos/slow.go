package chaos

import (
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

// Providers are not as quick as the sandbox. What they take before and after they take a message is when a sender that dies leaves nobody who
// knows: without it, blows would hardly ever fall there.
const (
	mostThought = 300 * time.Millisecond // of a request, before it counts, and again before it is answered
	mostReply   = 100 * time.Millisecond // of each line of a mail server
)

// slow is a provider that takes its time. An answer is held back until its handler returns.
func slow(provider http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = sleep(r.Context(), rand.N(mostThought)) //nolint:gosec // how slow is chance
		provider.ServeHTTP(w, r)
		_ = sleep(r.Context(), rand.N(mostThought)) //nolint:gosec // how slow is chance
	})
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
