package store

import (
	"context"
	"time"

	"perennial/store/db"
)

// complaint is one that was opened, or what an event says was resolved.
type complaint struct {
	event, customer string
	name            string // its number where the business numbers its complaints; of a resolution also the event that opened it, or empty for all
	at              time.Time
}

// complaint reads what both events say.
func (r *dataReader) complaint(e Event) *complaint {
	c := complaint{event: e.ID, customer: e.Customer, at: e.At}
	r.may("complaint_id", "the complaint's number", (*text)(&c.name))
	return &c
}

// applyComplaints stores what was opened and what was resolved. Which complaints are open is worked out when the profile is read, so that a
// resolution may come before what it resolves.
func applyComplaints(ctx context.Context, q *db.Queries, changes []change) error {
	var opened db.InsertComplaintsParams
	var resolved db.InsertComplaintResolutionsParams
	for _, c := range changes {
		if o := c.complaint; o != nil {
			opened.Events = append(opened.Events, o.event)
			opened.Customers = append(opened.Customers, o.customer)
			opened.Numbers = append(opened.Numbers, o.name)
			opened.Ats = append(opened.Ats, o.at)
		}
		if r := c.resolved; r != nil {
			resolved.Events = append(resolved.Events, r.event)
			resolved.Customers = append(resolved.Customers, r.customer)
			resolved.Complaints = append(resolved.Complaints, r.name)
			resolved.Ats = append(resolved.Ats, r.at)
		}
	}
	if len(opened.Events) > 0 {
		if err := q.InsertComplaints(ctx, opened); err != nil {
			return wrap(err, "store %d complaints", len(opened.Events))
		}
	}
	if len(resolved.Events) > 0 {
		if err := q.InsertComplaintResolutions(ctx, resolved); err != nil {
			return wrap(err, "store %d resolutions of complaints", len(resolved.Events))
		}
	}
	return nil
}
