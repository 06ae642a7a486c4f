package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"perennial/domain/customer"
	"perennial/store"
)

func TestAProfileHoldsAllThatIsKnown(t *testing.T) {
	t.Parallel()
	s := open(t)
	importCustomers(t, s, store.CustomerRow{
		Line: 1, ID: "c-1", Name: "Wren Barlow", Language: "zh-CN", Zone: "Asia/Shanghai", Country: "CN",
		Windows: "sat-sun 10:00-12:00", Channels: []customer.Channel{customer.Email, customer.SMS}, Owner: "rep-01", Star: 5,
		Addresses: map[customer.Channel]string{customer.SMS: "+12015550100", customer.Email: "c1@example.org"},
		Consents:  []string{"service", "marketing"}, Attributes: map[string]any{"birthday": "1981-10-02"},
	})
	for n := range 60 {
		e := event(fmt.Sprintf("s-%d", n), store.EventSurveyAnswered, "c-1", map[string]any{"survey": "satisfaction", "score": n})
		e.At = noon().Add(time.Duration(n) * time.Hour)
		record(t, s, e)
	}
	record(t, s, event("p-1", store.EventPurchase, "c-1", map[string]any{"order_id": "o-1", "amount": 12.34, "currency": "CNY"}))
	later := event("p-2", store.EventPurchase, "c-1", map[string]any{"order_id": 77, "quantity": 2, "amount": 1})
	later.At = noon().Add(time.Hour)
	record(t, s, later)
	record(t, s, event("n-1", store.EventConsentChanged, "c-1", map[string]any{"topic": "marketing", "granted": false}))
	if _, err := s.MarkAddressBad(t.Context(), "c-1", customer.SMS, "+12015550100", "bad_address", noon()); err != nil {
		t.Fatal(err)
	}

	p, err := s.Profile(t.Context(), "c-1")
	if err != nil {
		t.Fatal(err)
	}
	for what, values := range map[string][2]any{
		"zone":            {p.Zone.String(), "Asia/Shanghai"},
		"windows":         {p.Windows.String(), "sat-sun 10:00-12:00"},
		"channels":        {fmt.Sprint(p.Channels), "[email sms]"},
		"addresses":       {fmt.Sprint(p.Addresses), "map[email:{c1@example.org } sms:{+12015550100 bad_address}]"},
		"consents":        {fmt.Sprint(p.Consents), "map[marketing:false service:true]"},
		"purchases":       {p.Purchases, customer.Purchases{Count: 2, Total: 13.34, First: noon(), Last: noon().Add(time.Hour)}},
		"answers":         {len(p.Surveys), 50},
		"newest answer":   {p.Surveys[49], customer.Answer{Survey: "satisfaction", Score: 59, At: noon().Add(59 * time.Hour), Event: "s-59"}},
		"oldest answer":   {p.Surveys[0].Event, "s-10"},
		"birthday":        {p.Attributes["birthday"], "1981-10-02"},
		"name":            {p.Name, "Wren Barlow"},
		"star":            {p.Star, 5},
		"the rest":        {fmt.Sprint(p.Language, p.Country, p.Owner, p.Closed), "zh-CNCNrep-01false"},
		"who has a phone": {owners(t, s, "+12015550100"), "[c-1]"},
	} {
		if values[0] != values[1] {
			t.Errorf("%s: got %v, want %v", what, values[0], values[1])
		}
	}
}

func owners(t *testing.T, s *store.Store, phone string) string {
	t.Helper()
	ids, err := s.CustomersByAddress(t.Context(), customer.SMS, phone)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(ids)
}

func TestAProfileOfAlmostNothingIsReadable(t *testing.T) {
	t.Parallel()
	s := open(t)
	importCustomers(t, s, store.CustomerRow{Line: 1, ID: "c-1", Zone: "UTC"})
	p, err := s.Profile(t.Context(), "c-1")
	if err != nil {
		t.Fatal(err)
	}
	if p.Language != "en" || p.Star != 3 || len(p.Addresses)+len(p.Consents)+len(p.Surveys)+len(p.Channels)+len(p.Windows) != 0 {
		t.Errorf("got %+v", p)
	}
	if p.Purchases != (customer.Purchases{}) {
		t.Errorf("bought %+v", p.Purchases)
	}
	if _, err := s.Profile(t.Context(), "c-2"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown customer: %v", err)
	}
}

func TestALockedProfileShowsWhatTheOneBeforeDecided(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	locked, waiting := make(chan struct{}), make(chan error, 1)
	go func() {
		<-locked
		waiting <- s.InTx(t.Context(), func(tx *store.Tx) error {
			p, err := tx.LockProfile(t.Context(), "c-1")
			if err == nil && p.Consents["service"] {
				return errors.New("the consent that was taken back still holds")
			}
			return err
		})
	}()
	err := s.InTx(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.LockProfile(t.Context(), "c-1"); err != nil {
			return err
		}
		close(locked)
		return tx.RecordConsent(t.Context(), store.Consent{Customer: "c-1", Topic: "service", Granted: false, At: noon(), Source: "reply"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-waiting; err != nil {
		t.Error(err)
	}
}

func TestTheLatestWordOnATopicHolds(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	for _, word := range []struct {
		granted bool
		at      time.Time
	}{{true, noon()}, {false, noon().Add(time.Hour)}, {true, noon().Add(-time.Hour)}} {
		err := s.RecordConsent(t.Context(), store.Consent{Customer: "c-1", Topic: "care", Granted: word.granted, At: word.at, Source: "reply"})
		if err != nil {
			t.Fatal(err)
		}
	}
	p, err := s.Profile(t.Context(), "c-1")
	if err != nil {
		t.Fatal(err)
	}
	if p.Consents["care"] {
		t.Error("a word that came late but was said earlier overruled the no")
	}
}

func TestAnAddressThatChangedMeanwhileIsNotMarkedBad(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	changed, err := s.MarkAddressBad(t.Context(), "c-1", customer.SMS, "+12015559999", "bad_address", noon())
	if err != nil || changed {
		t.Errorf("changed %v: %v", changed, err)
	}
}
