package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"perennial/domain/colleague"
	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/store/db"
)

// forgotten is how many days after its end an absence is not read any more: it is over in every zone by then.
const forgotten = 2

// StandIns returns a colleague and whoever may stand in for them, by id: one statement, one round trip. It is empty where there is no such
// colleague. Of absences it holds those that have not ended by now.
func (s session) StandIns(ctx context.Context, id string, now time.Time) (colleague.Colleagues, error) {
	rows, err := s.q.StandIns(ctx, now.UTC().AddDate(0, 0, -forgotten), id)
	if err != nil {
		return nil, wrap(err, "read colleague %s", id)
	}
	all := make(colleague.Colleagues, len(rows))
	for _, row := range rows {
		c, err := s.colleague(db.ColleaguesRow(row))
		if err != nil {
			return nil, err
		}
		all[c.ID] = c
	}
	return all, nil
}

// Colleagues returns all colleagues, in order of id. Of absences it holds those that have not ended by now.
func (s session) Colleagues(ctx context.Context, now time.Time) ([]colleague.Colleague, error) {
	rows, err := s.q.Colleagues(ctx, now.UTC().AddDate(0, 0, -forgotten))
	if err != nil {
		return nil, wrap(err, "list colleagues")
	}
	all := make([]colleague.Colleague, len(rows))
	for n, row := range rows {
		if all[n], err = s.colleague(row); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s session) colleague(row db.ColleaguesRow) (colleague.Colleague, error) {
	c := colleague.Colleague{ID: row.ID, Name: row.Name, Language: row.Language, Country: row.Country, Deputy: row.Deputy}
	for _, channel := range row.Channels {
		c.Channels = append(c.Channels, customer.Channel(channel))
	}
	var err error
	if c.Zone, err = s.zones.load(row.Zone); err != nil {
		return c, fmt.Errorf("read colleague %s: %w", row.ID, err)
	}
	if c.Hours, err = customer.ParseWindows(row.WorkingHours); err != nil {
		return c, fmt.Errorf("read colleague %s: %w", row.ID, err)
	}
	if err := json.Unmarshal(row.Addresses, &c.Addresses); err != nil {
		return c, fmt.Errorf("read the addresses of colleague %s: %w", row.ID, err)
	}
	if c.Absences, err = absences(row.Absences); err != nil {
		return c, fmt.Errorf("read the absences of colleague %s: %w", row.ID, err)
	}
	return c, nil
}

// absences reads days as the database writes them in JSON: "2026-05-04".
func absences(encoded []byte) ([]colleague.Absence, error) {
	var days []struct{ From, To string }
	if err := json.Unmarshal(encoded, &days); err != nil {
		return nil, err
	}
	var all []colleague.Absence
	for _, d := range days {
		from, err := time.Parse(time.DateOnly, d.From)
		if err != nil {
			return nil, err
		}
		to, err := time.Parse(time.DateOnly, d.To)
		if err != nil {
			return nil, err
		}
		all = append(all, colleague.Absence{From: contact.DateOf(from, time.UTC), To: contact.DateOf(to, time.UTC)})
	}
	return all, nil
}

// MarkColleagueAddressBad is MarkAddressBad for a colleague.
func (s session) MarkColleagueAddressBad(
	ctx context.Context, id string, channel customer.Channel, value, reason string, at time.Time,
) (changed bool, err error) {
	n, err := s.q.MarkColleagueAddressBad(ctx, db.MarkColleagueAddressBadParams{
		Colleague: id, Channel: string(channel), Value: value, Reason: &reason, At: at,
	})
	return n > 0, wrap(err, "mark the %s address of colleague %s as bad", channel, id)
}

// AddAbsence writes down that a colleague is not at work from one day to another, both included; changed is false where that was known. Only
// the dates of from and to count. The error is ErrNotFound where there is no such colleague. Touches that are held for a colleague are looked
// at again.
func (s *Store) AddAbsence(ctx context.Context, id string, from, to, now time.Time) (changed bool, err error) {
	err = s.InTx(ctx, func(tx *Tx) (err error) {
		changed, err = tx.AddAbsence(ctx, id, from, to, now)
		return err
	})
	return changed && err == nil, err
}

// AddAbsence is [Store.AddAbsence] in this transaction.
func (tx *Tx) AddAbsence(ctx context.Context, id string, from, to, now time.Time) (changed bool, err error) {
	return tx.changeAbsence(ctx, id, now, func() (int64, error) { return tx.q.AddAbsence(ctx, id, from, to) })
}

// RemoveAbsence takes an absence of exactly these days back; changed is false where there is none. The error is ErrNotFound where there is no
// such colleague.
func (s *Store) RemoveAbsence(ctx context.Context, id string, from, to, now time.Time) (changed bool, err error) {
	err = s.InTx(ctx, func(tx *Tx) (err error) {
		changed, err = tx.RemoveAbsence(ctx, id, from, to, now)
		return err
	})
	return changed && err == nil, err
}

// RemoveAbsence is [Store.RemoveAbsence] in this transaction.
func (tx *Tx) RemoveAbsence(ctx context.Context, id string, from, to, now time.Time) (changed bool, err error) {
	return tx.changeAbsence(ctx, id, now, func() (int64, error) { return tx.q.RemoveAbsence(ctx, id, from, to) })
}

func (tx *Tx) changeAbsence(ctx context.Context, id string, now time.Time, change func() (int64, error)) (changed bool, err error) {
	known, err := tx.q.KnownColleagues(ctx, []string{id})
	if err == nil {
		err = oneRow(int64(len(known)), nil)
	}
	if err != nil {
		return false, wrap(err, "find colleague %s", id)
	}
	n, err := change()
	if err != nil || n == 0 {
		return false, wrap(err, "change the absences of colleague %s", id)
	}
	err = wrap(tx.q.TellOfColleagues(ctx, now), "tell those who wait for a colleague")
	return err == nil, err
}

// UnknownColleague is somebody who looks after customers, or stands in for a colleague, but is not among the colleagues.
type UnknownColleague struct {
	ID        string `json:"id"`
	Customers int64  `json:"customers"`
}

// UnknownColleagues returns them in order of id. It reads every customer, so it is for people's questions.
func (s session) UnknownColleagues(ctx context.Context) ([]UnknownColleague, error) {
	rows, err := s.q.UnknownColleagues(ctx)
	unknown := make([]UnknownColleague, len(rows))
	for n, r := range rows {
		unknown[n] = UnknownColleague(r)
	}
	return unknown, wrap(err, "list colleagues who are not known")
}
