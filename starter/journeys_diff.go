package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aymanbagabas/go-udiff"
	"github.com/spf13/cobra"

	"perennial/domain/journey"
	"perennial/domain/problem"
	"perennial/store"
)

// side is one of two states of a journey that are compared: a version, or what a folder has.
type side struct {
	Version     int       `json:"version,omitempty"` // 0 of a folder
	Folder      string    `json:"folder,omitempty"`
	PublishedAt time.Time `json:"published_at,omitzero"`
	Author      string    `json:"author,omitempty"`
	Message     string    `json:"message,omitempty"`

	files map[string]string // by the name that they have in a folder of journeys
	hash  string            // what `publish` compares; empty of a folder with mistakes
}

// catalogueFile is the name under which a diff shows what the journey was checked against: profile.yaml and events.yaml in one.
const catalogueFile = "catalogue (profile.yaml and events.yaml, as they were read)"

// difference is what changed between two sides.
type difference struct {
	Journey string        `json:"journey"`
	From    side          `json:"from"`
	To      side          `json:"to"`
	Files   []changedFile `json:"files"`
}

// changedFile is a file that differs, with its unified diff.
type changedFile struct {
	File string `json:"file"`
	Diff string `json:"diff"`
}

func newJourneysDiff(c *console) *cobra.Command {
	var folder string
	cmd := &cobra.Command{
		Use:   "diff JOURNEY [VERSION [VERSION]]",
		Short: "Show what changed between two versions of a journey, or since the newest in the folder",
		Long: `Show line by line what changed in a journey, in the templates that it sends and in the catalogues that it was checked against: of
the newest version and what the folder has now; of a version and the newest; or of two versions.`,
		Example: `  starter journeys diff onboarding                      # what would publishing change?
  starter journeys diff onboarding 3                    # what changed since version 3?
  starter journeys diff onboarding 2 3`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return takes("the name of a JOURNEY")(cmd, args)
			}
			return takesUpTo(3)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			numbers, err := versionNumbers(args[1:])
			if err != nil {
				return err
			}
			_, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			d, err := compare(cmd.Context(), s, args[0], numbers, folder)
			if err != nil {
				return err
			}
			return c.show(d, func(p *page) { d.write(p, c.color) })
		},
	}
	cmd.Flags().StringVar(&folder, "dir", "journeys", "`folder` of the journeys, where no version is named")
	return cmd
}

func versionNumbers(texts []string) ([]int, error) {
	numbers := make([]int, len(texts))
	for i, text := range texts {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, errVersion(text)
		}
		numbers[i] = n
	}
	return numbers, nil
}

// compare reads both sides that the numbers name, and tells them apart.
func compare(ctx context.Context, s *store.Store, name string, numbers []int, folder string) (difference, error) {
	history, err := historyOf(ctx, s, name)
	if err != nil {
		return difference{}, err
	}
	newest := history[0].Version
	d := difference{Journey: name}
	if d.From, err = versionSide(ctx, s, name, cmp.Or(slices.Concat(numbers, []int{0})[0], newest), history); err != nil {
		return difference{}, err
	}
	switch len(numbers) {
	case 0:
		d.To, err = folderSide(folder, name, d.From)
	case 1:
		d.To, err = versionSide(ctx, s, name, newest, history)
	default:
		d.To, err = versionSide(ctx, s, name, numbers[1], history)
	}
	d.Files = changedFiles(d.From, d.To)
	return d, err
}

func versionSide(ctx context.Context, s *store.Store, name string, number int, history []store.Publication) (side, error) {
	shown, err := readJourney(ctx, s, name, number, history)
	if err != nil {
		return side{}, err
	}
	made := side{
		Version: number, PublishedAt: shown.PublishedAt, Author: shown.Author, Message: shown.Message, hash: shown.hash,
		files: map[string]string{name + ".yaml": shown.Source, catalogueFile: readableJSON(shown.catalogue)},
	}
	for _, t := range shown.Templates {
		made.files[t.File] = t.Source
	}
	return made, nil
}

// folderSide is a journey as a folder has it, with mistakes or without. Where it has some it isn't known which templates it will send, so those
// of the other side are looked at.
func folderSide(path, name string, other side) (side, error) {
	folder, file, err := placeOfJourneys([]string{path})
	if err != nil {
		return side{}, err
	}
	if file != "" {
		return side{}, fmt.Errorf("--dir %s is a file: name the folder", path)
	}
	library, _ := loadJourneys(folder)
	i := slices.IndexFunc(library.Journeys, func(c journey.Compiled) bool { return c.File == name+".yaml" })
	if i < 0 {
		var names []string
		for _, compiled := range library.Journeys {
			names = append(names, strings.TrimSuffix(compiled.File, ".yaml"))
		}
		return side{}, fmt.Errorf("there is no %s; %s", filepath.Join(folder, name+".yaml"), cmp.Or(problem.Suggest(name, names), "name another folder with --dir"))
	}
	compiled := library.Journeys[i]
	catalogue, err := json.Marshal(library.Catalogue)
	if err != nil {
		return side{}, fmt.Errorf("encode the catalogue of %s: %w", folder, err)
	}
	made := side{Folder: folder, files: map[string]string{compiled.File: string(compiled.Source), catalogueFile: readableJSON(catalogue)}}
	used := compiled.TemplatesUsed
	if compiled.Plan == nil {
		for file := range other.files {
			if text, isTemplate := strings.CutPrefix(file, journey.TemplateFolder+"/"); isTemplate {
				template, _, _ := strings.Cut(text, ".")
				used = append(used, template)
			}
		}
	}
	sources := library.Templates.Sources(used...)
	for _, source := range sources {
		made.files[journey.TemplateFolder+"/"+source.File] = source.Text
	}
	if compiled.Plan != nil {
		made.hash, err = hashOf(compiled, sources, library.Catalogue)
	}
	return made, err
}

func readableJSON(encoded []byte) string {
	var indented bytes.Buffer
	if err := json.Indent(&indented, encoded, "", "  "); err != nil {
		return string(encoded)
	}
	return indented.String() + "\n"
}

// changedFiles are the files that differ: the journey first, then its templates, then the catalogue.
func changedFiles(from, to side) []changedFile {
	var names []string
	for name := range from.files {
		names = append(names, name)
	}
	for name := range to.files {
		if _, both := from.files[name]; !both {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
	changed := []changedFile{}
	for _, name := range names {
		before, was := from.files[name]
		after, is := to.files[name]
		if diff := udiff.Unified(from.label(name, was), to.label(name, is), before, after); diff != "" {
			changed = append(changed, changedFile{File: name, Diff: diff})
		}
	}
	return changed
}

func rank(file string) int {
	switch {
	case file == catalogueFile:
		return 3
	case strings.HasPrefix(file, journey.TemplateFolder+"/"):
		return 2
	}
	return 1
}

// label is the name of a file in the head of its diff: /dev/null where this side has none, as patch(1) wants it.
func (s side) label(file string, there bool) string {
	if !there {
		return "/dev/null"
	}
	return file + "\t" + s.name()
}

func (s side) name() string {
	if s.Version == 0 {
		return "in " + s.Folder
	}
	return fmt.Sprintf("version %d", s.Version)
}

// describe is a side with who made it and why.
func (s side) describe() string {
	if s.Version == 0 {
		return ", as it is now"
	}
	text := ", " + utc(s.PublishedAt) + " UTC by " + cmp.Or(s.Author, "nobody who was named")
	if s.Message != "" {
		text += ": " + s.Message
	}
	return text
}

func (d difference) write(p *page, color bool) {
	p.line("%s", d.Journey)
	p.line("  from %s%s", d.From.name(), d.From.describe())
	p.line("  to   %s%s", d.To.name(), d.To.describe())
	for _, file := range d.Files {
		p.line("")
		for line := range strings.Lines(file.Diff) {
			p.WriteString(paintedDiff(line, color))
		}
		if !strings.HasSuffix(file.Diff, "\n") {
			p.line("")
		}
	}
	if len(d.Files) > 0 {
		return
	}
	if d.From.hash != d.To.hash && d.To.hash != "" {
		p.line("\nNothing that was written differs; another build compiled it, so that publishing makes a version of it.")
		return
	}
	p.line("\nNothing differs.")
}

// paintedDiff is a line of a diff, in color where that is wanted.
func paintedDiff(line string, color bool) string {
	if !color {
		return line
	}
	text := strings.TrimSuffix(line, "\n")
	switch {
	case strings.HasPrefix(text, "--- "), strings.HasPrefix(text, "+++ "):
		return paint(bold, text) + "\n"
	case strings.HasPrefix(text, "-"):
		return paint(red, text) + "\n"
	case strings.HasPrefix(text, "+"):
		return paint(green, text) + "\n"
	case strings.HasPrefix(text, "@@"):
		return paint(cyan, text) + "\n"
	}
	return line
}
