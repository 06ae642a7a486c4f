package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"perennial/store"
)

func TestCheckSaysWhatItChecked(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	folder := journeys(t)
	says(t, b.does("journeys", "check", folder), "onboarding", "First ninety days", "No mistakes in "+folder)
	var found checked
	b.reads(&found, "journeys", "check", filepath.Join(folder, "onboarding.yaml"))
	if len(found.Journeys) != 1 || found.Journeys[0].EntersOn != "purchase" || len(found.Problems) != 0 {
		t.Errorf("got %+v", found)
	}
	b.refuses("say where the journeys are", "journeys", "check", filepath.Join(folder, "nowhere"))
}

func TestCheckTakesTheNameOfAJourney(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	folder := journeys(t)
	var found checked
	b.reads(&found, "journeys", "check", "onboarding", "--dir", folder)
	if len(found.Journeys) != 1 || found.Journeys[0].Journey != "onboarding" {
		t.Errorf("got %+v", found)
	}
	b.reads(&found, "journeys", "check", "--dir", folder)
	if len(found.Journeys) < 2 {
		t.Errorf("got %+v", found)
	}
	b.refuses(`there is no journey "onbording" in `+folder+"; did you mean onboarding?", "journeys", "check", "onbording", "--dir", folder)
}

func TestCheckSaysWhereThereIsNothingToCheck(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	folder := journeys(t)
	note := b.file("note.txt", "hello")
	b.refuses("or begin with `starter journeys new NAME`", "journeys", "check", filepath.Join(folder, "nowhere"))
	b.refuses("templates is no folder of journeys", "journeys", "check", filepath.Join(folder, "templates"))
	b.refuses("note.txt is nothing that is checked: journeys end in .yaml", "journeys", "check", note)
	b.refuses("not a directory", "journeys", "check", filepath.Join(note, "x"))
}

// TestCheckIsNotStoppedByWhatLiesInTheFolder: each thing that is no file of ours is one mistake; nobody waits for a pipe.
func TestCheckIsNotStoppedByWhatLiesInTheFolder(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	folder := withoutJourneys(t, journeys(t))
	at := func(name string) string { return filepath.Join(folder, name) }
	for _, replaced := range []string{"profile.yaml", "contact-policy.yaml", "calendars/CN.yaml", "templates/welcome.sms.en.liquid"} {
		if err := os.Remove(at(replaced)); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range []error{
		syscall.Mkfifo(at("profile.yaml"), 0o600),
		os.Symlink("contact-policy.yaml", at("contact-policy.yaml")),
		os.Mkdir(at("calendars/CN.yaml"), 0o700),
		syscall.Mkfifo(at("templates/welcome.sms.en.liquid"), 0o600),
		os.Mkdir(at("folder.yaml"), 0o700),
		os.Symlink("/dev/zero", at("endless.yaml")),
		os.WriteFile(at("junk.yaml"), []byte("\x7fELF\x02\x01\x00\xff"), 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r := b.run("journeys", "check", folder)
	says(t, r.out,
		at("profile.yaml")+": this is no ordinary file", at("contact-policy.yaml")+": the file can't be read: too many levels of symbolic links",
		at("calendars/CN.yaml")+": this is a folder", at("templates/welcome.sms.en.liquid")+": this is no ordinary file", at("folder.yaml")+": this is a folder",
		at("endless.yaml")+": this is no ordinary file", at("junk.yaml")+":1:1: a control character (U+007F) stands here",
	)
	if r.code != 1 {
		t.Errorf("exit code %d", r.code)
	}
}

func TestCheckSaysEveryMistakeWithItsPlace(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	folder := journeys(t)
	file := filepath.Join(folder, "onboarding.yaml")
	edit(t, file, "on: purchase", "on: purchas")
	other := filepath.Join(folder, "other.yaml")
	if err := writeFile(other, "journey: other\n"); err != nil {
		t.Fatal(err)
	}
	r := b.run("journeys", "check", folder)
	if r.code != 1 {
		t.Errorf("exit code %d", r.code)
	}
	says(t, r.out, file+":", "unknown event purchas; did you mean purchase?", other+":")
	says(t, r.errs, "mistakes in "+folder)
	if alone := b.run("journeys", "check", file); strings.Contains(alone.out, other) || !strings.Contains(alone.out, file+":") {
		t.Errorf("of %s alone:\n%s", file, alone.out)
	}
	b2 := newBusiness(t)
	r = b2.run("journeys", "publish", "--dir", folder, "-m", "x")
	says(t, r.errs, "nothing was published", file+":")
	if r.code != 1 || len(listed(b2)) != 0 {
		t.Errorf("exit code %d, %d journeys", r.code, len(listed(b2)))
	}
}

func listed(b *business) []listedJourney {
	b.t.Helper()
	var all []listedJourney
	b.reads(&all, "journeys", "list")
	return all
}

// onboarding is how the list tells of that journey.
func onboarding(b *business) listedJourney {
	b.t.Helper()
	for _, j := range listed(b) {
		if j.Journey == "onboarding" {
			return j
		}
	}
	b.t.Fatal("onboarding is not listed")
	return listedJourney{}
}

func TestPublishStoresOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	folder := journeys(t)
	publish := func(args ...string) string {
		t.Helper()
		return b.does(append([]string{"journeys", "publish", "--dir", folder, "--author", "maria"}, args...)...)
	}
	says(t, b.does("journeys", "list"), "No journey is published yet")
	says(t, publish("--dry-run"), "onboarding: new, as version 1.", "dry run")
	if n := len(listed(b)); n != 0 {
		t.Fatalf("a dry run published %d journeys", n)
	}
	says(t, publish("-m", "First"), "Published ", "onboarding as version 1")
	says(t, publish("-m", "Again"), "unchanged", "Nothing to publish")

	e := b.enter("c-1", "onboarding")
	b.enter("c-2", "onboarding")
	if err := b.store.Project(t.Context(), e.ID, store.Projection{Step: "settle_in", Paused: true}, noon()); err != nil {
		t.Fatal(err)
	}
	edit(t, filepath.Join(folder, "onboarding.yaml"), "settle_in", "settle_down")
	says(t, publish("onboarding", "-m", "Renamed a step"),
		"onboarding: version 1 → 2.", "Running now: 2 enrollments", "(just entered)", "settle_in", "not in version 2", "Published onboarding as version 2.")
	j := onboarding(b)
	if j.Version != 2 || j.Author != "maria" || j.Message != "Renamed a step" || j.Running != 2 || j.Paused != 1 {
		t.Errorf("the list says %+v", j)
	}
	if j.Enters != "on purchase" || j.EntersOn != "purchase" {
		t.Errorf("it enters %q, on %q", j.Enters, j.EntersOn)
	}
	says(t, b.does("journeys", "list"), "First ninety days", "on purchase", "2, 1 of them paused", "maria")
}

func TestAChangedTemplateOrCatalogueIsANewVersion(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	folder := journeys(t)
	for version, change := range []struct{ file, old, replacement string }{
		{"onboarding.yaml", "title:", "title:"},
		{"templates/welcome.sms.en.liquid", "{{", " {{"},
		{"onboarding.yaml", "title: First", "title: The first"},
	} {
		edit(t, filepath.Join(folder, change.file), change.old, change.replacement)
		b.does("journeys", "publish", "--dir", folder, "-m", "x")
		if j := onboarding(b); j.Version != version+1 {
			t.Errorf("after a change to %s: version %d", change.file, j.Version)
		}
	}
	v, err := b.store.Version(t.Context(), "onboarding", 0)
	if err != nil {
		t.Fatal(err)
	}
	templates, err := b.store.Templates(t.Context(), "onboarding", v.Number)
	if err != nil || len(templates) == 0 || v.EntersOn != "purchase" || len(v.Listens) == 0 || !strings.Contains(v.Source, "journey: onboarding") {
		t.Errorf("stored: %d templates, enters on %q, listens for %v, %v", len(templates), v.EntersOn, v.Listens, err)
	}
}

func TestPublishRefusesWhatIsNotBuiltAndWhatIsNotThere(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	folder := journeys(t)
	b.refuses("--running move is not built yet", "journeys", "publish", "--dir", folder, "-m", "x", "--running", "move")
	b.refuses("--running exit is not built yet", "journeys", "publish", "--dir", folder, "-m", "x", "--running", "exit")
	b.refuses("write finish", "journeys", "publish", "--dir", folder, "-m", "x", "--running", "wait")
	b.refuses("say why", "journeys", "publish", "--dir", folder)
	b.refuses("did you mean onboarding?", "journeys", "publish", "onbording", "--dir", folder, "-m", "x")
}
