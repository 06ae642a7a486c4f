package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"perennial/domain/customer"
	"perennial/store/db"
)

// Profile returns what is known of a customer: one statement, one round trip. Of the survey answers it holds the newest 50; of the touches
// that reached them the newest 200, no further back than 31 days before the newest. All of their things are there. The error is ErrNotFound
// where there is no such customer.
func (s session) Profile(ctx context.Context, id string) (customer.Profile, error) {
	return s.ProfileAsOf(ctx, id, time.Time{})
}

// ProfileAsOf is Profile with the purchases, survey answers and complaints that had happened by an instant; zero is now. All else, attributes
// and things too, is as it is known now.
func (s session) ProfileAsOf(ctx context.Context, id string, asOf time.Time) (customer.Profile, error) {
	profiles, err := s.profiles(ctx, []string{id}, asOf)
	if err != nil {
		return customer.Profile{}, wrap(err, "read the profile of %s", id)
	}
	if len(profiles) == 0 {
		return customer.Profile{}, wrap(pgx.ErrNoRows, "read the profile of %s", id)
	}
	return profiles[0], nil
}

// Profiles returns the profiles of up to limit customers that come after one, by id, as ProfileAsOf gives each; after is empty for the first
// page. Customers whose relation has ended are left out. A page costs two statements, however many are on it.
func (s session) Profiles(ctx context.Context, after string, limit int, asOf time.Time) ([]customer.Profile, error) {
	ids, err := s.q.OpenCustomerIDs(ctx, after, int64(limit))
	if err != nil {
		return nil, wrap(err, "list customers")
	}
	profiles, err := s.profiles(ctx, ids, asOf)
	if err != nil {
		return nil, wrap(err, "read the profiles of %d customers", len(ids))
	}
	place := make(map[string]int, len(ids)) // the order of ids is that of the database's collation
	for i, id := range ids {
		place[id] = i
	}
	slices.SortFunc(profiles, func(a, b customer.Profile) int { return cmp.Compare(place[a.ID], place[b.ID]) })
	return profiles, nil
}

func (s session) profiles(ctx context.Context, ids []string, asOf time.Time) ([]customer.Profile, error) {
	rows, err := s.q.Profiles(ctx, orNull(asOf), ids, int64(len(ids)))
	if err != nil {
		return nil, err
	}
	profiles := make([]customer.Profile, len(rows))
	for i, row := range rows {
		if profiles[i], err = s.profile(row); err != nil {
			return nil, fmt.Errorf("customer %s: %w", row.ID, err)
		}
	}
	return profiles, nil
}

// LockProfile is Profile after the customer's row is locked until the transaction ends: decisions about one customer are taken one
// after the other. It reads after it has the lock, so what the one before decided is seen.
func (tx *Tx) LockProfile(ctx context.Context, id string) (customer.Profile, error) {
	return tx.LockProfileAsOf(ctx, id, time.Time{})
}

// LockProfileAsOf is LockProfile with what had happened by an instant, as ProfileAsOf gives it.
func (tx *Tx) LockProfileAsOf(ctx context.Context, id string, asOf time.Time) (customer.Profile, error) {
	if _, err := tx.q.LockCustomer(ctx, id); err != nil {
		return customer.Profile{}, wrap(err, "lock customer %s", id)
	}
	return tx.ProfileAsOf(ctx, id, asOf)
}

// CustomerIDs returns up to limit ids of customers that come after one, in order; after is empty for the first page.
func (s session) CustomerIDs(ctx context.Context, after string, limit int) ([]string, error) {
	ids, err := s.q.CustomerIDs(ctx, after, int64(limit))
	return ids, wrap(err, "list customers")
}

func (s session) profile(row db.ProfilesRow) (customer.Profile, error) {
	p := customer.Profile{
		ID:       row.ID,
		Name:     row.Name,
		Language: row.Language,
		Country:  row.Country,
		Owner:    row.Owner,
		Star:     row.Star,
		Closed:   row.Closed,
	}
	for _, c := range row.Channels {
		p.Channels = append(p.Channels, customer.Channel(c))
	}
	if row.Purchases > 0 {
		p.Purchases = customer.Purchases{
			Count: row.Purchases,
			Total: row.PurchasesTotal,
			First: row.FirstPurchase,
			Last:  row.LastPurchase,

			GapDays: row.GapDays,
		}
	}
	var err error
	if p.Zone, err = s.zones.load(row.Zone); err != nil {
		return customer.Profile{}, err
	}
	if p.Windows, err = customer.ParseWindows(row.ContactWindows); err != nil {
		return customer.Profile{}, err
	}
	if err := decodeParts(&p, row); err != nil {
		return customer.Profile{}, err
	}
	return p, nil
}

// decodeParts reads the parts of a profile that come as JSON.
func decodeParts(p *customer.Profile, row db.ProfilesRow) error {
	for _, part := range []struct {
		name    string
		encoded []byte
		into    any
	}{
		{"attributes", row.Attributes, &p.Attributes},
		{"things", row.Things, &p.Things},
		{"addresses", row.Addresses, &p.Addresses},
		{"consents", row.Consents, &p.Consents},
		{"survey answers", row.Surveys, &p.Surveys},
		{"complaints", row.Complaints, &p.Complaints},
		{"touches", row.Touched, &p.Touched},
		{"held touches", row.Wanted, &p.Wanted},
	} {
		if err := json.Unmarshal(part.encoded, part.into); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	inUTC(p)
	return nil
}

// inUTC makes the times that came as JSON the same wherever the database is.
func inUTC(p *customer.Profile) {
	for i := range p.Surveys {
		p.Surveys[i].At = p.Surveys[i].At.UTC()
	}
	for i := range p.Complaints {
		p.Complaints[i].At = p.Complaints[i].At.UTC()
	}
	for i := range p.Touched {
		p.Touched[i].At = p.Touched[i].At.UTC()
	}
	for i := range p.Wanted {
		p.Wanted[i].At, p.Wanted[i].Since = p.Wanted[i].At.UTC(), p.Wanted[i].Since.UTC()
	}
}
