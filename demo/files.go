package demo

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"perennial/store"
	"perennial/store/importcsv"
)

// file is a CSV file of what is known when the business opens, and what imports it.
type file struct {
	name string
	rows [][]string // the first names the columns
	take func(context.Context, *store.Store, string, importcsv.Options) (importcsv.Summary, error)
}

// files are what operations would import on the evening before, in the order in which they would.
func files(all []customer, opens time.Time) []file {
	return []file{
		{"colleagues", colleagues(), importcsv.Colleagues},
		{"absences", absences(opens), importcsv.Absences},
		{"customers", customerRows(all), importcsv.Customers},
		{"purchases", purchaseRows(all), importcsv.Purchases},
		{"assets", assetRows(all), importcsv.Assets},
		{"readings", readingRows(all), importcsv.Readings},
		{"agreements", agreementRows(all), importcsv.Agreements},
		{"complaints", complaintRows(all), importcsv.Complaints},
	}
}

// importFiles takes the same way in as operations do: CSV files.
func (b *business) importFiles(ctx context.Context, all []customer) (err error) {
	folder, err := os.MkdirTemp("", "perennial-demo-")
	if err != nil {
		return fmt.Errorf("write what the demo begins with: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	for _, f := range files(all, b.start) {
		if len(f.rows) == 1 {
			continue // a business of three customers has no complaints
		}
		if err := b.importFile(ctx, folder, f); err != nil {
			return fmt.Errorf("import the demo's %s: %w", f.name, err)
		}
	}
	return nil
}

func (b *business) importFile(ctx context.Context, folder string, f file) error {
	path := filepath.Join(folder, f.name+".csv")
	var text strings.Builder
	if err := csv.NewWriter(&text).WriteAll(f.rows); err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		return err
	}
	summary, err := f.take(ctx, b.Store, path, importcsv.Options{Now: b.start, Catalogue: b.Catalogue})
	if err != nil {
		return err
	}
	if summary.Stored != int64(len(f.rows)-1) || summary.Notes > 0 {
		rejected, _ := os.ReadFile(summary.RejectedFile) // which says why, where there is one
		return fmt.Errorf("%d of %d rows were stored\n%s", summary.Stored, len(f.rows)-1, rejected)
	}
	return nil
}

func customerRows(all []customer) [][]string {
	rows := [][]string{{
		"customer", "name", "phone", "email", "slack", "language", "time_zone", "country", "channels", "contact_windows", "consents", "owner", "star", "birthday",
	}}
	for _, c := range all {
		var windows []string
		for _, h := range c.hours {
			windows = append(windows, h.String())
		}
		born := ""
		if !c.birthday.IsZero() {
			born = day(c.birthday)
		}
		rows = append(rows, []string{
			c.id, c.name, c.phone, c.email, c.slack, c.language, c.zone.String(), c.country, c.channels, strings.Join(windows, "; "),
			strings.Join(c.topics, " "), c.owner, strconv.Itoa(c.star), born,
		})
	}
	return rows
}

func purchaseRows(all []customer) [][]string {
	rows := [][]string{{"customer", "order_id", "purchased_at", "amount", "currency"}}
	for _, c := range all {
		for n, on := range c.purchases {
			rows = append(rows, []string{c.id, fmt.Sprintf("order-%s-%d", c.id[2:], n+1), day(on), strconv.Itoa(180 + 35*n), "USD"})
		}
	}
	return rows
}

func assetRows(all []customer) [][]string {
	rows := [][]string{{"asset", "customer", "kind", "acquired_on", "title"}}
	for _, c := range all {
		for _, one := range c.cars {
			rows = append(rows, []string{one.id, c.id, "car", day(one.acquired), one.title})
		}
	}
	return rows
}

func readingRows(all []customer) [][]string {
	rows := [][]string{{"customer", "asset", "reading", "value", "read_on"}}
	for _, c := range all {
		for _, one := range c.cars {
			for _, r := range one.mileage {
				rows = append(rows, []string{c.id, one.id, "mileage", strconv.Itoa(r.km), day(r.on)})
			}
		}
	}
	return rows
}

func agreementRows(all []customer) [][]string {
	rows := [][]string{{"agreement", "customer", "kind", "starts_on", "renews_on", "title", "premium"}}
	for _, c := range all {
		for _, a := range c.agreements {
			rows = append(rows, []string{a.id, c.id, a.kind, day(a.renews.AddDate(-1, 0, 0)), day(a.renews), a.title, strconv.Itoa(a.premium)})
		}
	}
	return rows
}

func complaintRows(all []customer) [][]string {
	rows := [][]string{{"customer", "complaint", "opened_on"}}
	for _, c := range all {
		if !c.complained.IsZero() {
			rows = append(rows, []string{c.id, complaintID(c), day(c.complained)})
		}
	}
	return rows
}

// complaintID is the number of the complaint that a customer has had open since before the first day.
func complaintID(c customer) string { return "ticket-" + c.id[2:] }

func day(at time.Time) string { return at.Format(time.DateOnly) }
