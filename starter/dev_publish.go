package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"perennial/deploy/stack"
	"perennial/domain/journey"
)

// atStart is why a machine publishes.
const atStart = "published at start"

// publish publishes the contact policy and the journeys of a folder, the clone's own where it is empty, and returns their plans.
func (m *machine) publish(ctx context.Context, folder string) ([]journey.Plan, error) {
	folder, err := folderToPublish(folder)
	if err != nil {
		return nil, err
	}
	library, policy, err := m.written(folder)
	if err != nil {
		return nil, err
	}
	if policy != nil {
		if _, err := policy.publish(ctx, m.store, username(), atStart, m.settings.Now().UTC()); err != nil {
			return nil, err
		}
	}
	if _, err := publish(ctx, m.store, library, nil, username(), atStart, m.settings.Now()); err != nil {
		return nil, err
	}
	if _, err := schedules(m.settings, m.store, m.temporal).Reconcile(ctx); err != nil {
		return nil, err
	}
	var plans []journey.Plan
	for _, compiled := range library.Journeys {
		plans = append(plans, *compiled.Plan)
	}
	return plans, nil
}

// folderToPublish is the folder, the clone's own where it is empty.
func folderToPublish(folder string) (string, error) {
	if folder != "" {
		_, err := os.Stat(folder)
		return folder, err
	}
	root, err := stack.Root(".")
	if err != nil {
		return "", fmt.Errorf("find the journeys to publish: %w; name their folder with --journeys", err)
	}
	return filepath.Join(root, "journeys"), nil
}

// written reads what operations wrote in a folder. Its errors are their mistakes.
func (m *machine) written(folder string) (*journey.Library, *writtenPolicy, error) {
	library, err := loadLibrary(folder)
	if err != nil {
		return nil, nil, err
	}
	if err := checkScans(library, nil, m.settings.Clock); err != nil {
		return nil, nil, err
	}
	policy, err := publication{}.policy(folder)
	return library, policy, err
}

// beginning is what a machine found published when it started, and what it published itself: only what never was before, so that what somebody
// is in the middle of writing reaches no customer by a restart.
type beginning struct {
	Published []string `json:"published"` // now, by this start
	Held      []string `json:"held"`      // journeys that were published before
	Differ    []string `json:"differ"`    // journeys that are written otherwise than they are published
	Policy    bool     `json:"contact_policy_differs"`
	Mistakes  []string `json:"mistakes,omitempty"` // in the folder, of which nothing was published

	folder string
}

// begin publishes of a folder, the clone's own where it is empty, what was never published. Mistakes in it keep nothing that was published from
// going on.
func (m *machine) begin(ctx context.Context, folder string) (b beginning, err error) {
	if b.folder, err = folderToPublish(folder); err != nil {
		return b, err
	}
	listed, err := m.store.Journeys(ctx)
	if err != nil {
		return b, err
	}
	for _, l := range listed {
		b.Held = append(b.Held, l.Journey)
	}
	library, policy, err := m.written(b.folder)
	if err != nil {
		b.Mistakes = strings.Split(err.Error(), "\n")
	} else if err := m.publishNew(ctx, &b, library, policy); err != nil {
		return b, err
	}
	_, err = schedules(m.settings, m.store, m.temporal).Reconcile(ctx)
	return b, err
}

func (m *machine) publishNew(ctx context.Context, b *beginning, library *journey.Library, policy *writtenPolicy) error {
	p := publication{author: username(), message: atStart}
	changes, err := p.impact(ctx, m.store, library, policy)
	if err != nil {
		return err
	}
	if changes.Policy != nil && changes.Policy.Fresh && changes.Policy.Number > 1 {
		b.Policy, policy = true, nil
	}
	for _, name := range changed(changes.Journeys) {
		if slices.Contains(b.Held, name) {
			b.Differ = append(b.Differ, name)
		} else {
			b.Published = append(b.Published, name)
		}
	}
	changes.Journeys = slices.DeleteFunc(changes.Journeys, func(j published) bool { return slices.Contains(b.Held, j.Journey) })
	return p.publish(ctx, m.store, library, policy, &changes, m.settings.Now().UTC())
}

func (b beginning) write(p *page) {
	if len(b.Published) > 0 {
		p.line("Published now: %s.", strings.Join(b.Published, ", "))
	}
	if len(b.Held) > 0 {
		p.line("Published before: %s.", strings.Join(b.Held, ", "))
	}
	if differ := b.differ(); differ != "" {
		p.line("Written otherwise than published: %s. What is published holds until you publish:", differ)
		p.line("  bin/starter journeys publish --dir %s --message \"…\"", fromHere(b.folder))
	}
	if len(b.Mistakes) > 0 {
		p.line("There are mistakes in %s:", fromHere(b.folder))
		for _, mistake := range b.Mistakes {
			p.line("  %s", mistake)
		}
	}
	if len(b.Published)+len(b.Held) == 0 {
		p.line("No journey is published yet: nobody comes in.")
	}
}

// differ are the things that are written otherwise than they are published.
func (b beginning) differ() string {
	names := slices.Clone(b.Differ)
	if b.Policy {
		names = append(names, "the contact policy")
	}
	return strings.Join(names, ", ")
}

// fromHere is a path as one would type it here.
func fromHere(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	relative, err := filepath.Rel(here, path)
	if err != nil || strings.HasPrefix(relative, "..") {
		return path
	}
	return relative
}
