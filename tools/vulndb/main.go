// Command vulndb lays out Go's vulnerability database as govulncheck reads it from a folder. It takes the reports from the module that they are kept
// in, for machines that reach Go modules and not the database itself.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// report is what the index says of one, of which the folder has the whole.
type report struct {
	ID       string    `json:"id"`
	Modified time.Time `json:"modified"`
	Affected []struct {
		Package struct {
			Name string `json:"name"`
		} `json:"package"`
	} `json:"affected"`
}

// module is what the index says of a module.
type module struct {
	Path  string `json:"path"`
	Vulns []vuln `json:"vulns"`
}

type vuln struct {
	ID       string    `json:"id"`
	Modified time.Time `json:"modified"`
}

func main() {
	if len(os.Args) != 3 {
		fail(errors.New("usage: vulndb REPORTS DATABASE"))
	}
	if err := layOut(os.Args[1], os.Args[2]); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "vulndb:", err)
	os.Exit(1)
}

// layOut reads all reports of a folder and writes the database into another.
func layOut(reports, database string) error {
	files, err := filepath.Glob(filepath.Join(reports, "GO-*.json"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("there are no reports in %s", reports)
	}
	var latest time.Time
	modules := map[string]*module{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var r report
		if err := json.Unmarshal(text, &r); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if r.Modified.After(latest) {
			latest = r.Modified
		}
		r.addTo(modules)
		if err := write(filepath.Join(database, "ID", r.ID+".json"), json.RawMessage(text)); err != nil {
			return err
		}
	}
	index := make([]*module, 0, len(modules))
	for _, m := range modules {
		index = append(index, m)
	}
	return errors.Join(
		write(filepath.Join(database, "index", "modules.json"), index),
		write(filepath.Join(database, "index", "db.json"), map[string]time.Time{"modified": latest}),
	)
}

// addTo adds a report to each module that it is about, once.
func (r report) addTo(modules map[string]*module) {
	seen := map[string]bool{}
	for _, a := range r.Affected {
		path := a.Package.Name
		if seen[path] {
			continue
		}
		seen[path] = true
		if modules[path] == nil {
			modules[path] = &module{Path: path}
		}
		modules[path].Vulns = append(modules[path].Vulns, vuln{r.ID, r.Modified})
	}
}

func write(file string, what any) error {
	text, err := json.Marshal(what)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}
