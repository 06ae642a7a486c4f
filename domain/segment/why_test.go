package segment_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"perennial/domain/customer"
	"perennial/domain/segment"
)

func TestWhyNamesTheFactsThatAnExpressionSpeaksOf(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	cat := segment.Catalogue{
		Attributes: []segment.Attribute{
			{Name: "birthday", Type: segment.Date, Personal: true}, {Name: "newsletter", Type: segment.Bool}, {Name: "likes", Type: "list of string"},
			{Name: "last_visit", Type: segment.Date},
		},
		Assets: []segment.Attribute{{Name: "mileage", Type: segment.Int, Unit: "km"}, {Name: "plate", Type: segment.String, Personal: true}},
	}
	facts := segment.Facts{
		Profile: customer.Profile{
			ID: "c-1", Star: 4, Owner: "rep-01", Zone: zone,
			Purchases:  customer.Purchases{Count: 3, Total: 99.5, First: time.Date(1997, 1, 1, 5, 0, 0, 0, time.UTC), Last: time.Date(1997, 3, 2, 20, 30, 0, 0, time.UTC), GapDays: 41},
			Attributes: map[string]any{"birthday": "1980-01-01", "newsletter": true, "likes": []any{"tea", "figs"}},
		},
		Thing: &customer.Thing{Of: customer.Asset, ID: "car-1", Kind: "car", Attributes: map[string]any{"mileage": 48000, "plate": "XY 1"}},
		Now:   time.Date(1998, 4, 1, 12, 0, 0, 0, time.UTC),
		Happened: func() (map[string][]time.Time, error) {
			return map[string][]time.Time{"visit.completed": {time.Date(1997, 5, 4, 4, 0, 0, 0, time.UTC)}}, nil
		},
	}
	for source, want := range map[string]string{
		`has(customer.purchases.last) && customer.purchases.count >= 2 && customer.purchases.last < now`: "last purchase 1997-03-02; purchases 3",
		`customer.purchases.first < now - days(customer.purchases.gap_days)`:                             "first purchase 1997-01-01; usual gap 41 days",
		`customer.birthday < now && asset.plate != "" && customer.star > 3`:                              "star 4",
		`asset.mileage > 40000 || asset.kind == "car"`:                                                   "asset.mileage 48000 km; asset.kind car",
		`customer.newsletter && customer.likes.exists(x, x == "tea")`:                                    "newsletter yes; likes tea, figs",
		`has(customer.last_visit) && customer.last_visit > now`:                                          "last visit unknown",
		`count("visit.completed", days(365)) > 0 || last("complaint.opened") < now`:                      `count("visit.completed", days(365)) 1; last("complaint.opened") never`,
		`within(last('visit.completed'), days(90))`:                                                      `last("visit.completed") 1997-05-04`,
		`true`: "",
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			e := segment.NewEvaluator(cat)
			names, err := e.Names(source)
			if err != nil {
				t.Fatal(err)
			}
			known, err := e.Why(t.Context(), names, facts)
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, k := range known {
				said = append(said, k.String())
			}
			if got := strings.Join(said, "; "); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestWhyTellsThatEventsCouldNotBeRead(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(segment.Catalogue{})
	names, err := e.Names(`count("purchase") > 1`)
	if err != nil {
		t.Fatal(err)
	}
	away := errors.New("away")
	_, err = e.Why(t.Context(), names, segment.Facts{Happened: func() (map[string][]time.Time, error) { return nil, away }})
	if !errors.Is(err, away) {
		t.Errorf("got %v", err)
	}
}
