package importcsv

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"
	"time"

	"perennial/store"
)

// purchaseFields are what a row can say of a purchase.
func purchaseFields() []field {
	return []field{
		{name: "customer", columns: []string{"customer", "customer_id"}, required: true},
		{name: "purchased_at", columns: []string{"purchased_at", "purchased_on", "date"}, required: true},
		{name: "amount", columns: []string{"amount"}, required: true},
		{name: "quantity", columns: []string{"quantity"}},
		{name: "currency", columns: []string{"currency"}},
		{name: "order_id", columns: []string{"order_id"}},
	}
}

var (
	number   = regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]{1,6})?$`)
	currency = regexp.MustCompile(`^[A-Z]{3}$`)
)

// readPurchase reads one purchase; whatever can't be read rejects it.
func readPurchase(r row) (store.PurchaseRow, []store.Problem, *store.Problem) {
	out := store.PurchaseRow{
		Line:     r.line,
		Customer: r.get("customer"),
		OrderID:  r.get("order_id"),
		Quantity: cmp.Or(r.get("quantity"), "1"),
		Amount:   r.get("amount"),
		Currency: strings.ToUpper(r.get("currency")),
	}
	if err := store.CheckID(out.Customer); err != nil {
		return out, nil, &store.Problem{Field: "customer", Why: err.Error()}
	}
	if !number.MatchString(out.Quantity) {
		return out, nil, &store.Problem{Field: "quantity", Why: "write a number such as 2"}
	}
	if !number.MatchString(out.Amount) {
		return out, nil, &store.Problem{Field: "amount", Why: "write a number such as 29.33"}
	}
	if out.Currency != "" && !currency.MatchString(out.Currency) {
		return out, nil, &store.Problem{Field: "currency", Why: "write a code of three letters such as USD"}
	}
	var err error
	if out.At, out.DateOnly, err = readInstant(r.get("purchased_at")); err != nil {
		return out, nil, &store.Problem{Field: "purchased_at", Why: err.Error()}
	}
	out.Content = contentOf(out)
	return out, nil, nil
}

// readInstant reads a date, or a date and time with its offset from UTC.
func readInstant(text string) (at time.Time, dateOnly bool, err error) {
	if at, err = time.Parse(time.DateOnly, text); err == nil {
		return at, true, nil
	}
	if at, err = time.Parse(time.RFC3339, text); err == nil {
		return at, false, nil
	}
	return time.Time{}, false, errors.New("this is no date; write it as 1997-01-18, or with a time as 1997-01-18T14:30:00+01:00")
}

// contentOf is a hash of what a row says of a purchase. It must never change: it is what stored purchases are known by.
func contentOf(p store.PurchaseRow) string {
	at := p.At.UTC().Format(time.RFC3339)
	if p.DateOnly {
		at = p.At.Format(time.DateOnly)
	}
	parts := []string{p.Customer, at, p.Quantity, p.Amount, p.Currency}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x1f")))
	return hex.EncodeToString(sum[:16])
}
