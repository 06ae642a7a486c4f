package stack

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestStopLeavesNothingOfTheGroup(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"one that obeys":     `sleep 1000 & echo $!; wait`,
		"one that obeys not": `trap '' TERM; sleep 1000 & echo $!; wait; wait`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, out := startShell(t, Command{Grace: 50 * time.Millisecond}, script)
			grandchild := pidFrom(t, out)
			if err := p.Stop(); err != nil {
				t.Fatal(err)
			}
			untilDead(t, p.PID())
			untilDead(t, grandchild)
			if err := p.Err(); err != nil {
				t.Errorf("after a stop: %v", err)
			}
			if err := p.Stop(); err != nil {
				t.Errorf("stopping again: %v", err)
			}
		})
	}
}

func TestOneThatEndsByItselfSaysSo(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log", "worker.log")
	p, err := Command{Name: "worker", Path: "sh", Args: []string{"-c", "echo trouble >&2; exit 3"}, Log: log}.Start()
	if err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	if got, want := p.Err().Error(), "worker ended by itself: exit status 3; its log is "+log; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := lastLine(log); got != "trouble" {
		t.Errorf("log: got %q", got)
	}
}

func TestReplaceKillsAndStartsAnewUnnoticed(t *testing.T) {
	t.Parallel()
	p, out := startShell(t, Command{}, `trap '' TERM; echo $$; while :; do sleep 1; done`)
	first := pidFrom(t, out)
	if err := p.Replace(); err != nil {
		t.Fatal(err)
	}
	second := pidFrom(t, out)
	untilDead(t, first)
	if first == second || p.PID() != second {
		t.Errorf("processes %d and %d, now %d", first, second, p.PID())
	}
	select {
	case <-p.Done():
		t.Error("it counts as ended")
	default:
	}
	p.Signal(syscall.SIGKILL)
	<-p.Done()
	if p.Err() == nil {
		t.Error("killed by somebody else, it counts as stopped")
	}
	if err := p.Replace(); err == nil {
		t.Error("what has ended was replaced")
	}
}

func TestPrefixPassesOnWholeLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := Prefix(&out, "worker")
	for _, text := range []string{"one", " line\ntwo\nthr", "ee\nrest"} {
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := out.String(), "worker | one line\nworker | two\nworker | three\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// startShell runs a script as a process that is stopped after the test; it returns what the script prints.
func startShell(t *testing.T, c Command, script string) (*Process, io.Reader) {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Name, c.Path, c.Args, c.Stdout = "script", "sh", []string{"-c", script}, in
	p, err := c.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(p.Stop(), in.Close(), out.Close()); err != nil {
			t.Error(err)
		}
	})
	return p, out
}

// pidFrom reads lines until one is a process id.
func pidFrom(t *testing.T, r io.Reader) int {
	t.Helper()
	lines := bufio.NewScanner(oneByte{r})
	for lines.Scan() {
		if pid, err := strconv.Atoi(strings.TrimSpace(lines.Text())); err == nil {
			return pid
		}
	}
	t.Fatalf("no process id: %v", lines.Err())
	return 0
}

// oneByte keeps a scanner from reading more than the line that it is asked for.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:1]) }

// untilDead waits until a process is gone, or only its entry is left for a parent to collect.
func untilDead(t *testing.T, pid int) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for alive(pid) {
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatalf("process %d: %v", pid, t.Context().Err())
		}
	}
}

func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil && runtime.GOOS != "linux" || err == nil && !bytes.Contains(status, []byte(") Z "))
}
