package main

import (
	"errors"
	"fmt"
	"strings"

	"perennial/store"
)

// trouble is an error that says what to do about it.
type trouble struct {
	what string
	do   string
	why  error // what it came from; may be nil
}

func (t *trouble) Error() string { return t.what + ": " + t.do }

func (t *trouble) Unwrap() error { return t.why }

// notThere turns an error of something that is not in the store into one that says where to look.
func notThere(err error, what, do string) error {
	if errors.Is(err, store.ErrNotFound) {
		return &trouble{what: "there is no " + what, do: do, why: err}
	}
	return err
}

// unreachable is a service that does not answer.
func unreachable(what string, err error, do string) *trouble {
	return &trouble{what: fmt.Sprintf("%s (%s)", what, cause(err)), do: do, why: err}
}

// cause is the end of the story that an error of a library tells, in one line.
func cause(err error) string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	line := strings.TrimSpace(lines[len(lines)-1])
	if _, end, found := strings.Cut(line, "desc = "); found {
		line = strings.Trim(end, `"`)
	}
	return strings.TrimPrefix(line, "transport: Error while dialing: ")
}
