package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"perennial/store/db"
)

// ComplaintRow is a complaint as a file has it.
type ComplaintRow struct {
	Line     int64 // unique in an import
	Customer string
	Number   string // what it is known by; empty where the business does not number its complaints
	Content  string // a hash of customer and number, or of customer and day: without a number it is known by this and its ordinal among equal rows
	Opened   When
	Resolved When // zero while it is open
}

// Complaints takes in a batch of complaints, and answers in their order; at is now, by the stack's clock. They become the events
// "complaint.opened" and "complaint.resolved", with ids that follow from the row: the same complaint again is the same events, and one that was
// resolved meanwhile is resolved.
//
// Such events are history: they are in the profile and are counted, but are routed to no journey. They enter nobody and end nothing, however many
// years a file goes back. The contact policy sees an open complaint, and running enrollments hear of it by "profile.changed".
func (i *Import) Complaints(ctx context.Context, rows []ComplaintRow, at time.Time) ([]Verdict, error) {
	var verdicts []Verdict
	err := i.batch(ctx, func(q *db.Queries) (err error) {
		verdicts, err = i.mergeComplaints(ctx, q, rows, at)
		return err
	})
	return verdicts, wrap(err, "import %d complaints", len(rows))
}

func (i *Import) mergeComplaints(ctx context.Context, q *db.Queries, rows []ComplaintRow, at time.Time) ([]Verdict, error) {
	verdicts, events, err := i.judgeComplaints(ctx, q, rows)
	if err != nil {
		return nil, err
	}
	fresh, err := insertPastEvents(ctx, q, events, at)
	if err != nil {
		return nil, err
	}
	var changed []string
	for n := range rows {
		for _, e := range events[n] {
			if fresh[e.ID] {
				verdicts[n].Stored = true
				changed = append(changed, e.Customer)
			}
		}
	}
	return verdicts, tellOfProfiles(ctx, q, "import", changed, 0, at)
}

// insertPastEvents stores the events of each row as history, with what they change in profiles, and answers which are new.
func insertPastEvents(ctx context.Context, q *db.Queries, events [][]Event, at time.Time) (map[string]bool, error) {
	p := db.InsertPastEventsParams{At: at}
	var changes []change
	for _, row := range events {
		for _, e := range row {
			read, err := readChange(e)
			if err != nil {
				return nil, err
			}
			changes = append(changes, read)
			p.Ids = append(p.Ids, e.ID)
			p.Types = append(p.Types, e.Type)
			p.Customers = append(p.Customers, e.Customer)
			p.Ats = append(p.Ats, e.At)
			p.Data = append(p.Data, string(e.Data))
		}
	}
	ids, err := q.InsertPastEvents(ctx, p)
	if err != nil {
		return nil, err
	}
	fresh := make(map[string]bool, len(ids))
	for _, id := range ids {
		fresh[id] = true
	}
	return fresh, applyComplaints(ctx, q, changes) // those that are known stay as they are
}

// judgeComplaints rejects the complaints that can't be taken, and turns each of the others into its events.
func (i *Import) judgeComplaints(ctx context.Context, q *db.Queries, rows []ComplaintRow) ([]Verdict, [][]Event, error) {
	owners := make([]string, len(rows))
	numbers := make([]string, len(rows))
	contents := make([]string, len(rows))
	lines := make([]int64, len(rows))
	for n, r := range rows {
		owners[n], numbers[n], contents[n], lines[n] = r.Customer, r.Number, r.Content, r.Line
	}
	verdicts, standing, err := judgeOwners(ctx, q, owners)
	if err != nil {
		return nil, nil, err
	}
	ordinals, first, err := seen(ctx, q, contents, lines)
	if err != nil {
		return nil, nil, err
	}
	found, err := q.NumberedComplaints(ctx, owners, numbers)
	if err != nil {
		return nil, nil, err
	}
	type numbered struct{ customer, number string }
	known := make(map[numbered]db.NumberedComplaintsRow, len(found))
	for _, f := range found {
		known[numbered{f.Customer, f.Number}] = f
	}
	events := make([][]Event, len(rows))
	for n, r := range rows {
		if verdicts[n].Reject != nil {
			continue
		}
		if r.Number != "" && ordinals[n] > 1 {
			verdicts[n] = reject("complaint", "the complaint is on line %d already", first[n])
			continue
		}
		opened, err := i.opening(r, ordinals[n], standing[r.Customer].Zone)
		if err != nil {
			return nil, nil, err
		}
		before, isKnown := known[numbered{r.Customer, r.Number}]
		switch {
		case isKnown && before.Event != opened.ID: // it was told as it happened
			opened.ID = before.Event
		case isKnown && !before.At.Equal(opened.At):
			verdicts[n] = reject("opened_on", "this complaint is known as opened at another time")
			continue
		default:
			events[n] = append(events[n], opened)
		}
		if r.Resolved.At.IsZero() {
			continue
		}
		resolved, err := i.resolution(r, opened.ID, standing[r.Customer].Zone)
		if err != nil {
			return nil, nil, err
		}
		events[n] = append(events[n], resolved)
	}
	return verdicts, events, nil
}

func (i *Import) opening(r ComplaintRow, ordinal int64, zone string) (Event, error) {
	at, err := r.Opened.in(i.store.zones, zone)
	if err != nil {
		return Event{}, err
	}
	data := map[string]string{}
	if r.Number != "" {
		data["complaint_id"] = r.Number
	}
	encoded, err := json.Marshal(data)
	return Event{
		ID: fmt.Sprintf("import-complaint-%s-%d", r.Content, ordinal), Type: EventComplaintOpened, Customer: r.Customer, At: at, Data: encoded,
	}, err
}

func (i *Import) resolution(r ComplaintRow, opened, zone string) (Event, error) {
	at, err := r.Resolved.in(i.store.zones, zone)
	if err != nil {
		return Event{}, err
	}
	encoded, err := json.Marshal(map[string]string{"complaint": opened})
	return Event{
		ID: fmt.Sprintf("import-complaint-%s-resolved-%s", r.Content, r.Resolved), Type: EventComplaintResolved, Customer: r.Customer, At: at, Data: encoded,
	}, err
}
