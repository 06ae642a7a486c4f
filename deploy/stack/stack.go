package stack

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Options say what a machine's stack stands on. The zero value is a stack of the clone that we are in, on free ports.
type Options struct {
	// Root is the clone of Perennial. Defaults to the one that holds the working directory.
	Root string

	// State is the folder for data, logs and built programs. Defaults to .state in the clone.
	State string

	// DatabaseURL is a PostgreSQL database to use. Defaults to a private cluster in the state folder.
	DatabaseURL string

	// TemporalAddress is the frontend of a Temporal to use. Defaults to a dev server.
	TemporalAddress string

	// TemporalListen and TemporalUIListen are where the dev server listens. Default to free ports of 127.0.0.1.
	TemporalListen, TemporalUIListen string

	// TemporalOnPostgreSQL keeps the dev server's data beside our own database, in two others of the same server. Defaults to a SQLite file.
	TemporalOnPostgreSQL bool

	// Throwaway keeps Temporal in memory and the database without durability. Defaults to keeping everything.
	Throwaway bool

	// Progress takes a sentence where something takes minutes. Defaults to nowhere.
	Progress io.Writer
}

// Stack is a machine's database and Temporal, and a group to which the other parts are added: they start after these
// two and stop before them.
type Stack struct {
	*Group

	// State is the folder for data and logs.
	State string

	// DatabaseURL and TemporalAddress are where the parts connect to.
	DatabaseURL, TemporalAddress string

	// TemporalUI is the URL of our dev server's UI; it is empty where another Temporal is used.
	TemporalUI string
}

// Start starts what the options don't replace. After an error nothing is left running.
func Start(ctx context.Context, o Options) (*Stack, error) {
	if o.Root == "" {
		root, err := Here()
		if err != nil {
			return nil, err
		}
		o.Root = root
	}
	if o.State == "" {
		o.State = filepath.Join(o.Root, ".state")
	}
	s := &Stack{Group: NewGroup(ctx), State: o.State, DatabaseURL: o.DatabaseURL, TemporalAddress: o.TemporalAddress}
	for _, start := range []func(Options) error{s.startDatabase, s.startTemporal} {
		if err := start(o); err != nil {
			return nil, errors.Join(err, s.Stop())
		}
	}
	return s, nil
}

// LogFile is where a part called name writes its log.
func (s *Stack) LogFile(name string) string { return filepath.Join(s.State, "log", name+".log") }

func (s *Stack) startDatabase(o Options) error {
	if o.DatabaseURL != "" {
		return nil
	}
	cluster, err := StartCluster(s.Context(), ClusterOptions{Folder: filepath.Join(o.State, "postgres"), Throwaway: o.Throwaway})
	if err != nil {
		return err
	}
	s.Add("PostgreSQL", cluster)
	s.DatabaseURL = cluster.URL()
	return nil
}

func (s *Stack) startTemporal(o Options) error {
	if o.TemporalAddress != "" {
		return nil
	}
	settings := DevserverOptions{
		Root: o.Root, Frontend: o.TemporalListen, UI: o.TemporalUIListen, Log: s.LogFile("temporal"), Progress: o.Progress,
	}
	switch {
	case o.TemporalOnPostgreSQL:
		settings.PostgreSQL = s.DatabaseURL
	case !o.Throwaway:
		settings.Database = filepath.Join(o.State, "temporal", "temporal.db")
	}
	devserver, err := StartDevserver(s.Context(), settings)
	if err != nil {
		return err
	}
	s.Add("Temporal", devserver)
	s.TemporalAddress, s.TemporalUI = devserver.Frontend, devserver.UI
	return nil
}

// Here returns the clone that we are in: it looks around the working directory, then around our own program, which `make build` puts into the clone.
func Here() (string, error) {
	root, err := Root(".")
	if err == nil {
		return root, nil
	}
	program, programErr := os.Executable()
	if programErr != nil {
		return "", err
	}
	if root, programErr = Root(filepath.Dir(program)); programErr != nil {
		return "", err
	}
	return root, nil
}
