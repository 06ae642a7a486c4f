package stack

import (
	"bytes"
	"io"
	"sync"
)

// Prefix returns a writer that passes on whole lines, each with a name before it, so that several processes can share
// a terminal. A last line without an end stays back.
func Prefix(w io.Writer, name string) io.Writer {
	return &prefixed{to: w, prefix: name + " | "}
}

type prefixed struct {
	to     io.Writer
	prefix string

	mu   sync.Mutex
	rest []byte
}

func (p *prefixed) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = append(p.rest, text...)
	for {
		line, rest, found := bytes.Cut(p.rest, []byte("\n"))
		if !found {
			return len(text), nil
		}
		out := append([]byte(p.prefix), line...)
		if _, err := p.to.Write(append(out, '\n')); err != nil {
			return 0, err
		}
		p.rest = rest
	}
}
