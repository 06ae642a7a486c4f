package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"perennial/domain/contact"
	"perennial/domain/journey"
	"perennial/domain/problem"
)

// checked is what a check found.
type checked struct {
	Folder   string            `json:"folder"`
	Problems []problem.Problem `json:"problems"`
	Journeys []checkedJourney  `json:"journeys"`
	Unused   []string          `json:"unused_templates"` // names of templates that no journey sends
}

type checkedJourney struct {
	Journey   string `json:"journey"`
	Title     string `json:"title"`
	File      string `json:"file"`
	Enters    string `json:"enters"`
	EntersOn  string `json:"enters_on,omitempty"` // the type of event, where one lets customers in
	Steps     int    `json:"steps"`
	Templates int    `json:"templates"` // files
}

func newJourneysCheck(c *console) *cobra.Command {
	var m mistakes
	var within string
	cmd := &cobra.Command{
		Use:   "check [FOLDER|FILE|JOURNEY]",
		Short: "Say every mistake in a folder of journeys, or in one file of it",
		Long: `Read a folder of journeys with their templates and catalogues, and say every mistake in one pass, as
"file:line:column: what is wrong; what to write instead". Of a FILE in such a folder, only its mistakes and those of what it
stands on are said; a JOURNEY is a file of the folder that --dir names. It needs no database. Without a folder it reads journeys.

Where there are mistakes the exit status is 1, in every form: --format github puts them beside the lines of a pull request,
--format sarif is for whatever reads the reports of checkers.`,
		Example: `  starter journeys check
  starter journeys check onboarding
  starter journeys check journeys/onboarding.yaml
  starter journeys check --format github                # in a workflow of GitHub Actions
  starter journeys check --format sarif > journeys.sarif`,
		Args: takesUpTo(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := m.checkFormat(c); err != nil {
				return err
			}
			if len(args) == 0 {
				args = []string{within}
			}
			path, err := pathOf(args[0], within)
			if err != nil {
				return err
			}
			folder, file, err := placeOfJourneys([]string{path})
			if err != nil {
				return err
			}
			library, problems := loadJourneys(folder)
			if file != "" {
				problems = slices.DeleteFunc(problems, func(p problem.Problem) bool { return ofAnother(folder, file, p) })
			}
			found := checked{Folder: folder, Problems: problems, Journeys: []checkedJourney{}, Unused: []string{}}
			if len(problems) == 0 {
				found.Journeys, found.Unused = describe(library, file)
			}
			m.problems, m.where, m.found = problems, filepath.Join(folder, file), found
			return m.tell(c, func(p *page) { writeChecked(p, library, found) })
		},
	}
	m.formatFlag(cmd)
	cmd.Flags().StringVar(&within, "dir", "journeys", "`folder` of the journeys")
	return cmd
}

// pathOf is what an argument of check means: a path as it stands or, where there is none and the folder has journeys, the file of one by its name.
func pathOf(arg, folder string) (string, error) {
	if _, err := os.Stat(arg); err == nil || !journey.IsName(arg) {
		return arg, nil
	}
	file := filepath.Join(folder, arg+".yaml")
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	files, _ := filepath.Glob(filepath.Join(folder, "*.yaml")) // none where the folder can't be read, which is said of the path
	if len(files) == 0 {
		return arg, nil
	}
	var names []string
	for _, path := range files {
		if base := filepath.Base(path); !slices.Contains([]string{journey.ProfileFile, journey.EventsFile, contact.PolicyFile}, base) {
			names = append(names, strings.TrimSuffix(base, ".yaml"))
		}
	}
	mend := problem.Suggest(arg, names)
	if mend == "" {
		mend = "there are " + strings.Join(names, ", ")
	}
	return "", fmt.Errorf("there is no journey %q in %s; %s", arg, folder, mend)
}

// placeOfJourneys is the folder that an argument means, and the file in it, empty where all of it is meant.
func placeOfJourneys(args []string) (folder, file string, err error) {
	path := "journeys"
	if len(args) > 0 {
		path = args[0]
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", fmt.Errorf("there is no %q here: say where the journeys are, or begin with `starter journeys new NAME`", path)
	}
	if err != nil {
		return "", "", fmt.Errorf("look for the journeys: %w", err)
	}
	if info.IsDir() {
		return filepath.Clean(path), "", holdsJourneys(path)
	}
	if !slices.Contains([]string{".yaml", ".liquid"}, filepath.Ext(path)) {
		return "", "", fmt.Errorf("%s is nothing that is checked: journeys end in .yaml, templates in .liquid", path)
	}
	folder, file = filepath.Dir(path), filepath.Base(path)
	if filepath.Base(folder) == journey.TemplateFolder {
		folder, file = filepath.Dir(folder), filepath.Join(journey.TemplateFolder, file)
	}
	return folder, file, nil
}

// holdsJourneys is an error where a folder can't be one of journeys: nothing in it is YAML.
func holdsJourneys(folder string) error {
	files, err := fs.Glob(os.DirFS(folder), "*.yaml")
	if err != nil || len(files) > 0 {
		return err
	}
	return fmt.Errorf("%s is no folder of journeys: nothing in it ends in .yaml; name the right one, or begin with `starter journeys new NAME`", folder)
}

// loadJourneys reads a folder, its contact policy too. The problems name files as one types them here.
func loadJourneys(folder string) (*journey.Library, []problem.Problem) {
	var all problem.List
	library, problems := journey.Load(os.DirFS(folder))
	all.Append(problems...)
	_, problems = contact.Load(os.DirFS(folder))
	all.Append(problems...)
	problems = all.Sorted()
	for i := range problems {
		problems[i].File = filepath.Join(folder, problems[i].File)
	}
	return library, problems
}

// loadLibrary reads a folder of journeys that are to be used: mistakes are an error.
func loadLibrary(folder string) (*journey.Library, error) {
	library, problems := loadJourneys(folder)
	if len(problems) > 0 {
		return nil, refusal(folder, problems)
	}
	return library, nil
}

// ofAnother says whether a problem is of a journey or a template that is not the file in question. A journey stands on all templates.
func ofAnother(folder, file string, p problem.Problem) bool {
	relative, err := filepath.Rel(folder, p.File)
	if err != nil || relative == file || relative == journey.ProfileFile || relative == journey.EventsFile {
		return false
	}
	inTemplates := strings.HasPrefix(relative, journey.TemplateFolder+string(filepath.Separator))
	return !inTemplates || strings.HasPrefix(file, journey.TemplateFolder+string(filepath.Separator))
}

func describe(library *journey.Library, file string) (journeys []checkedJourney, unused []string) {
	journeys = []checkedJourney{}
	unused = library.Templates.Names()
	for _, compiled := range library.Journeys {
		unused = slices.DeleteFunc(unused, func(name string) bool { return slices.Contains(compiled.TemplatesUsed, name) })
		if compiled.Plan == nil || file != "" && compiled.File != file {
			continue
		}
		journeys = append(journeys, checkedJourney{
			Journey: compiled.Plan.Journey, Title: compiled.Plan.Title, File: compiled.File, Enters: compiled.Plan.Ways(), EntersOn: compiled.Plan.Enter.On,
			Steps: len(compiled.Plan.Steps), Templates: len(library.Templates.Sources(compiled.TemplatesUsed...)),
		})
	}
	if unused == nil || file != "" {
		unused = []string{}
	}
	return journeys, unused
}

func writeChecked(p *page, library *journey.Library, found checked) {
	var rows [][]string
	for _, j := range found.Journeys {
		rows = append(rows, []string{j.Journey, j.Title, j.Enters, strconv.Itoa(j.Steps), strconv.Itoa(j.Templates)})
	}
	if len(rows) > 0 {
		p.table("", []string{"JOURNEY", "TITLE", "ENTERS", "STEPS", "TEMPLATE FILES"}, rows)
		p.line("")
	}
	p.line("No mistakes in %s: checked with %s and %s.", found.Folder,
		count(int64(len(library.Catalogue.Attributes)), "attribute", "attributes"), count(int64(len(library.Catalogue.Events)), "event type", "event types"))
	if len(found.Unused) > 0 {
		p.line("No journey sends the template %s.", strings.Join(found.Unused, ", "))
	}
}
