package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"perennial/activities"
	"perennial/domain/segment"
	"perennial/store"
)

// enrolled is who entered a journey, or would.
type enrolled struct {
	Journey  string              `json:"journey"`
	Version  int                 `json:"version"`
	AsOf     time.Time           `json:"as_of,omitzero"`
	DryRun   bool                `json:"dry_run"`
	Looked   int                 `json:"looked"`  // customers looked at
	Entered  int                 `json:"entered"` // enrollments that are new; none in a dry run
	Entrants []entrantRow        `json:"entrants"`
	Refused  map[store.Entry]int `json:"refused"`
	Unclear  []unclearRow        `json:"unclear,omitempty"`
	More     bool                `json:"more"` // there are more than the limit

	entrants []activities.Entrant
}

type entrantRow struct {
	Customer   string    `json:"customer"`
	Key        string    `json:"key,omitempty"`
	For        string    `json:"for,omitempty"`
	Star       int       `json:"star"`
	Owner      string    `json:"owner,omitempty"`
	Why        []whyItem `json:"why"`
	Enrollment int64     `json:"enrollment,omitempty"` // the new one

	because string
}

type whyItem struct {
	Fact  string `json:"fact"`
	Value string `json:"value"`
}

type unclearRow struct {
	Customer string `json:"customer"`
	Why      string `json:"why"`
}

func (e *enrolled) add(entrant activities.Entrant, why []segment.Known) {
	row := entrantRow{
		Customer: entrant.Customer.ID, Key: entrant.Key, For: entrant.For, Star: entrant.Customer.Star, Owner: entrant.Customer.Owner,
		Why: []whyItem{}, because: because(why),
	}
	for _, k := range why {
		row.Why = append(row.Why, whyItem{Fact: k.Name, Value: k.Value})
	}
	e.entrants, e.Entrants = append(e.entrants, entrant), append(e.Entrants, row)
}

func (r entrantRow) id() string { return rowID(r.Customer, r.Key) }

func rowID(customer, key string) string { return customer + "/" + key }

// write is the whole for people.
func (e *enrolled) write(p *page) {
	var rows [][]string
	for _, r := range e.Entrants {
		id := ""
		if r.Enrollment != 0 {
			id = strconv.FormatInt(r.Enrollment, 10)
		}
		rows = append(rows, []string{r.Customer, r.Key, r.For, strconv.Itoa(r.Star), r.Owner, id, r.because})
	}
	if len(rows) > 0 && (e.DryRun || len(rows) <= 50) {
		p.table("", []string{"CUSTOMER", "KEY", "FOR", "STAR", "OWNER", "ENROLLMENT", "WHY"}, rows)
		p.line("")
	}
	as := ""
	if !e.AsOf.IsZero() {
		as = ", judged as of " + e.AsOf.Format(time.DateOnly)
	}
	journey := fmt.Sprintf("%s (version %d)", e.Journey, e.Version)
	if e.DryRun {
		p.line("%d would enter %s, of %s looked at%s. Nobody entered: this was a dry run.", len(e.Entrants), journey, count(int64(e.Looked), "customer", "customers"), as)
	} else {
		p.line("%d entered %s, of %s looked at%s.", e.Entered, journey, count(int64(e.Looked), "customer", "customers"), as)
	}
	e.writeOthers(p)
}

// writeOthers says who does not enter, and why.
func (e *enrolled) writeOthers(p *page) {
	var refused []string
	for _, reason := range []struct {
		entry store.Entry
		words string
	}{
		{store.StillRunning, "in it now"}, {store.NotAgain, "in it before, and not again"}, {store.EnteredBefore, "let in already, for the same date or by hand today"},
	} {
		if n := e.Refused[reason.entry]; n > 0 {
			refused = append(refused, fmt.Sprintf("%d %s", n, reason.words))
		}
	}
	if len(refused) > 0 {
		p.line("Kept out by the journey's rule of entering again: %s.", strings.Join(refused, ", "))
	}
	if n := e.Refused[store.HasLeft]; n > 0 {
		p.line("%s left, closed or erased, and %s in no journey any more.", count(int64(n), "customer has", "customers have"), map[bool]string{true: "is", false: "are"}[n == 1])
	}
	if n := e.Refused[activities.NoLonger]; n > 0 {
		p.line("%s did something meanwhile by which the rule does not let them in any more.", count(int64(n), "customer", "customers"))
	}
	if e.More {
		p.line("There are more: raise --limit.")
	}
	if len(e.Unclear) == 0 {
		return
	}
	const most = 5
	p.line("%s could not be judged and does not enter:", count(int64(len(e.Unclear)), "customer", "customers"))
	for _, u := range e.Unclear[:min(most, len(e.Unclear))] {
		p.line("  %s: %s", u.Customer, u.Why)
	}
}

// newBar is a bar that counts.
func newBar(to io.Writer, what string, total int64) *progressbar.ProgressBar {
	return progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(to), progressbar.OptionSetDescription(what), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
		progressbar.OptionSetPredictTime(total > 0), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
	)
}
