package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// errNoPostgreSQL is for the person who types the command, so it says what to do.
var errNoPostgreSQL = errors.New("PostgreSQL is not installed: run `apt-get install postgresql` (Debian, Ubuntu) or `brew install postgresql@17` (macOS), or set DATABASE_URL to a server of your own")

// Search is where PostgreSQL's server binaries are looked for.
type Search struct {
	// Path is a list of folders such as the environment's PATH.
	Path string

	// Folders are patterns of further folders.
	Folders []string
}

// UsualPlaces are PATH, and the folders that Debian, Red Hat and Homebrew use without putting them there.
func UsualPlaces() Search {
	return Search{Path: os.Getenv("PATH"), Folders: []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql*/bin",
		"/usr/local/opt/postgresql*/bin",
		"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
	}}
}

// installation is one PostgreSQL on this machine.
type installation struct {
	bin   string // folder of initdb and postgres
	major int
}

// CheckPostgreSQL says in one sentence what to install if PostgreSQL's server binaries are in none of the places.
func CheckPostgreSQL(ctx context.Context, places Search) error {
	_, err := findInstallation(ctx, places, 0)
	return err
}

// findInstallation returns the first installation on the path, or the newest one elsewhere. A major version other than 0
// must match: a cluster can be run only by the version that made it.
func findInstallation(ctx context.Context, places Search, major int) (installation, error) {
	found := places.installations(ctx)
	if len(found) == 0 {
		return installation{}, errNoPostgreSQL
	}
	for _, i := range found {
		if major == 0 || i.major == major {
			return i, nil
		}
	}
	return installation{}, fmt.Errorf("the database was made by PostgreSQL %d, and only %d is installed: install %d", major, found[0].major, major)
}

// installations are those on the path in its order, then the others, newest first.
func (s Search) installations(ctx context.Context) []installation {
	onPath := installedIn(ctx, filepath.SplitList(s.Path))
	var folders []string
	for _, pattern := range s.Folders {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			continue // what is no pattern matches nothing
		}
		folders = append(folders, matches...)
	}
	others := installedIn(ctx, folders)
	slices.SortStableFunc(others, func(a, b installation) int { return cmp.Compare(b.major, a.major) })
	return append(onPath, others...)
}

func installedIn(ctx context.Context, folders []string) []installation {
	var found []installation
	for _, folder := range folders {
		i, err := installed(ctx, folder)
		if err != nil {
			continue // no PostgreSQL, or one that doesn't run here
		}
		found = append(found, i)
	}
	return found
}

// installed looks into a folder. On a path there may be links to the binaries; what belongs to them lies where they do.
func installed(ctx context.Context, folder string) (installation, error) {
	initdb, err := filepath.EvalSymlinks(filepath.Join(folder, "initdb"))
	if err != nil {
		return installation{}, err
	}
	bin := filepath.Dir(initdb)
	out, err := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		return installation{}, err
	}
	major, err := strconv.Atoi(regexp.MustCompile(`\d+`).FindString(string(out)))
	if err != nil {
		return installation{}, fmt.Errorf("version of %s: %w", bin, err)
	}
	return installation{bin: bin, major: major}, nil
}
