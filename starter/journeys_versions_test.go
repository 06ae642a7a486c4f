package main

import (
	"path/filepath"
	"strings"
	"testing"

	"perennial/store"
)

// withVersions has published onboarding twice: the second asks for patience, in another welcome.
func withVersions(t *testing.T) (b *business, folder string) {
	t.Helper()
	b = newBusiness(t).withCustomers()
	folder = journeys(t)
	b.does("journeys", "publish", "onboarding", "--dir", folder, "--author", "maria", "-m", "First journey")
	edit(t, filepath.Join(folder, "onboarding.yaml"), "title: First ninety days", "title: The first ninety days")
	edit(t, filepath.Join(folder, "templates", "welcome.sms.en.liquid"), "Hi {{", "Dear {{")
	b.does("journeys", "publish", "onboarding", "--dir", folder, "--author", "omar", "-m", "A warmer welcome")
	return b, folder
}

func TestShowPrintsAVersionAsItWasWritten(t *testing.T) {
	t.Parallel()
	b, folder := withVersions(t)
	b.enter("c-1", "onboarding")
	says(t, b.does("journeys", "show", "onboarding"),
		"onboarding, version 2, the newest: The first ninety days", "UTC by omar", "A warmer welcome", "on purchase", "customer.purchases.count == 1",
		"0 enrollments are on this version", "welcome (", "─── onboarding.yaml", "title: The first ninety days")
	first := b.does("journeys", "show", "onboarding", "--version", "1", "--templates")
	says(t, first, "onboarding, version 1 of 2: First ninety days", "maria", "1 enrollment is on this version", "─── templates/welcome.sms.en.liquid")
	if strings.Contains(first, "Dear {{") {
		t.Error("version 1 has the welcome of version 2")
	}
	var shown shownJourney
	b.reads(&shown, "journeys", "show", "onboarding")
	if written := readFile(t, filepath.Join(folder, "onboarding.yaml")); shown.Source != written {
		t.Errorf("the source is %q, want %q", shown.Source, written)
	}
	if shown.Version != 2 || shown.Newest != 2 || shown.Author != "omar" || len(shown.Templates) == 0 || shown.Templates[0].Source == "" {
		t.Errorf("got %+v", shown)
	}
}

func TestHistoryTellsWhoPublishedEachVersionAndWhy(t *testing.T) {
	t.Parallel()
	b, _ := withVersions(t)
	b.enter("c-1", "onboarding")
	text := b.does("journeys", "history", "onboarding")
	says(t, text, "VERSION", "maria", "First journey", "omar", "A warmer welcome", "starter journeys diff onboarding 1")
	if strings.Index(text, "omar") > strings.Index(text, "maria") {
		t.Errorf("the newest is not first:\n%s", text)
	}
	var history []store.Publication
	b.reads(&history, "journeys", "history", "onboarding")
	if len(history) != 2 || history[0].Version != 2 || history[1].Running != 1 {
		t.Errorf("got %+v", history)
	}
}

func TestDiffShowsWhatChangedBetweenVersions(t *testing.T) {
	t.Parallel()
	b, folder := withVersions(t)
	text := b.does("journeys", "diff", "onboarding", "1", "2")
	says(t, text,
		"from version 1, ", "by maria: First journey", "to   version 2, ", "by omar: A warmer welcome",
		"--- onboarding.yaml\tversion 1\n+++ onboarding.yaml\tversion 2\n", "\n-title: First ninety days\n+title: The first ninety days\n",
		"--- templates/welcome.sms.en.liquid\tversion 1\n", "\n+Dear {{")
	if strings.Contains(text, "\x1b[") {
		t.Error("there are colors where there is no terminal")
	}
	if since := b.does("journeys", "diff", "onboarding", "1"); since != text {
		t.Errorf("since version 1:\n%s\nwant\n%s", since, text)
	}
	says(t, b.does("journeys", "diff", "onboarding", "2", "1"), "-title: The first ninety days\n+title: First ninety days\n")
	says(t, b.does("journeys", "diff", "onboarding", "2"), "Nothing differs.")
	says(t, b.does("journeys", "diff", "onboarding", "--dir", folder), "from version 2", "to   in "+folder, "Nothing differs.")
}

func TestDiffShowsWhatPublishingWouldChange(t *testing.T) {
	t.Parallel()
	b, folder := withVersions(t)
	edit(t, filepath.Join(folder, "onboarding.yaml"), "wait: 1mo", "wait: a month") // a mistake is a change, too
	edit(t, filepath.Join(folder, "templates", "welcome.sms.en.liquid"), "Dear ", "Hello ")
	edit(t, filepath.Join(folder, "profile.yaml"), "    unit: points\n", "    unit: shells\n")
	var d difference
	b.reads(&d, "journeys", "diff", "onboarding", "--dir", folder)
	if d.From.Version != 2 || d.To.Folder != folder || len(d.Files) != 3 {
		t.Fatalf("got %+v", d)
	}
	for i, want := range []struct{ file, line string }{
		{"onboarding.yaml", "+    wait: a month\n"}, {"templates/welcome.sms.en.liquid", "+Hello "}, {catalogueFile, "shells"},
	} {
		if d.Files[i].File != want.file || !strings.Contains(d.Files[i].Diff, want.line) {
			t.Errorf("file %d is %+v, want %+v", i, d.Files[i], want)
		}
	}
	p := &page{}
	d.write(p, true)
	says(t, p.String(), "\x1b[32m+    wait: a month\x1b[0m\n", "\x1b[31m-    wait: 1mo\x1b[0m\n", "\x1b[1m--- onboarding.yaml")
}

func TestVersionsThatAreNotThereAreSaidSo(t *testing.T) {
	t.Parallel()
	newBusiness(t).refuses("no journey is published yet", "journeys", "history", "onboarding")
	b, folder := withVersions(t)
	for _, command := range []string{"show", "history", "diff"} {
		b.refuses(`no journey "onbording" was ever published; did you mean onboarding?`, "journeys", command, "onbording")
		b.refuses("needs the name of a JOURNEY, as in: starter journeys "+command+" onboarding", "journeys", command)
	}
	b.refuses("there is no version 3 of onboarding: the newest is 2", "journeys", "show", "onboarding", "--version", "3")
	b.refuses("0 is no version", "journeys", "show", "onboarding", "--version", "0")
	b.refuses("there is no version 7 of onboarding", "journeys", "diff", "onboarding", "1", "7")
	b.refuses("two is no version", "journeys", "diff", "onboarding", "two")
	b.refuses("has no use for \"4\"", "journeys", "diff", "onboarding", "2", "3", "4")
	b.refuses("say where the journeys are", "journeys", "diff", "onboarding", "--dir", filepath.Join(folder, "nowhere"))
	b.refuses("is no folder of journeys", "journeys", "diff", "onboarding", "--dir", t.TempDir())
}
