package stack

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Command says how to start a process that lives and dies with ours.
type Command struct {
	// Name is what sentences about the process call it, such as "worker".
	Name string

	// Path is the program. Args are its arguments, without its own name.
	Path string
	Args []string

	// Env is its whole environment, as KEY=value. Defaults to our own.
	Env []string

	// Dir is its working directory. Defaults to our own.
	Dir string

	// Log is the file to which what it prints is appended. Defaults to nowhere.
	Log string

	// Stdout and Stderr take what it prints in place of Log; see [Prefix].
	Stdout, Stderr io.Writer

	// Grace is how long it may take to stop before it is killed. Defaults to 10 seconds.
	Grace time.Duration

	// StopSignal asks it to stop. Defaults to SIGTERM.
	StopSignal syscall.Signal

	// DeathSignal is what it gets when our own process dies in any way; on Linux only. Defaults to SIGKILL. Elsewhere a
	// process can notice our death by the end of its standard input, which we hold open and never write to.
	DeathSignal syscall.Signal

	// owner is the user that it runs as. Defaults to our own.
	owner *owner

	// files are handed over open, from descriptor 3 on.
	files []*os.File
}

func (c Command) withDefaults() Command {
	if c.Grace == 0 {
		c.Grace = 10 * time.Second
	}
	if c.StopSignal == 0 {
		c.StopSignal = syscall.SIGTERM
	}
	if c.DeathSignal == 0 {
		c.DeathSignal = syscall.SIGKILL
	}
	return c
}

// Process is a started [Command], in a process group of its own: a Ctrl-C in the terminal reaches only us, and no
// grandchild is left when it ends. It is a [Part].
type Process struct {
	command Command
	done    chan struct{}
	err     error // why it ended, once done is closed

	mu       sync.Mutex
	current  *run
	stopping bool
}

// run is one life of a process.
type run struct {
	pid   int
	err   error // how it ended, once ended is closed
	ended chan struct{}
}

// Start starts the process. It does not wait until the process is ready for anything.
func (c Command) Start() (*Process, error) {
	p := &Process{command: c.withDefaults(), done: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	first, err := p.start()
	if err != nil {
		return nil, err
	}
	p.current = first
	return p, nil
}

// start begins a life and a goroutine that sees it to its end.
func (p *Process) start() (*run, error) {
	cmd, closeLog, err := p.command.prepare()
	if err != nil {
		return nil, err
	}
	r := &run{ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The death signal is tied to the thread that started the child: it is locked for as long as the child lives.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		closeLog()
		if err != nil {
			started <- err
			return
		}
		r.pid = cmd.Process.Pid
		started <- nil
		r.err = cmd.Wait()
		r.signal(syscall.SIGKILL) // whoever is left of its group
		close(r.ended)
		p.ended(r)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.command.Name, err)
	}
	return r, nil
}

// prepare returns the command ready to start, and what to call once it has started or failed to.
func (c Command) prepare() (*exec.Cmd, func(), error) {
	cmd := exec.Command(c.Path, c.Args...)
	cmd.Env, cmd.Dir, cmd.ExtraFiles = c.Env, c.Dir, c.files
	cmd.Stdout, cmd.Stderr = c.Stdout, c.Stderr
	cmd.WaitDelay = time.Second // for a grandchild that keeps the output open
	cmd.SysProcAttr = attributes(c)
	if _, err := cmd.StdinPipe(); err != nil {
		return nil, nil, fmt.Errorf("starting %s: %w", c.Name, err)
	}
	if c.Log == "" {
		return cmd, func() {}, nil
	}
	log, err := openLog(c.Log)
	if err != nil {
		return nil, nil, fmt.Errorf("starting %s: %w", c.Name, err)
	}
	if cmd.Stdout == nil {
		cmd.Stdout = log
	}
	if cmd.Stderr == nil {
		cmd.Stderr = log
	}
	return cmd, func() { _ = log.Close() }, nil // the child has its own descriptor of it
}

func openLog(file string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

// ended takes note of a life that is over: unless it was replaced, the process is.
func (p *Process) ended(r *run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current != r {
		return
	}
	if !p.stopping {
		p.err = p.endedByItself(r.err)
	}
	close(p.done)
}

func (p *Process) endedByItself(err error) error {
	if err == nil {
		err = errors.New("exit status 0")
	}
	if p.command.Log == "" {
		return fmt.Errorf("%s ended by itself: %w", p.command.Name, err)
	}
	return fmt.Errorf("%s ended by itself: %w; its log is %s", p.command.Name, err, p.command.Log)
}

// PID returns the process id of its present life.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current.pid
}

// Done is closed when the process has ended, by itself or stopped.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err tells, after Done, why the process ended by itself; it is nil if it was stopped.
func (p *Process) Err() error { return p.err }

// succeeded tells, after Done, whether it exited with status 0.
func (p *Process) succeeded() bool {
	<-p.done
	return p.current.err == nil
}

// Signal sends a signal to the process and all of its group, such as SIGSTOP.
func (p *Process) Signal(signal syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current.signal(signal)
}

// Stop asks the process to end, kills it after its grace time, and returns when nothing of it is left. Stopping one that
// has ended does nothing.
func (p *Process) Stop() error {
	p.mu.Lock()
	p.stopping = true
	r := p.current
	p.mu.Unlock()

	r.signal(p.command.StopSignal)
	grace := time.NewTimer(p.command.Grace)
	defer grace.Stop()
	select {
	case <-p.done:
		return nil
	case <-grace.C:
	}
	r.signal(syscall.SIGKILL)
	<-p.done
	return nil
}

// Replace kills the process without warning, as a machine does that loses power, and starts it anew; to those who watch
// it, it has not ended. An error leaves it ended.
func (p *Process) Replace() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.current
	select {
	case <-old.ended:
		return fmt.Errorf("replacing %s: it has ended", p.command.Name)
	default:
	}
	if p.stopping {
		return fmt.Errorf("replacing %s: it is being stopped", p.command.Name)
	}
	p.current = nil
	old.signal(syscall.SIGKILL)
	<-old.ended
	next, err := p.start()
	if err != nil {
		p.current, p.err = old, err
		close(p.done)
		return err
	}
	p.current = next
	return nil
}

// signal reaches the whole group; that it is gone already is no error.
func (r *run) signal(signal syscall.Signal) { _ = syscall.Kill(-r.pid, signal) }
