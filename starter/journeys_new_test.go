package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestANewJourneyIsRightAsItStands(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	empty := filepath.Join(t.TempDir(), "ours")
	chinese := journeys(t)
	edit(t, filepath.Join(chinese, "profile.yaml"), "language: en", "language: zh-CN")
	for name, c := range map[string]struct{ folder, template string }{
		"an empty folder":     {empty, "after-the-sale.sms.en.liquid"},
		"the shipped folder":  {journeys(t), "after-the-sale.sms.en.liquid"},
		"in another language": {chinese, "after-the-sale.sms.zh-CN.liquid"},
	} {
		text := b.does("journeys", "new", "after-the-sale", "--dir", c.folder)
		says(t, text, filepath.Join(c.folder, "after-the-sale.yaml"), filepath.Join(c.folder, "templates", c.template), strings.Replace(c.template, ".sms.", ".email.", 1), "starter journeys publish after-the-sale --dir "+c.folder)
		says(t, b.does("journeys", "check", filepath.Join(c.folder, "after-the-sale.yaml")), "after-the-sale", "After the sale", "No mistakes")
		if name == "an empty folder" {
			says(t, b.does("journeys", "check", c.folder), "No mistakes")
		}
	}
	var made newFiles
	b.reads(&made, "journeys", "new", "after_the_visit", "--on", "visit.completed", "--dir", chinese)
	if len(made.Files) != 3 || made.Journey != "after_the_visit" {
		t.Errorf("got %+v", made)
	}
	says(t, readFile(t, made.Files[0]), "on: visit.completed", "title: After the visit")
}

func TestNewOverwritesNothing(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	folder := journeys(t)
	before := readFile(t, filepath.Join(folder, "onboarding.yaml"))
	b.refuses("onboarding.yaml is there already: edit it, or choose another name", "journeys", "new", "onboarding", "--dir", folder)
	if readFile(t, filepath.Join(folder, "onboarding.yaml")) != before {
		t.Error("onboarding was overwritten")
	}
	template := filepath.Join(folder, "templates", "welcome.sms.en.liquid")
	welcome := readFile(t, template)
	var made newFiles
	b.reads(&made, "journeys", "new", "welcome", "--dir", folder) // there is a template welcome
	if len(made.Files) != 1 || readFile(t, template) != welcome {
		t.Errorf("got %+v", made)
	}
	if err := os.Symlink("nowhere", filepath.Join(folder, "linked.yaml")); err != nil {
		t.Fatal(err)
	}
	b.refuses("is there already", "journeys", "new", "linked", "--dir", folder)
}

func TestNewRefusesWhatCanNotBe(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	folder := journeys(t)
	b.refuses("is no name for a journey", "journeys", "new", "After the sale", "--dir", folder)
	b.refuses("is no name for a journey", "journeys", "new", "../evil", "--dir", folder)
	b.refuses("it is a file of its own", "journeys", "new", "contact-policy", "--dir", folder)
	b.refuses("did you mean purchase?", "journeys", "new", "sold", "--on", "purchas", "--dir", folder)
	b.refuses("needs a NAME for the journey, as in: starter journeys new thank-you", "journeys", "new")
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), "sold") {
			t.Errorf("%s was written", entry.Name())
		}
	}
}
