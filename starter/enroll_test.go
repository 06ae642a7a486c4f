package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/domain/journey"
	"perennial/domain/segment"
	"perennial/domain/sharedtest"
	"perennial/store"
)

// looking is a journey that looks for customers by an expression; empty is one that looks for nobody.
func looking(name, when string) journey.Plan {
	plan := journey.Plan{
		Encoding: journey.PlanEncoding, Journey: name, Title: "Looking", Enter: journey.Enter{Again: journey.Again{Rule: journey.AfterExit}},
		Steps: []journey.Step{{ID: "rest", Verb: journey.Wait, Next: journey.End, For: journey.Span{Years: 20}}},
	}
	if when != "" {
		plan.Enter.Every, plan.Enter.When = journey.Span{Days: 1}, 1
		plan.Expressions = []journey.Expression{{Source: when, Type: "bool"}}
	}
	return plan
}

func (b *business) publish(plan journey.Plan) {
	b.t.Helper()
	encoded, err := json.Marshal(plan)
	if err != nil {
		b.t.Fatal(err)
	}
	catalogue, err := json.Marshal(segment.Catalogue{Attributes: []segment.Attribute{{Name: "birthday", Type: segment.Date, Personal: true}}})
	if err != nil {
		b.t.Fatal(err)
	}
	_, _, err = b.store.Publish(b.t.Context(), store.Version{
		Journey: plan.Journey, Hash: string(encoded), Plan: encoded, Catalogue: catalogue, EntersOn: plan.Enter.On, PublishedAt: noon(),
	}, nil)
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestEnrollSaysWhoWouldEnterAndWhy(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	b.publish(looking("win-back", "customer.star >= 3 && customer.purchases.count == 0 && (!has(customer.birthday) || customer.birthday < now)"))
	out := b.does("enroll", "win-back", "--dry-run")
	says(t, out, "CUSTOMER", "c-1", "c-2", "maria", "omar", "star 3, purchases 0", "2 would enter win-back (version 1), of 2 customers looked at.", "dry run")
	if strings.Contains(out, "birthday") {
		t.Errorf("something personal is shown:\n%s", out)
	}
	b.enter("c-2", "win-back")
	out = b.does("enroll", "win-back", "--dry-run")
	says(t, out, "1 would enter", "Kept out by the journey's rule of entering again: 1 in it now.")
	var found enrolled
	b.reads(&found, "enroll", "win-back", "--dry-run", "--segment", "customer.owner == 'omar' || customer.language == 'zh-CN'")
	want := []whyItem{{"customer.owner", "maria"}, {"customer.language", "zh-CN"}}
	if len(found.Entrants) != 1 || found.Entrants[0].Customer != "c-1" || !slices.Equal(found.Entrants[0].Why, want) || found.Refused[store.StillRunning] != 1 || !found.DryRun {
		t.Errorf("got %+v", found)
	}
	says(t, b.does("enroll", "win-back", "--dry-run", "--segment", "true", "--limit", "1", "--customer", "c-1", "--customer", "c-2"), "1 would enter", "c-1")
	says(t, b.does("enroll", "win-back", "--dry-run", "--segment", "now + years(3000 * customer.star) > now"), "0 would enter", "2 customers could not be judged", "it reaches a date after the year 9999")
	if all, err := b.store.Enrollments(t.Context(), store.EnrollmentFilter{}, 0, 10); err != nil || len(all) != 1 {
		t.Errorf("dry runs enrolled: %+v, %v", all, err)
	}
}

func TestEnrollRefusesWhatItCannotDo(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	b.publish(looking("by-hand", ""))
	keyed := looking("keyed", "")
	keyed.Enter.On, keyed.Enter.Key = "purchase", 1
	keyed.Expressions = []journey.Expression{{Source: "event.id", Type: "string"}}
	b.publish(keyed)
	b.refuses("there is no published journey nowhere", "enroll", "nowhere", "--dry-run")
	b.refuses("needs the name of a JOURNEY", "enroll")
	b.refuses("by-hand looks for nobody by itself: say who enters with --segment or --customer", "enroll", "by-hand", "--dry-run")
	b.refuses("keyed is entered once for each key that its event, purchase, brings", "enroll", "keyed", "--dry-run", "--customer", "c-1")
	b.refuses("character 1: customer.birthday may be absent", "enroll", "by-hand", "--dry-run", "--segment", "customer.birthday < now")
	b.refuses("there is no such customer", "enroll", "by-hand", "--dry-run", "--customer", "c-9")
	b.refuses("is no day", "enroll", "by-hand", "--dry-run", "--customer", "c-1", "--as-of", "1.4.1998")
	b.refuses("lies ahead", "enroll", "by-hand", "--dry-run", "--customer", "c-1", "--as-of", "2999-01-01")
	b.settings.TemporalAddress = "127.0.0.1:1"
	b.refuses("no Temporal answers at 127.0.0.1:1", "enroll", "by-hand", "--customer", "c-1")
}

func TestEnrollLetsCustomersEnter(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers().withTemporal().withWorker()
	b.publish(looking("win-back", "customer.star >= 3"))
	var found enrolled
	b.reads(&found, "enroll", "win-back", "--customer", "c-2")
	if found.Entered != 1 || len(found.Entrants) != 1 || found.Entrants[0].Enrollment == 0 {
		t.Errorf("got %+v", found)
	}
	says(t, b.does("enroll", "win-back"), "c-1", "1 entered win-back (version 1), of 2 customers looked at.", "1 let in already, for the same date or by hand today")
	all, err := b.store.Enrollments(t.Context(), store.EnrollmentFilter{Journey: "win-back", Running: true}, 0, 10)
	if err != nil || len(all) != 2 || all[0].StartedAt.IsZero() || all[1].StartedAt.IsZero() || !strings.HasPrefix(all[1].EnteredFor, "by hand 20") {
		t.Errorf("got %+v, %v", all, err)
	}
	// Whoever has come to the end does not enter again by the same command: it may be repeated where it failed in the middle.
	for _, e := range all {
		if err := b.store.Finish(t.Context(), e.ID, journey.OutcomeCompleted, noon()); err != nil {
			t.Fatal(err)
		}
	}
	says(t, b.does("enroll", "win-back"), "0 entered win-back", "2 let in already")
	says(t, b.does("enroll", "win-back", "--dry-run"), "0 would enter win-back", "2 let in already")
	says(t, b.does("enroll", "win-back", "--customer", "c-2"), "0 entered win-back", "1 let in already")
}

func TestEnrollOfVeryManyWantsToBeSureOfIt(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withTemporal()
	var rows strings.Builder
	rows.WriteString("id,time_zone\n")
	for n := range enrollUnasked + 1 {
		fmt.Fprintf(&rows, "m-%d,Europe/London\n", n)
	}
	b.does("import", "customers", b.file("customers.csv", rows.String()))
	b.publish(looking("win-back", "true"))
	b.refuses("1001 customers would enter win-back: look at them with --dry-run, and add --yes", "enroll", "win-back")
	says(t, b.does("enroll", "win-back", "--limit", "2"), "2 entered win-back", "There are more: raise --limit.")
}

// longSilent is who has been silent for longer than twice their usual gap.
const longSilent = `has(customer.purchases.last) && has(customer.purchases.gap_days) && customer.purchases.count >= 2 &&
	customer.purchases.last < today - days(2 * customer.purchases.gap_days)`

func TestEnrollFindsWhoIsSilentAmongTheCustomersOfCDNOW(t *testing.T) {
	t.Parallel()
	data := sharedtest.Path(t, "data", "cdnow")
	b := newBusiness(t)
	b.does("import", "customers", filepath.Join(data, "customers.csv"), "--region", "US")
	b.does("import", "purchases", filepath.Join(data, "purchases.csv"))
	b.publish(looking("win-back", longSilent))
	for _, day := range []string{"1997-09-01", "1998-04-01"} {
		want := silentOn(t, data, day)
		if len(want) < 100 {
			t.Fatalf("as of %s only %d are silent by the files themselves", day, len(want))
		}
		var found enrolled
		b.reads(&found, "enroll", "win-back", "--as-of", day, "--dry-run")
		got := map[string]string{}
		for _, e := range found.Entrants {
			got[e.Customer] = e.Why[0].Value + " " + e.Why[1].Value
		}
		if found.Looked != 2357 || !maps.Equal(got, want) {
			t.Errorf("as of %s: %d of %d, want %d", day, len(got), found.Looked, len(want))
			for who := range want {
				if got[who] != want[who] {
					t.Errorf("%s: got %q, want %q", who, got[who], want[who])
				}
			}
		}
	}
	says(t, b.does("enroll", "win-back", "--as-of", "1998-04-01", "--dry-run", "--limit", "1"), "last purchase 199", "usual gap ", " days, purchases ", "judged as of 1998-04-01")
}

// silentOn reads the files themselves, and says of who is silent when they bought last and how many days their usual gap has.
func silentOn(t *testing.T, data, day string) map[string]string {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	zones, days, bought := map[string]*time.Location{}, map[string]map[string]bool{}, map[string]int{}
	for _, row := range table(t, filepath.Join(data, "customers.csv")) {
		if zones[row["customer"]], err = time.LoadLocation(row["time_zone"]); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range table(t, filepath.Join(data, "purchases.csv")) {
		who := row["customer"]
		noonThere, err := time.ParseInLocation("2006-01-02 15", row["purchased_on"]+" 12", zones[who])
		if err != nil {
			t.Fatal(err)
		}
		if noonThere.After(at.Add(12 * time.Hour)) {
			continue
		}
		if days[who] == nil {
			days[who] = map[string]bool{}
		}
		days[who][row["purchased_on"]] = true
		bought[who]++
	}
	found := map[string]string{}
	for who, on := range days {
		sorted := slices.Sorted(maps.Keys(on))
		if bought[who] < 2 || len(sorted) < 2 {
			continue
		}
		first, last := daysOf(t, sorted[0]), daysOf(t, sorted[len(sorted)-1])
		gap := max(1, int(math.Round(float64(last-first)/float64(len(sorted)-1))))
		today := daysOf(t, at.Add(12*time.Hour).In(zones[who]).Format(time.DateOnly))
		if last < today-2*gap {
			found[who] = fmt.Sprintf("%s %d", sorted[len(sorted)-1], gap)
		}
	}
	return found
}

// daysOf numbers the days.
func daysOf(t *testing.T, day string) int {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return int(at.Unix() / (24 * 60 * 60))
}

func table(t *testing.T, file string) []map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]map[string]string, len(lines)-1)
	for i, line := range lines[1:] {
		rows[i] = map[string]string{}
		for column, name := range lines[0] {
			rows[i][name] = line[column]
		}
	}
	return rows
}
