package chaos

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"perennial/demo"
)

// personal is whatever belongs to the customers and colleagues of a run: their names and addresses look like nothing else.
var personal = regexp.MustCompile(`(?i)zephyr|quambleton|quillon|vexmoor|@chaos\.example|%40chaos\.example|1(201|202|203|205)5550[1-4]\d\d|well on its way|reply with a number|please don't stop`)

func isPersonal(text string) bool { return personal.MatchString(text) }

// texts is what must stand in no history, by customer.
func texts(all map[string]*person) map[string][]string {
	found := map[string][]string{}
	for id, p := range all {
		found[id] = append(found[id], p.name, colleagueName, colleagueAddress, "well on its way", "Reply with a number", "something you may like")
		for _, address := range p.addresses {
			found[id] = append(found[id], address)
		}
	}
	return found
}

// readHistories reads what Temporal remembers of all runs.
func (w *world) readHistories(ctx context.Context, e *evidence) error {
	h, err := demo.ReadHistories(ctx, w.temporal)
	if err != nil {
		return err
	}
	e.open, e.runs, e.failedTasks, e.inHistories = h.Open(), h.Runs(), h.FailedTasks(), h.Holding(texts(e.people))
	return nil
}

// readLogs looks for personal data in every log, the database's too.
func (w *world) readLogs(e *evidence) error {
	files, err := filepath.Glob(filepath.Join(w.State, "log", "*.log"))
	if err != nil {
		return err
	}
	for _, file := range append(files, filepath.Join(w.State, "postgres", "log")) {
		if err := readLog(file, e); err != nil {
			return fmt.Errorf("look for personal data in a log: %w", err)
		}
	}
	return nil
}

func readLog(file string, e *evidence) error {
	log, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // it was only read
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 16<<20)
	for n := 1; lines.Scan(); n++ {
		e.logLines++
		if personal.Match(lines.Bytes()) {
			e.inLogs = append(e.inLogs, fmt.Sprintf("%s, line %d", filepath.Base(file), n))
		}
	}
	return lines.Err()
}
