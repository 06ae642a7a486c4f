package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"perennial/domain/colleague"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/message"
	"perennial/domain/problem"
	"perennial/domain/segment"
	"perennial/store"
)

// published is what became of one journey, or would become of it.
type published struct {
	Journey string    `json:"journey"`
	Title   string    `json:"title"`
	Version int       `json:"version"`           // the newest one, after publishing
	Fresh   bool      `json:"fresh"`             // false where nothing had changed
	Revived bool      `json:"revived,omitempty"` // it was retired until now
	Running []standAt `json:"running"`           // enrollments on earlier versions: they finish on theirs
}

// standAt is how many enrollments stand at a step of an earlier version.
type standAt struct {
	Version int    `json:"version"`
	Step    string `json:"step"` // empty before the first step
	Running int64  `json:"running"`
	Paused  int64  `json:"paused"`
	Gone    bool   `json:"gone"` // the step is not there any more
}

// publish stores a version of each journey of these names, all where there are none, whose files differ from the newest version.
func publish(
	ctx context.Context, s *store.Store, library *journey.Library, names []string, author, why string, now time.Time,
) ([]published, error) {
	chosen, err := choose(library, names)
	if err != nil {
		return nil, err
	}
	all := make([]published, len(chosen))
	for i, compiled := range chosen {
		version, templates, err := versionOf(library, compiled)
		if err != nil {
			return nil, err
		}
		version.Author, version.Message, version.PublishedAt = author, why, now
		all[i] = published{Journey: version.Journey, Title: compiled.Plan.Title}
		if all[i].Version, all[i].Fresh, err = publishNoted(ctx, s, version, templates, store.Published); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// publishNoted publishes a version, and writes into the audit log what that does where it is new.
func publishNoted(
	ctx context.Context, s *store.Store, version store.Version, templates []store.Template, what string,
) (number int, fresh bool, err error) {
	err = s.InTx(ctx, func(tx *store.Tx) error {
		number, fresh, err = tx.Publish(ctx, version, templates)
		if err != nil || !fresh {
			return err
		}
		return tx.Note(ctx, store.Deed{
			At: version.PublishedAt, By: operator(), What: what, Of: store.OfJourney, Subject: version.Journey, Outcome: fmt.Sprintf("version %d", number),
		})
	})
	return number, fresh, err
}

// choose returns the journeys of these names, all where there are none.
func choose(library *journey.Library, names []string) ([]journey.Compiled, error) {
	if len(names) == 0 {
		return library.Journeys, nil
	}
	known := make([]string, len(library.Journeys))
	for i, compiled := range library.Journeys {
		known[i] = compiled.Plan.Journey
	}
	var chosen []journey.Compiled
	for _, name := range names {
		i := slices.Index(known, name)
		if i < 0 {
			return nil, fmt.Errorf("there is no journey %q; %s", name, problem.Suggest(name, known))
		}
		chosen = append(chosen, library.Journeys[i])
	}
	return chosen, nil
}

// versionOf makes of a compiled journey what the store keeps of it.
func versionOf(library *journey.Library, compiled journey.Compiled) (store.Version, []store.Template, error) {
	sources := library.Templates.Sources(compiled.TemplatesUsed...)
	version := store.Version{
		Journey: compiled.Plan.Journey, Source: string(compiled.Source),
		EntersOn: compiled.Plan.Enter.On, Listens: compiled.Plan.Listens(),
	}
	var err error
	if version.Plan, err = json.Marshal(compiled.Plan); err != nil {
		return store.Version{}, nil, fmt.Errorf("encode the plan of journey %s: %w", version.Journey, err)
	}
	if version.Catalogue, err = json.Marshal(library.Catalogue); err != nil {
		return store.Version{}, nil, fmt.Errorf("encode the catalogue of journey %s: %w", version.Journey, err)
	}
	if version.Hash, err = hashOf(compiled, sources, library.Catalogue); err != nil {
		return store.Version{}, nil, fmt.Errorf("hash journey %s: %w", version.Journey, err)
	}
	templates := make([]store.Template, len(sources))
	for i, source := range sources {
		if templates[i], err = templateOf(source); err != nil {
			return store.Version{}, nil, err
		}
	}
	return version, templates, nil
}

// hashOf is the same for two versions that do the same: what operations wrote, and the form in which its plan is stored.
func hashOf(compiled journey.Compiled, templates []message.Source, catalogue segment.Catalogue) (string, error) {
	all, err := json.Marshal(struct {
		Encoding  int
		Source    []byte
		Templates []message.Source
		Catalogue segment.Catalogue
	}{compiled.Plan.Encoding, compiled.Source, templates, catalogue})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(all)
	return hex.EncodeToString(sum[:]), nil
}

// templateOf reads which text a file holds from its name, NAME.CHANNEL.LANGUAGE.liquid.
func templateOf(source message.Source) (store.Template, error) {
	parts := strings.Split(strings.TrimSuffix(source.File, ".liquid"), ".")
	if len(parts) != 3 {
		return store.Template{}, fmt.Errorf("template %s is not named NAME.CHANNEL.LANGUAGE.liquid", source.File)
	}
	return store.Template{Name: parts[0], Channel: customer.Channel(parts[1]), Language: parts[2], Source: source.Text}, nil
}

// impact says what publishing would do, and changes nothing.
func impact(ctx context.Context, s *store.Store, library *journey.Library, names []string) ([]published, error) {
	chosen, err := choose(library, names)
	if err != nil {
		return nil, err
	}
	listed, err := s.Journeys(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]published, len(chosen))
	for i, compiled := range chosen {
		version, _, err := versionOf(library, compiled)
		if err != nil {
			return nil, err
		}
		all[i] = impactOf(compiled.Plan, version.Hash, listed)
	}
	return all, nil
}

func impactOf(plan *journey.Plan, hash string, listed []store.Listed) published {
	p := published{Journey: plan.Journey, Title: plan.Title, Version: 1, Fresh: true, Running: []standAt{}}
	i := slices.IndexFunc(listed, func(l store.Listed) bool { return l.Journey == plan.Journey })
	if i < 0 {
		return p
	}
	newest := listed[i]
	if p.Version = newest.Number; newest.Hash == hash {
		p.Fresh = false
		return p
	}
	p.Version++
	if before, err := journey.DecodePlan(newest.Plan); err == nil {
		p.Revived = before.Enter.Retired
	}
	for _, at := range newest.Running {
		_, there := plan.Step(at.Step)
		p.Running = append(p.Running, standAt{
			Version: at.Version, Step: at.Step, Running: at.Running, Paused: at.Paused, Gone: !there && at.Step != "",
		})
	}
	return p
}

// toldAndUnknown are the ids that journeys of these names, all where there are none, tell something to and that no colleague has.
func toldAndUnknown(ctx context.Context, s *store.Store, library *journey.Library, names []string) ([]string, error) {
	chosen, err := choose(library, names)
	if err != nil {
		return nil, err
	}
	var told []string
	for _, compiled := range chosen {
		for _, step := range compiled.Plan.Steps {
			if step.Notify != "" && step.Notify != journey.NotifyOwner {
				told = append(told, step.Notify)
			}
		}
	}
	if len(told) == 0 {
		return nil, nil
	}
	known, err := s.Colleagues(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	slices.Sort(told)
	return slices.DeleteFunc(slices.Compact(told), func(id string) bool {
		return slices.ContainsFunc(known, func(c colleague.Colleague) bool { return c.ID == id })
	}), nil
}
