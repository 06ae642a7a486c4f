package chaos

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"time"

	"perennial/deploy/stack"
)

// victim is a process, or several that are one, that can be broken and comes back.
type victim interface {
	// strike breaks it and returns when it runs again, or when ctx ends.
	strike(ctx context.Context, b Blow) error
}

// restart is how long a process that ended by itself stays down: what starts processes anew does not do so at once.
const restart = 500 * time.Millisecond

// process is a victim that is one process. Whenever it ends it is started again, as it would be by what looks after it.
type process struct {
	command stack.Command
	say     func(format string, values ...any)

	mu      sync.Mutex
	current *stack.Process
	until   time.Time     // it stays down until then
	started chan struct{} // closed at the next start
}

// begin starts it and looks after it until ctx ends, when it is stopped; wait is done then.
func begin(ctx context.Context, wait *sync.WaitGroup, command stack.Command, say func(string, ...any)) (*process, error) {
	first, err := command.Start()
	if err != nil {
		return nil, err
	}
	p := &process{command: command, say: say, current: first, started: make(chan struct{})}
	wait.Go(func() { p.lookAfter(ctx) })
	return p, nil
}

func (p *process) lookAfter(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-p.current.Done(): // only we replace it
		case <-ctx.Done():
			continue
		}
		p.startAgain(ctx)
	}
	_ = p.current.Stop() // a process that does not stop is killed
}

func (p *process) startAgain(ctx context.Context) {
	p.mu.Lock()
	pause := time.Until(p.until)
	p.mu.Unlock()
	if pause <= 0 {
		pause = restart
		why, _, _ := strings.Cut(p.current.Err().Error(), ";") // the rest says where its log is
		p.say("%s; it is started again", why)
	}
	for sleep(ctx, pause) == nil {
		next, err := p.command.Start()
		if err != nil {
			p.say("%v", err)
			pause = restart
			continue
		}
		p.mu.Lock()
		p.current = next
		close(p.started)
		p.started = make(chan struct{})
		p.mu.Unlock()
		return
	}
}

func (p *process) strike(ctx context.Context, b Blow) error {
	p.mu.Lock()
	running, started := p.current, p.started
	if b.How == Kill {
		p.until = time.Now().Add(b.For)
	}
	p.mu.Unlock()
	select {
	case <-running.Done():
		return errors.New("it was down already")
	default:
	}
	if b.How == Stop {
		running.Signal(syscall.SIGSTOP)
		err := sleep(ctx, b.For)
		running.Signal(syscall.SIGCONT)
		return err
	}
	running.Signal(syscall.SIGKILL)
	select {
	case <-started:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// postgres is a victim that is a database's server with all of its processes.
type postgres struct {
	options stack.ClusterOptions
	cluster *stack.Cluster
}

// startPostgres starts a database of which nothing that was committed is lost, whatever happens to it. It always listens on the same port.
func startPostgres(ctx context.Context, folder string) (*postgres, error) {
	port, err := stack.FreePort()
	if err != nil {
		return nil, err
	}
	p := &postgres{options: stack.ClusterOptions{Folder: folder, Port: port}}
	if p.cluster, err = stack.StartCluster(ctx, p.options); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *postgres) strike(ctx context.Context, b Blow) error {
	signal := syscall.SIGKILL // of the postmaster: its children notice and end
	if b.How == Immediate {
		signal = syscall.SIGQUIT
	}
	p.cluster.Signal(signal)
	<-p.cluster.Done()
	if err := p.cluster.Stop(); err != nil { // lets go of the folder
		return err
	}
	if err := sleep(ctx, b.For); err != nil {
		return err
	}
	for {
		// Until the last child of a postmaster that was killed has noticed, no new one starts.
		next, err := stack.StartCluster(ctx, p.options)
		if err == nil {
			p.cluster = next
			return nil
		}
		if sleep(ctx, restart) != nil {
			return fmt.Errorf("start PostgreSQL again: %w", err)
		}
	}
}

// sleep waits, unless ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
