package stacktest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"perennial/deploy/stack"
)

// The package has a variable because the cluster must outlive the test that asks first, and package testing has nothing
// that lives as long as the test binary.
var postgres = sync.OnceValues(startPostgres)

// cluster is the test binary's PostgreSQL.
type cluster struct {
	*stack.Cluster
	databases atomic.Int64

	// alive is open for as long as we live: were it collected as garbage, the sweeper would sweep.
	alive io.Closer
}

// Postgres returns the DATABASE_URL of a new, empty database that is dropped after the test. Its user is a superuser.
func Postgres(tb testing.TB) string {
	tb.Helper()
	c, err := postgres()
	if err != nil {
		tb.Fatalf("PostgreSQL for tests: %v", err)
	}
	name := "test" + strconv.FormatInt(c.databases.Add(1), 10)
	if err := c.run(tb.Context(), "create database "+name); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.run(context.WithoutCancel(tb.Context()), "drop database "+name+" with (force)"); err != nil {
			tb.Error(err)
		}
	})
	return c.DatabaseURL(name)
}

func (c *cluster) run(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, c.DatabaseURL("postgres"))
	if err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	_, err = conn.Exec(ctx, statement)
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func startPostgres() (*cluster, error) {
	folder, err := os.MkdirTemp("", "perennial-test-")
	if err != nil {
		return nil, err
	}
	alive, err := removeAfterUs(folder)
	if err != nil {
		return nil, err
	}
	c, err := stack.StartCluster(context.Background(), stack.ClusterOptions{Folder: filepath.Join(folder, "postgres"), Throwaway: true})
	if err != nil {
		return nil, err
	}
	return &cluster{Cluster: c, alive: alive}, nil
}

// removeAfterUs starts a shell that waits until our process is dead, which ends its standard input, then ends a server
// that is left, where the system has not done that, and removes the folder. The result stands for our life.
func removeAfterUs(folder string) (io.Closer, error) {
	const script = `cat >/dev/null
kill -QUIT "$(head -n 1 "$1/postgres/data/postmaster.pid" 2>/dev/null)" 2>/dev/null
for try in 1 2 3 4 5 6 7 8 9; do rm -rf "$1" && exit; sleep 0.1; done`
	sweeper := exec.Command("sh", "-c", script, "sh", folder)
	sweeper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // out of reach of a Ctrl-C
	alive, err := sweeper.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("arranging to remove %s: %w", folder, err)
	}
	if err := sweeper.Start(); err != nil {
		return nil, fmt.Errorf("arranging to remove %s: %w", folder, err)
	}
	return alive, nil
}
