package importcsv

import (
	"cmp"
	"regexp"
	"strings"

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
	if out.At, err = readInstant(r.get("purchased_at")); err != nil {
		return out, nil, &store.Problem{Field: "purchased_at", Why: err.Error()}
	}
	out.Content = contentOf(out)
	return out, nil, nil
}

// contentOf is a hash of what a row says of a purchase.
func contentOf(p store.PurchaseRow) string {
	return hashOf(p.Customer, p.At.String(), p.Quantity, p.Amount, p.Currency)
}
