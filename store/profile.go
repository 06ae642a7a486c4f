package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"perennial/domain/customer"
	"perennial/store/db"
)

// Profile returns what is known of a customer: one statement, one round trip. Of the survey answers it holds the newest 50; of the touches
// that reached them the newest 200, no further back than 31 days before the newest.
// Attributes hold the birthday, where it is known, as "birthday": "1981-10-02". The error is ErrNotFound where there is no such customer.
func (s session) Profile(ctx context.Context, id string) (customer.Profile, error) {
	row, err := s.q.Profile(ctx, id)
	if err != nil {
		return customer.Profile{}, wrap(err, "read the profile of %s", id)
	}
	p, err := s.profile(row)
	if err != nil {
		return customer.Profile{}, fmt.Errorf("read the profile of %s: %w", id, err)
	}
	return p, nil
}

// LockProfile is Profile after the customer's row is locked until the transaction ends: decisions about one customer are taken one
// after the other. It reads after it has the lock, so what the one before decided is seen.
func (tx *Tx) LockProfile(ctx context.Context, id string) (customer.Profile, error) {
	if _, err := tx.q.LockCustomer(ctx, id); err != nil {
		return customer.Profile{}, wrap(err, "lock customer %s", id)
	}
	return tx.Profile(ctx, id)
}

// CustomerIDs returns up to limit ids of customers that come after one, in order; after is empty for the first page.
func (s session) CustomerIDs(ctx context.Context, after string, limit int) ([]string, error) {
	ids, err := s.q.CustomerIDs(ctx, after, int64(limit))
	return ids, wrap(err, "list customers")
}

func (s session) profile(row db.ProfileRow) (customer.Profile, error) {
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
func decodeParts(p *customer.Profile, row db.ProfileRow) error {
	p.Attributes = map[string]any{}
	if row.Birthday != nil {
		p.Attributes["birthday"] = row.Birthday.Format(time.DateOnly)
	}
	for _, part := range []struct {
		name    string
		encoded []byte
		into    any
	}{
		{"attributes", row.Attributes, &p.Attributes},
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
