package stack

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// clusterHome is the folder of a cluster: data/, password, port, log, lock.
//
// When we are root, the server runs as another user, and the folder may lie where that user can't go: a clone under
// /root, a test's folder. Its parents stay closed and the server gets no capability: the folder, which belongs to it, is
// handed over as an open file, and on Linux /proc/self/fd leads a process from that into the folder.
type clusterHome struct {
	folder string
	owner  *owner
	handle *os.File // the folder, open for handing over; nil where the server goes by path
}

func openClusterHome(folder string) (*clusterHome, error) {
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("the database's folder: %w", err)
	}
	owner, err := databaseOwner()
	if err != nil {
		return nil, err
	}
	h := &clusterHome{folder: absolute, owner: owner}
	if err := os.MkdirAll(h.folder, 0o700); err != nil {
		return nil, fmt.Errorf("making the database's folder: %w", err)
	}
	if err := owner.take(h.folder); err != nil {
		return nil, fmt.Errorf("giving the database's folder to the server: %w", err)
	}
	if owner == nil || runtime.GOOS != "linux" {
		return h, nil
	}
	if h.handle, err = os.Open(h.folder); err != nil {
		return nil, fmt.Errorf("opening the database's folder: %w", err)
	}
	return h, nil
}

func (h *clusterHome) close() {
	if h.handle != nil {
		_ = h.handle.Close() // children have their own
	}
}

// path is where we find a file of the folder.
func (h *clusterHome) path(name string) string { return filepath.Join(h.folder, name) }

// inside is where the server finds it.
func (h *clusterHome) inside(name string) string {
	if h.handle == nil {
		return h.path(name)
	}
	return "/proc/self/fd/3/" + name
}

// command is a program of PostgreSQL that works on the folder. Of our environment it gets only what it needs: PGDATA and
// the like would lead it elsewhere.
func (h *clusterHome) command(name, path string, args ...string) Command {
	c := Command{
		Name:  name,
		Path:  path,
		Args:  args,
		Env:   []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"},
		Dir:   "/",
		Log:   h.path("log"),
		owner: h.owner,
	}
	if h.handle != nil {
		c.files = []*os.File{h.handle}
	}
	return c
}

// major returns the version that made the data, or 0 if there is none yet.
func (h *clusterHome) major() (int, error) {
	text, err := os.ReadFile(h.path("data/PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading the database's version: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("reading the database's version: %w", err)
	}
	return major, nil
}

// formerPort is the port that the cluster had last, so that whoever knows it finds the cluster again; 0 where that is not known, or taken.
func (h *clusterHome) formerPort() int {
	text, err := os.ReadFile(h.path("port"))
	if err != nil {
		return 0
	}
	port, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || CheckPort(net.JoinHostPort("127.0.0.1", strconv.Itoa(port))) != nil {
		return 0
	}
	return port
}

// keepPort notes the port of a cluster for the next time. After an error the cluster is stopped.
func (h *clusterHome) keepPort(c *Cluster) error {
	if err := os.WriteFile(h.path("port"), []byte(strconv.Itoa(c.port)+"\n"), 0o600); err != nil {
		return errors.Join(fmt.Errorf("noting the database's port: %w", err), c.Process.Stop())
	}
	return nil
}

// initialize makes the data under another name and moves it into place when it is whole: an initialization that was
// killed half-way leaves nothing that the next start would take for a cluster.
func (h *clusterHome) initialize(binaries installation, throwaway bool) error {
	if err := os.RemoveAll(h.path("data.new")); err != nil {
		return fmt.Errorf("removing an unfinished database: %w", err)
	}
	if err := os.WriteFile(h.path("password"), []byte(rand.Text()+"\n"), 0o600); err != nil {
		return fmt.Errorf("writing the database's password: %w", err)
	}
	if err := h.owner.take(h.path("password")); err != nil {
		return fmt.Errorf("writing the database's password: %w", err)
	}
	args := []string{
		"--pgdata=" + h.inside("data.new"), "--username=" + databaseName, "--pwfile=" + h.inside("password"),
		"--auth=scram-sha-256", "--encoding=UTF8", "--no-locale",
	}
	if throwaway {
		args = append(args, "--no-sync")
	}
	initdb, err := h.command("initdb", filepath.Join(binaries.bin, "initdb"), args...).Start()
	if err != nil {
		return err
	}
	<-initdb.Done()
	if !initdb.succeeded() {
		return fmt.Errorf("making the database: %w: %s", initdb.Err(), lastLine(h.path("log")))
	}
	if err := os.Rename(h.path("data.new"), h.path("data")); err != nil {
		return fmt.Errorf("putting the new database in place: %w", err)
	}
	return nil
}

// clearOrphan ends a server that outlived whoever started it, and removes the note of one that was killed: its process
// id may belong to anybody by now, and the next server would take that for itself. Nobody else uses the folder: we hold
// its lock.
func (h *clusterHome) clearOrphan(ctx context.Context) error {
	note := h.path("data/postmaster.pid")
	text, err := os.ReadFile(note)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the note of a former server: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 || runtime.GOOS != "linux" {
		return nil // the next server judges it
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for h.serves(pid) {
		if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("ending a former server, process %d: %w", pid, err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting for a former server, process %d, to end: %w", pid, context.Cause(ctx))
		}
	}
	if err := os.Remove(note); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the note of a former server: %w", err)
	}
	return nil
}

// serves says whether a process is the server of this folder: a server works inside its data.
func (h *clusterHome) serves(pid int) bool {
	at, err := os.Stat("/proc/" + strconv.Itoa(pid) + "/cwd")
	if err != nil {
		return false
	}
	data, err := os.Stat(h.path("data"))
	return err == nil && os.SameFile(at, data)
}
