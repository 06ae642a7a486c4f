package segment

import (
	"slices"

	"perennial/domain/customer"
)

// ThingAttributes returns what may be known of a thing of that kind beside its id and its kind: the dates that every such thing may have,
// and what the profile catalogue adds. Any of them may be absent.
func (c Catalogue) ThingAttributes(of customer.ThingKind) []Attribute {
	switch of {
	case customer.Agreement:
		return slices.Concat(agreementDates, c.Agreements)
	case customer.Asset:
		return slices.Concat(assetDates, c.Assets)
	}
	return nil
}

// The dates that every thing of a kind may have.
var (
	agreementDates = []Attribute{
		{Name: "starts_on", Type: Date, Description: "The day from which it holds"},
		{Name: "renews_on", Type: Date, Description: "The day on which it is renewed, or runs out"},
		{Name: "ended_on", Type: Date, Description: "The day on which it ended"},
	}
	assetDates = []Attribute{
		{Name: "acquired_on", Type: Date, Description: "The day from which the customer has it"},
		{Name: "ended_on", Type: Date, Description: "The day on which the customer parted with it"},
	}
)

// thingRecord returns the name of the record of a kind of thing.
func thingRecord(of customer.ThingKind) string { return "@" + string(of) }

// thingNames returns the names that are known of every thing of a kind, which no attribute can have.
func thingNames(of customer.ThingKind) []string {
	names := []string{"id", "kind"}
	for _, a := range (Catalogue{}).ThingAttributes(of) {
		names = append(names, a.Name)
	}
	return names
}
