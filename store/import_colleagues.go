package store

import (
	"cmp"
	"context"
	"time"

	"perennial/domain/customer"
	"perennial/store/db"
)

// ColleagueRow is a colleague as a file has it. What is empty says nothing: what is stored stays.
type ColleagueRow struct {
	Line      int64 // unique in an import
	ID        string
	Name      string
	Language  string
	Zone      string // must be there where the colleague is new
	Country   string
	Channels  []customer.Channel // slack and email, the best first
	Addresses map[customer.Channel]string
	Hours     string // as customer.Windows writes it
	Deputy    string // need not be known
}

// AbsenceRow is days on which a colleague is not at work, both included. Only the dates count.
type AbsenceRow struct {
	Colleague string
	From, To  time.Time
}

// Colleagues takes in a batch of colleagues, and answers in their order; at is now, by the stack's clock. One who comes twice in one import is
// rejected the second time. Touches that are held for a colleague are looked at again. Colleagues are few: nothing is staged.
func (i *Import) Colleagues(ctx context.Context, rows []ColleagueRow, at time.Time) ([]Verdict, error) {
	var verdicts []Verdict
	err := i.batch(ctx, func(q *db.Queries) (err error) {
		ids := make([]string, len(rows))
		for n, r := range rows {
			ids[n] = r.ID
		}
		known, err := knownColleagues(ctx, q, ids)
		if err != nil {
			return err
		}
		if verdicts, err = judgeColleagues(ctx, q, rows, ids, known); err != nil {
			return err
		}
		return mergeEach(ctx, q, verdicts, at, func(n int) (bool, error) { return mergeColleague(ctx, q, rows[n], known[ids[n]], at) })
	})
	return verdicts, wrap(err, "import %d colleagues", len(rows))
}

// Absences takes in a batch of absences, likewise. The same days of a colleague twice are one absence.
func (i *Import) Absences(ctx context.Context, rows []AbsenceRow, at time.Time) ([]Verdict, error) {
	verdicts := make([]Verdict, len(rows))
	err := i.batch(ctx, func(q *db.Queries) error {
		ids := make([]string, len(rows))
		for n, r := range rows {
			ids[n] = r.Colleague
		}
		known, err := knownColleagues(ctx, q, ids)
		if err != nil {
			return err
		}
		for n, r := range rows {
			if !known[r.Colleague] {
				verdicts[n] = reject("colleague", "there is no such colleague; import colleagues first")
			}
		}
		return mergeEach(ctx, q, verdicts, at, func(n int) (bool, error) {
			added, err := q.AddAbsence(ctx, rows[n].Colleague, rows[n].From, rows[n].To)
			return added > 0, err
		})
	})
	return verdicts, wrap(err, "import %d absences", len(rows))
}

// mergeEach merges the rows that were not rejected, one after the other. Where that changed something, those who wait for a colleague are told.
func mergeEach(ctx context.Context, q *db.Queries, verdicts []Verdict, at time.Time, merge func(n int) (bool, error)) (err error) {
	changed := false
	for n := range verdicts {
		if verdicts[n].Reject != nil {
			continue
		}
		if verdicts[n].Stored, err = merge(n); err != nil {
			return err
		}
		changed = changed || verdicts[n].Stored
	}
	if !changed {
		return nil
	}
	return q.TellOfColleagues(ctx, at)
}

// judgeColleagues rejects the rows that can't be taken, whatever they say.
func judgeColleagues(ctx context.Context, q *db.Queries, rows []ColleagueRow, ids []string, known map[string]bool) ([]Verdict, error) {
	lines := make([]int64, len(rows))
	for n, r := range rows {
		lines[n] = r.Line
	}
	ordinals, first, err := seen(ctx, q, ids, lines)
	if err != nil {
		return nil, err
	}
	verdicts := make([]Verdict, len(rows))
	for n, r := range rows {
		switch {
		case ordinals[n] > 1:
			verdicts[n] = reject("id", "the colleague is on line %d already", first[n])
		case r.Deputy == r.ID:
			verdicts[n] = reject("deputy", "nobody stands in for themselves; name another colleague")
		case !known[r.ID] && r.Zone == "":
			verdicts[n] = reject("zone", "it is empty; a new colleague needs a time zone such as Europe/Paris")
		}
	}
	return verdicts, nil
}

func knownColleagues(ctx context.Context, q *db.Queries, ids []string) (map[string]bool, error) {
	rows, err := q.KnownColleagues(ctx, ids)
	known := make(map[string]bool, len(rows))
	for _, id := range rows {
		known[id] = true
	}
	return known, err
}

// mergeColleague merges one colleague, and answers whether that changed anything.
func mergeColleague(ctx context.Context, q *db.Queries, r ColleagueRow, known bool, at time.Time) (changed bool, err error) {
	var n int64 = 1
	if known {
		n, err = q.UpdateColleague(ctx, db.UpdateColleagueParams{
			ID: r.ID, Name: orNull(r.Name), Language: orNull(r.Language), Zone: orNull(r.Zone), Country: orNull(r.Country),
			Channels: words(r.Channels), WorkingHours: orNull(r.Hours), Deputy: orNull(r.Deputy), At: at,
		})
	} else {
		err = q.InsertColleague(ctx, db.InsertColleagueParams{
			ID: r.ID, Name: r.Name, Language: cmp.Or(r.Language, "en"), Zone: r.Zone, Country: r.Country,
			Channels: orEmpty(words(r.Channels)), WorkingHours: r.Hours, Deputy: r.Deputy, At: at,
		})
	}
	if err != nil {
		return false, err
	}
	for _, channel := range customer.Channels {
		value := r.Addresses[channel]
		if value == "" {
			continue
		}
		addressed, err := q.MergeColleagueAddress(ctx, r.ID, string(channel), value)
		if err != nil {
			return false, err
		}
		n += addressed
	}
	return n > 0, nil
}
