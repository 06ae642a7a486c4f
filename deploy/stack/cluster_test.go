package stack

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestWithoutPostgreSQLASentenceSaysWhatToInstall(t *testing.T) {
	t.Parallel()
	nowhere := Search{Path: t.TempDir(), Folders: []string{t.TempDir() + "/*/bin"}}
	_, err := StartCluster(t.Context(), ClusterOptions{Folder: t.TempDir(), Places: &nowhere})
	for _, want := range []string{"PostgreSQL is not installed", "apt-get install postgresql", "brew install postgresql@17"} {
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want one sentence with %q", err, want)
		}
	}
	if got := CheckPostgreSQL(t.Context(), nowhere); !errors.Is(got, errNoPostgreSQL) {
		t.Errorf("check: got %v", got)
	}
}

func TestTheNewestInstallationOffThePathIsTaken(t *testing.T) {
	t.Parallel()
	places := Search{Folders: []string{filepath.Join(t.TempDir(), "postgresql", "*", "bin")}}
	for _, version := range []string{"9", "17", "15"} {
		fakeInstallation(t, strings.Replace(places.Folders[0], "*", version, 1), version)
	}
	for major, want := range map[int]int{0: 17, 15: 15} {
		got, err := findInstallation(t.Context(), places, major)
		if err != nil || got.major != want {
			t.Errorf("version %d wanted: got %d, %v", major, got.major, err)
		}
	}
	if _, err := findInstallation(t.Context(), places, 16); err == nil || !strings.Contains(err.Error(), "install 16") {
		t.Errorf("a version that is missing: got %v", err)
	}
}

// A clone may lie under a home that only its owner, be it root, can enter.
func TestAClusterKeepsItsDataBehindAClosedFolder(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(closed, "clone", ".state", "postgres")

	first := startCluster(t, folder)
	query(t, first, "create table kept (id text)", "insert into kept values ('c-1')")
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	untilDead(t, first.PID())

	second := startCluster(t, folder)
	if got := query(t, second, "select id from kept"); got != "c-1" {
		t.Errorf("after a restart: got %q", got)
	}
	for setting, want := range map[string]string{
		"fsync": "on", "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "server_encoding": "UTF8", "TimeZone": "UTC",
	} {
		if got := query(t, second, "select setting from pg_settings where name = '"+setting+"'"); got != want {
			t.Errorf("%s: got %q, want %q", setting, got, want)
		}
	}
	if got := query(t, second, "select datcollate from pg_database where datname = current_database()"); got != "C" {
		t.Errorf("collation: got %q, want C", got)
	}
}

func TestAClusterAsksForItsPassword(t *testing.T) {
	t.Parallel()
	c := startCluster(t, t.TempDir())
	guess := strings.Replace(c.URL(), c.password, "guess", 1)
	conn, err := pgx.Connect(t.Context(), guess)
	if err == nil {
		t.Error("any password will do")
		_ = conn.Close(t.Context()) // the test has failed already
	}
}

func TestAClusterIsNotRunTwice(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	startCluster(t, folder)
	_, err := StartCluster(t.Context(), ClusterOptions{Folder: folder})
	if err == nil || !strings.Contains(err.Error(), "in use by another starter") {
		t.Errorf("got %v", err)
	}
}

func TestAClusterKeepsItsPortWhereItIsFree(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first := startCluster(t, folder)
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	second := startCluster(t, folder)
	if second.port != first.port {
		t.Errorf("it went from port %d to %d", first.port, second.port)
	}
	if err := second.Stop(); err != nil {
		t.Fatal(err)
	}
	taken, err := Listen(net.JoinHostPort("127.0.0.1", strconv.Itoa(first.port)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }() // the test is over
	if third := startCluster(t, folder); third.port == first.port {
		t.Errorf("it got port %d, which is taken", third.port)
	}
}

func TestAKilledClusterStartsAgain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first := startCluster(t, folder)
	query(t, first, "create table kept (id text)", "insert into kept values ('c-1')")
	first.Signal(syscall.SIGKILL)
	<-first.Done()
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	// The process id of the dead server may belong to somebody else by now, here to us.
	note := filepath.Join(folder, "data", "postmaster.pid")
	text, err := os.ReadFile(note)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n")
	if err := os.WriteFile(note, []byte(strconv.Itoa(os.Getpid())+"\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := query(t, startCluster(t, folder), "select id from kept"); got != "c-1" {
		t.Errorf("after a crash: got %q", got)
	}
}

func startCluster(t *testing.T, folder string) *Cluster {
	t.Helper()
	c, err := StartCluster(t.Context(), ClusterOptions{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// query runs statements and returns the last one's first value, if it has one.
func query(t *testing.T, c *Cluster, statements ...string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), c.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }() // all has been read
	var value string
	for _, statement := range statements {
		rows, err := conn.Query(t.Context(), statement)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			if err := rows.Scan(&value); err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return value
}

// fakeInstallation makes a folder look like an installation of PostgreSQL.
func fakeInstallation(t *testing.T, bin, version string) {
	t.Helper()
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"initdb", "postgres"} {
		if err := os.WriteFile(filepath.Join(bin, program), []byte("#!/bin/sh\necho 'postgres (PostgreSQL) "+version+".3'\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
