package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// databaseName is the database and the superuser of a private cluster.
const databaseName = "perennial"

// invalidAuthorization is the class of SQLSTATE codes by which a server refuses a user or a password.
const invalidAuthorization = "28"

// ClusterOptions say which PostgreSQL cluster to run.
type ClusterOptions struct {
	// Folder holds the cluster: its data, its password and its log. It is made if it is missing, and used again if not.
	Folder string

	// Port on 127.0.0.1. Defaults to the one that the folder's cluster had last, where that is free, and else to a free one.
	Port int

	// Throwaway gives up durability for speed: for tests.
	Throwaway bool

	// Places are where the server's binaries are looked for. Defaults to UsualPlaces().
	Places *Search
}

// Cluster is a private PostgreSQL server: it listens on 127.0.0.1 only, asks for a password that only its folder holds,
// never runs as root, and dies with us. It is a [Part].
type Cluster struct {
	*Process
	port     int
	password string
	lock     *os.File
}

// StartCluster makes the cluster if need be, starts it and returns when it answers.
func StartCluster(ctx context.Context, o ClusterOptions) (*Cluster, error) {
	places := UsualPlaces()
	if o.Places != nil {
		places = *o.Places
	}
	home, err := openClusterHome(o.Folder)
	if err != nil {
		return nil, err
	}
	defer home.close()
	held, err := lock(filepath.Join(o.Folder, "lock"), false)
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("the database in %s is in use by another starter: stop that one first", o.Folder)
	}
	if err != nil {
		return nil, err
	}
	c, err := home.start(ctx, o, places)
	if err != nil {
		_ = held.Close() // nothing runs that needs the lock
		return nil, err
	}
	c.lock = held
	return c, nil
}

// Stop shuts the cluster down in order and releases its folder.
func (c *Cluster) Stop() error {
	err := c.Process.Stop()
	if closing := c.lock.Close(); !errors.Is(closing, os.ErrClosed) {
		err = errors.Join(err, closing)
	}
	return err
}

// URL returns the DATABASE_URL of the cluster's own database.
func (c *Cluster) URL() string { return c.DatabaseURL(databaseName) }

// DatabaseURL returns the DATABASE_URL of any database of the cluster.
func (c *Cluster) DatabaseURL(database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(databaseName, c.password),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// start makes the data if it is missing, and tries ports until the server has one.
func (h *clusterHome) start(ctx context.Context, o ClusterOptions, places Search) (*Cluster, error) {
	major, err := h.major()
	if err != nil {
		return nil, err
	}
	binaries, err := findInstallation(ctx, places, major)
	if err != nil {
		return nil, err
	}
	if major == 0 {
		if err := h.initialize(binaries, o.Throwaway); err != nil {
			return nil, err
		}
	}
	password, err := os.ReadFile(h.path("password"))
	if err != nil {
		return nil, fmt.Errorf("reading the database's password: %w", err)
	}
	if err := h.clearOrphan(ctx); err != nil {
		return nil, err
	}
	c := &Cluster{port: o.Port, password: strings.TrimSpace(string(password))}
	if o.Port != 0 {
		if err := CheckPort(net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port))); err != nil {
			return nil, err
		}
		return c, h.launch(ctx, c, binaries, o.Throwaway)
	}
	c.port = h.formerPort()
	// Between finding a free port and listening on it another program may take it.
	for range 5 {
		if c.port == 0 {
			if c.port, err = FreePort(); err != nil {
				return nil, err
			}
		}
		if err = h.launch(ctx, c, binaries, o.Throwaway); err == nil {
			return c, h.keepPort(c)
		}
		if CheckPort(net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port))) == nil {
			break // that was not why
		}
		c.port = 0
	}
	return c, err
}

// launch starts the server on the cluster's port and returns when its database can be used.
func (h *clusterHome) launch(ctx context.Context, c *Cluster, binaries installation, throwaway bool) error {
	settings := []string{
		"listen_addresses=127.0.0.1",
		"port=" + strconv.Itoa(c.port),
		"unix_socket_directories=",
		"max_connections=200",
		"autovacuum_naptime=5", // tables begin empty and grow within seconds: until they are analyzed, plans are made for empty ones
		"timezone=UTC",
		"log_timezone=UTC",
	}
	if throwaway {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_senders=0", "wal_level=minimal")
	}
	args := []string{"-D", h.inside("data")}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	server := h.command("PostgreSQL", filepath.Join(binaries.bin, "postgres"), args...)
	server.StopSignal = syscall.SIGINT   // ends sessions rather than wait for them
	server.DeathSignal = syscall.SIGQUIT // ends at once; the next start recovers
	server.Grace = 30 * time.Second
	process, err := server.Start()
	if err != nil {
		return err
	}
	c.Process = process
	if err := c.untilReady(ctx); err != nil {
		return errors.Join(err, process.Stop())
	}
	return nil
}

// untilReady waits until the cluster answers, then makes its database if it is missing.
func (c *Cluster) untilReady(ctx context.Context) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, c.DatabaseURL("postgres"))
		if err == nil {
			return errors.Join(c.makeDatabase(ctx, conn), conn.Close(ctx))
		}
		if refused, ok := errors.AsType[*pgconn.PgError](err); ok && strings.HasPrefix(refused.Code, invalidAuthorization) {
			return fmt.Errorf("connecting to PostgreSQL: %w", err)
		}
		select {
		case <-tick.C:
		case <-c.Done():
			return fmt.Errorf("%w: %s", c.Err(), lastLine(c.command.Log))
		case <-ctx.Done():
			return fmt.Errorf("waiting for PostgreSQL: %w", errors.Join(context.Cause(ctx), err))
		}
	}
}

func (c *Cluster) makeDatabase(ctx context.Context, conn *pgx.Conn) error {
	var exists bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", databaseName).Scan(&exists); err != nil {
		return fmt.Errorf("looking for database %s: %w", databaseName, err)
	}
	if exists {
		return nil
	}
	if _, err := conn.Exec(ctx, "create database "+databaseName); err != nil {
		return fmt.Errorf("making database %s: %w", databaseName, err)
	}
	return nil
}
