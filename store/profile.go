package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"perennial/domain/customer"
	"perennial/store/db"
)

// Profile returns what is known of a customer: one statement, one round trip. Of the survey answers it holds the newest 50.
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
	if err := json.Unmarshal(row.Attributes, &p.Attributes); err != nil {
		return fmt.Errorf("attributes: %w", err)
	}
	if err := json.Unmarshal(row.Addresses, &p.Addresses); err != nil {
		return fmt.Errorf("addresses: %w", err)
	}
	if err := json.Unmarshal(row.Consents, &p.Consents); err != nil {
		return fmt.Errorf("consents: %w", err)
	}
	if err := json.Unmarshal(row.Surveys, &p.Surveys); err != nil {
		return fmt.Errorf("survey answers: %w", err)
	}
	for i := range p.Surveys {
		p.Surveys[i].At = p.Surveys[i].At.UTC()
	}
	return nil
}
