package channel

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// errLate is why a request was given up before it was written.
var errLate = errors.New("the process was stopped until after the time of the call")

// NeverLate keeps a request's body from being read after the deadline of its context, by the wall clock. A process that is stopped, or a machine that is
// suspended, would otherwise write its request when it wakes, whatever was decided about the message meanwhile. A request whose body ends early is none.
func NeverLate(request *http.Request) {
	deadline, ok := request.Context().Deadline()
	if !ok || request.Body == nil {
		return
	}
	deadline = deadline.Round(0) // without the monotonic clock, which may stand still while a machine is suspended
	request.Body = &timely{request.Body, deadline}
	if again := request.GetBody; again != nil {
		request.GetBody = func() (io.ReadCloser, error) {
			body, err := again()
			return &timely{body, deadline}, err
		}
	}
}

type timely struct {
	io.ReadCloser

	deadline time.Time
}

func (t *timely) Read(p []byte) (int, error) {
	if time.Now().Round(0).After(t.deadline) {
		return 0, errLate
	}
	return t.ReadCloser.Read(p)
}
