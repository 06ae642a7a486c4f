package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// DevserverOptions say which Temporal to run.
type DevserverOptions struct {
	// Root is the clone of Perennial, see [Root]: it holds the dev server's source and program.
	Root string

	// Frontend and UI are loopback addresses to listen on. Default to free ports of 127.0.0.1.
	Frontend, UI string

	// Database is the SQLite file. Defaults to memory.
	Database string

	// PostgreSQL is the URL of a server on which everything is kept instead, in databases of its own. Defaults to none.
	PostgreSQL string

	// Log is the file that takes what it has to say. Defaults to nowhere.
	Log string

	// Progress takes a sentence where something takes minutes. Defaults to nowhere.
	Progress io.Writer
}

// Devserver is Temporal and its UI, see deploy/devserver. It is a [Part].
type Devserver struct {
	*Process

	// Frontend is the host and port for clients and workers; UI is the URL for people.
	Frontend, UI string
}

// StartDevserver builds the dev server if its source has changed, starts it and returns when it can be used.
func StartDevserver(ctx context.Context, o DevserverOptions) (*Devserver, error) {
	program, err := devserverProgram(ctx, o.Root, o.Progress)
	if err != nil {
		return nil, err
	}
	args := []string{"--until-eof", "--db", o.Database}
	for flag, address := range map[string]string{"--frontend": o.Frontend, "--ui": o.UI} {
		if address == "" {
			args = append(args, flag, "127.0.0.1:0")
			continue
		}
		if err := CheckPort(address); err != nil {
			return nil, err
		}
		args = append(args, flag, address)
	}
	environment := os.Environ()
	if o.PostgreSQL != "" {
		args, environment = append(args, "--postgres"), append(environment, "POSTGRES_URL="+o.PostgreSQL)
	}
	ready := &firstLine{line: make(chan string, 1)}
	process, err := Command{Name: "Temporal", Path: program, Args: args, Env: environment, Log: o.Log, Stdout: ready}.Start()
	if err != nil {
		return nil, err
	}
	select {
	case line := <-ready.line:
		d := &Devserver{Process: process}
		if _, err := fmt.Sscanf(line, "ready frontend=%s ui=%s", &d.Frontend, &d.UI); err != nil {
			return nil, fmt.Errorf("reading where Temporal listens: %w", errors.Join(err, process.Stop()))
		}
		return d, nil
	case <-process.Done():
		return nil, fmt.Errorf("%w: %s", process.Err(), lastLine(o.Log))
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for Temporal: %w", errors.Join(context.Cause(ctx), process.Stop()))
	}
}

// devserverProgram returns the dev server's program, built anew if it is older than its source. Several processes may
// ask at once: one builds, the others wait.
func devserverProgram(ctx context.Context, root string, progress io.Writer) (string, error) {
	source := filepath.Join(root, "deploy", "devserver")
	program := filepath.Join(root, ".state", "bin", "devserver")
	fresh, err := newer(program, source)
	if err != nil || fresh {
		return program, err
	}
	held, err := lock(program+".lock", true)
	if err != nil {
		return "", err
	}
	defer func() { _ = held.Close() }() // releases it
	if fresh, err = newer(program, source); err != nil || fresh {
		return program, err
	}
	if progress != nil {
		if _, err := fmt.Fprintln(progress, "Building Temporal's dev server. The first time this takes some minutes."); err != nil {
			return "", fmt.Errorf("saying what takes so long: %w", err)
		}
	}
	build := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", program+".new", ".")
	build.Dir = source
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building Temporal's dev server in %s: %w\n%s", source, err, bytes.TrimSpace(out))
	}
	if err := os.Rename(program+".new", program); err != nil {
		return "", fmt.Errorf("putting Temporal's dev server in place: %w", err)
	}
	return program, nil
}

// newer says whether a program exists and is younger than all files of its source.
func newer(program, source string) (bool, error) {
	built, err := os.Stat(program)
	if os.IsNotExist(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for Temporal's dev server: %w", err)
	}
	var latest time.Time
	err = filepath.WalkDir(source, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.ModTime().After(latest) {
			latest = info.ModTime()
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("looking for the source of Temporal's dev server: %w", err)
	}
	return built.ModTime().After(latest), nil
}

// firstLine keeps the first line that is written to it and drops the rest.
type firstLine struct {
	line chan string

	mu   sync.Mutex
	text []byte
	sent bool
}

func (f *firstLine) Write(text []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sent {
		return len(text), nil
	}
	f.text = append(f.text, text...)
	if line, _, found := bytes.Cut(f.text, []byte("\n")); found {
		f.line <- strings.TrimSpace(string(line))
		f.sent = true
	}
	return len(text), nil
}
