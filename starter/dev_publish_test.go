package main

import (
	"path/filepath"
	"slices"
	"testing"

	"perennial/store"
)

// started is what a machine on this business says of a folder when it starts.
func (b *business) starts(folder string) (beginning, string) {
	b.t.Helper()
	m := &machine{settings: b.settings, store: b.store, temporal: b.dial()}
	begun, err := m.begin(b.t.Context(), folder)
	if err != nil {
		b.t.Fatal(err)
	}
	p := &page{}
	begun.write(p)
	return begun, p.String()
}

func (b *business) newest(journey string) store.Listed {
	b.t.Helper()
	listed, err := b.store.Journeys(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	i := slices.IndexFunc(listed, func(l store.Listed) bool { return l.Journey == journey })
	if i < 0 {
		return store.Listed{}
	}
	return listed[i]
}

func TestAStartPublishesOnlyWhatNeverWas(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withTemporal()
	folder := journeys(t)
	begun, said := b.starts(folder)
	if len(begun.Published) < 6 || len(begun.Held)+len(begun.Differ)+len(begun.Mistakes) > 0 || begun.Policy {
		t.Errorf("the first time: %+v", begun)
	}
	says(t, said, "Published now: ", "onboarding")

	edit(t, filepath.Join(folder, "onboarding.yaml"), "title: ", "title: Half of ")
	edit(t, filepath.Join(folder, "contact-policy.yaml"), "\n", " # mind\n")
	b.does("journeys", "new", "thank-you", "--on", "purchase", "--dir", folder)
	begun, said = b.starts(folder)
	if !slices.Equal(begun.Published, []string{"thank-you"}) || !slices.Equal(begun.Differ, []string{"onboarding"}) || !begun.Policy {
		t.Errorf("the second time: %+v", begun)
	}
	if got := b.newest("onboarding").Number; got != 1 {
		t.Errorf("what was half written is version %d", got)
	}
	says(t, said, "Published now: thank-you.", "Written otherwise than published: onboarding, the contact policy.", "journeys publish --dir "+folder)
}

func TestMistakesInTheFolderKeepNothingFromStarting(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withTemporal()
	folder := journeys(t)
	edit(t, filepath.Join(folder, "onboarding.yaml"), "topic: ", "topick: ")
	begun, said := b.starts(folder)
	if len(begun.Mistakes) == 0 || len(begun.Published) > 0 {
		t.Errorf("an empty database: %+v", begun)
	}
	says(t, said, "There are mistakes in "+folder, "onboarding.yaml:", "topick", "No journey is published yet")

	edit(t, filepath.Join(folder, "onboarding.yaml"), "topick: ", "topic: ")
	b.starts(folder)
	edit(t, filepath.Join(folder, "onboarding.yaml"), "topic: ", "topick: ")
	_, said = b.starts(folder)
	says(t, said, "Published before: ", "onboarding.yaml:", "topick")
	if got := b.newest("onboarding").Number; got != 1 {
		t.Errorf("it is version %d", got)
	}
}

func TestAStartWithoutItsFolderFails(t *testing.T) {
	t.Parallel()
	m := &machine{}
	if _, err := m.begin(t.Context(), filepath.Join(t.TempDir(), "nowhere")); err == nil {
		t.Error("it starts")
	}
}
