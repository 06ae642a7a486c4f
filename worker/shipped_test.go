package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/channel/sandbox"
	"perennial/domain/clock"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/message"
	"perennial/store"
	"perennial/store/importcsv"
)

// shipped is the folder of journeys that comes with the program.
func shipped(t *testing.T) *journey.Library {
	t.Helper()
	library, problems := journey.Load(os.DirFS("../journeys"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return library
}

// ship publishes them.
func (b *business) ship(library *journey.Library) {
	b.Helper()
	types, err := json.Marshal(library.Catalogue)
	if err != nil {
		b.Fatal(err)
	}
	for _, j := range library.Journeys {
		plan, err := json.Marshal(j.Plan)
		if err != nil {
			b.Fatal(err)
		}
		v := store.Version{
			Journey: j.Plan.Journey, Hash: "shipped", Source: string(j.Source), Plan: plan, Catalogue: types,
			EntersOn: j.Plan.Enter.On, Listens: j.Plan.Listens(), PublishedAt: monday,
		}
		var texts []store.Template
		for _, source := range library.Templates.Sources(j.TemplatesUsed...) {
			texts = append(texts, textOf(source))
		}
		if _, _, err := b.store.Publish(b.Context(), v, texts); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := b.schedules().Reconcile(b.Context()); err != nil {
		b.Fatal(err)
	}
}

func textOf(source message.Source) store.Template {
	name := strings.SplitN(source.File, ".", 4)
	return store.Template{Name: name[0], Channel: customer.Channel(name[1]), Language: name[2], Source: source.Text}
}

// take imports a file of any kind.
func (b *business) take(kind string, run func(path string) (importcsv.Summary, error), text string) {
	b.Helper()
	file := filepath.Join(b.TempDir(), kind+".csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	summary, err := run(file)
	if err != nil || summary.Stored == 0 || summary.Rejected+summary.Notes > 0 {
		b.Fatalf("import %s: %+v %v", kind, summary, err)
	}
}

// days is a day, counted from monday.
func days(n int) string { return monday.AddDate(0, 0, n).Format(time.DateOnly) }

// subjects are those of the mails that somebody got, oldest first.
func (b *business) subjects(address string) (subjects []string) {
	for _, m := range b.got(address) {
		subjects = append(subjects, m.Subject)
	}
	return subjects
}

// Each of the shipped journeys, on the real stack, a day a second: one customer each, who reads mail at any hour. At that pace a machine that is busy with other
// tests is days late, and what colleagues are told has expired: so it runs alone.
//
//nolint:paralleltest // for that
func TestTheShippedJourneysRun(t *testing.T) {
	b := setup(t)
	b.staff()
	library := shipped(t)
	mail := func(who string) string { return who + "@example.org" }
	var rows strings.Builder
	rows.WriteString("customer,name,email,language,time_zone,country,channels,contact_windows,consents,owner,star\n")
	for _, c := range []struct{ id, star string }{{"c-new", "3"}, {"c-regular", "5"}, {"c-insured", "4"}, {"c-lapsing", "3"}, {"c-gone", "3"}} {
		fmt.Fprintf(&rows, "%s,Ada Fairley,%s,en,Europe/London,GB,email,daily 00:00-24:00,service care marketing,rep-01,%s\n", c.id, mail(c.id), c.star)
	}
	options := importcsv.Options{Now: monday, Catalogue: library.Catalogue}
	b.take("customers", func(path string) (importcsv.Summary, error) {
		return importcsv.Customers(t.Context(), b.store, path, options)
	}, rows.String())
	b.take("purchases", func(path string) (importcsv.Summary, error) {
		return importcsv.Purchases(t.Context(), b.store, path, options)
	},
		"customer,purchased_on,quantity,amount,currency\nc-gone,"+days(-340)+",1,20,GBP\nc-gone,"+days(-300)+",1,20,GBP\n")
	b.take("agreements", func(path string) (importcsv.Summary, error) {
		return importcsv.Agreements(t.Context(), b.store, path, options)
	},
		"agreement,customer,kind,title,renews_on\na-1,c-insured,insurance,car insurance,"+days(64)+"\na-2,c-insured,insurance,house insurance,"+days(300)+"\na-3,c-lapsing,service,service plan,"+days(52)+"\n")
	b.ship(library)
	b.happen("e-new", "purchase", "c-new", purchase)
	b.happen("e-visit", "visit.completed", "c-regular", "")

	answer := func(who, subject, text string) {
		t.Helper()
		b.eventually(who+" is asked", func() bool { return slices.Contains(b.subjects(mail(who)), subject) })
		if _, err := b.sandbox.Answer(t.Context(), sandbox.Reply{Address: mail(who), Channel: sandbox.Email, Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	outcome := func(who, name, want string) {
		t.Helper()
		found, err := b.store.Enrollments(t.Context(), store.EnrollmentFilter{Customer: who, Journey: name}, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 1 || found[0].Outcome != want {
			t.Errorf("%s in %s: got %+v, want %s", who, name, found, want)
		}
	}
	ended := func(who, name string) {
		t.Helper()
		b.eventually(who+" ends "+name, func() bool {
			found, err := b.store.Enrollments(t.Context(), store.EnrollmentFilter{Customer: who, Journey: name}, 0, 10)
			return err == nil && len(found) == 1 && !found[0].Running()
		})
	}
	got := func(who string, want ...string) {
		t.Helper()
		if subjects := b.subjects(mail(who)); !slices.Equal(subjects, want) {
			t.Errorf("%s got %q, want %q", who, subjects, want)
		}
	}

	answer("c-regular", "One question, one number", "5")
	b.eventually("full marks are thanked for", func() bool { return len(b.subjects(mail("c-regular"))) == 2 })
	b.happen("e-complaint", "complaint.opened", "c-regular", "")
	ended("c-regular", "return-visit")
	outcome("c-regular", "return-visit", "exited: complaint.opened")
	got("c-regular", "One question, one number", "Full marks: thank you")

	answer("c-new", "One question, one number", "1")
	ended("c-new", "onboarding")
	outcome("c-new", "onboarding", "exited: unhappy")
	got("c-new", "Thank you from Willow & Pine", "Three small things worth knowing", "One question, one number", "We are sorry")

	b.eventually("the month before comes", func() bool {
		return slices.Contains(b.subjects(mail("c-insured")), "A month to go: your car insurance")
	})
	b.happen("e-renewed", "agreement.renewed", "c-insured", `{"agreement_id":"a-1","renews_on":"2027-07-07"}`)
	ended("c-insured", "renewal")
	outcome("c-insured", "renewal", "goal")
	got("c-insured", "Your car insurance runs until 7 July 2026", "A month to go: your car insurance")

	ended("c-lapsing", "renewal")
	outcome("c-lapsing", "renewal", "exited: not renewed")
	got("c-lapsing", "Your service plan runs until 25 June 2026", "A month to go: your service plan", "Your service plan ends on 25 June 2026")

	answer("c-gone", "One last question", "2")
	ended("c-gone", "win-back")
	outcome("c-gone", "win-back", "exited: said why")
	got("c-gone", "We have not seen you for a while", "Something new since you were here", "One last question")
	if who, err := b.store.Profile(t.Context(), "c-gone"); err != nil || who.Attributes["leaving_reason"] != "moved away" {
		t.Errorf("the reason kept is %v, %v", who.Attributes["leaving_reason"], err)
	}

	var told []string
	for _, m := range b.got(robinSlack) {
		told = append(told, m.Text)
	}
	for _, about := range []string{"c-new) is not happy", "c-insured), 4 stars: the car insurance a-1", "c-lapsing) has not renewed the service plan a-3"} {
		if n := strings.Count(strings.Join(told, "\n"), about); n != 1 {
			t.Errorf("the owner was told %d times: %s\n%q", n, about, told)
		}
	}
}

// At five seconds a day, so that a look at all customers comes in time for a date.
func TestShippedGreetingsGoOutOnTheirDays(t *testing.T) {
	t.Parallel()
	b := openAt(t, clock.Starting(time.Date(2026, 12, 19, 11, 0, 0, 0, time.UTC), time.Now(), rate/5))
	b.work()
	library := shipped(t)
	b.take("customers", func(path string) (importcsv.Summary, error) {
		return importcsv.Customers(t.Context(), b.store, path, importcsv.Options{Now: monday, Catalogue: library.Catalogue})
	}, "customer,name,email,language,time_zone,channels,contact_windows,consents,birthday\n"+
		"c-born,Ada Fairley,c1@example.org,en,Europe/London,email,daily 00:00-24:00,care,1988-12-23\n"+
		"c-bought,Eve Lorimer,c2@example.org,en,Europe/London,email,daily 00:00-24:00,care,\n")
	b.ship(library)
	b.happen("e-1", "purchase", "c-bought", purchase)
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for _, greeting := range []struct {
		to, subject string
		first, last string // days on which it may come
	}{
		{"c2@example.org", "Thank you for this year", "2026-12-21", "2026-12-23"},
		{"c1@example.org", "Happy birthday, Ada", "2026-12-23", "2026-12-23"},
	} {
		b.eventually(greeting.subject, func() bool { return slices.Contains(b.subjects(greeting.to), greeting.subject) })
		day := b.got(greeting.to)[0].At.In(london).Format(time.DateOnly)
		if day < greeting.first || day > greeting.last || len(b.got(greeting.to)) != 1 {
			t.Errorf("%s came on %s, and %q in all", greeting.subject, day, b.subjects(greeting.to))
		}
	}
}
