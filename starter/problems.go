package main

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"perennial/domain/problem"
)

// The forms in which mistakes in files are told: one line each for people and their editors, annotations that GitHub puts beside the lines of
// a pull request, or one SARIF document for whatever reads reports of checkers.
const (
	formatText   = "text"
	formatGitHub = "github"
	formatSARIF  = "sarif"
)

// mistakes is what a check found, and how it is to be told.
type mistakes struct {
	format   string
	problems []problem.Problem
	where    string // what was checked, as one types it
	found    any    // all of it, for --json
}

// formatFlag adds --format to a command that checks files.
func (m *mistakes) formatFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&m.format, "format", formatText, "`form` of the mistakes: text, github (annotations of a workflow) or sarif (2.1.0)")
}

// checkFormat refuses a form that there is not, before anything is read.
func (m *mistakes) checkFormat(c *console) error {
	if c.json && m.format != formatText {
		return fmt.Errorf("--json and --format %s are two forms at once: give one", m.format)
	}
	forms := []string{formatText, formatGitHub, formatSARIF}
	if !slices.Contains(forms, m.format) {
		return fmt.Errorf("--format can't be %q; %s", m.format, problem.Suggest(m.format, forms))
	}
	return nil
}

// tell prints what a check found; right says what there is to say where nothing is wrong. Mistakes are an error too, in every form.
func (m *mistakes) tell(c *console, right func(*page)) error {
	if err := m.write(c, right); err != nil || len(m.problems) == 0 {
		return err
	}
	return fmt.Errorf("%s in %s", count(int64(len(m.problems)), "mistake", "mistakes"), m.where)
}

func (m *mistakes) write(c *console, right func(*page)) error {
	if m.format == formatSARIF {
		return c.encode(sarifOf(m.problems))
	}
	return c.show(m.found, func(p *page) {
		switch {
		case len(m.problems) == 0:
			right(p)
		case m.format == formatGitHub:
			for _, one := range m.problems {
				p.line("%s", annotation(one))
			}
		default:
			writeProblems(p, m.problems, c.color)
		}
	})
}

// writeProblems writes one line a mistake, as editors understand it. On a terminal files are set apart, and places stand out.
func writeProblems(p *page, problems []problem.Problem, terminal bool) {
	file := ""
	for _, one := range problems {
		if !terminal {
			p.line("%s", one)
			continue
		}
		if file != "" && file != one.File {
			p.line("")
		}
		file = one.File
		place, rest, _ := strings.Cut(one.String(), ": ")
		p.line("%s: %s", paint(bold, place), rest)
	}
}

// annotation is a mistake as a workflow of GitHub Actions takes it from a program's output.
func annotation(one problem.Problem) string {
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	at := "file=" + property.Replace(filepath.ToSlash(one.File))
	if one.Line > 0 {
		at += fmt.Sprintf(",line=%d,col=%d", one.Line, one.Column)
	}
	return fmt.Sprintf("::error %s::%s", at, data.Replace(one.Text()))
}

// The part of SARIF 2.1.0 that mistakes in files need: docs.oasis-open.org/sarif/sarif/v2.1.0.
type (
	sarifLog struct {
		Version string     `json:"version"`
		Schema  string     `json:"$schema"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string       `json:"id"`
		Short sarifMessage `json:"shortDescription"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		Level     string          `json:"level"`
		Message   sarifMessage    `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"` // absent where the whole file is meant
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
	}
)

// sarifRuleID is the one rule that files break: that they are right.
const sarifRuleID = "mistake"

func sarifOf(problems []problem.Problem) sarifLog {
	run := sarifRun{
		Tool: sarifTool{Driver: sarifDriver{
			Name:  "Perennial",
			Rules: []sarifRule{{ID: sarifRuleID, Short: sarifMessage{"A mistake in a file that operations write: it can't be published"}}},
		}},
		ColumnKind: "unicodeCodePoints",
		Results:    make([]sarifResult, len(problems)),
	}
	for i, one := range problems {
		at := sarifPhysical{Artifact: sarifArtifact{URI: fileURI(one.File)}}
		if one.Line > 0 {
			at.Region = &sarifRegion{StartLine: one.Line, StartColumn: one.Column}
		}
		run.Results[i] = sarifResult{RuleID: sarifRuleID, Level: "error", Message: sarifMessage{one.Text()}, Locations: []sarifLocation{{at}}}
	}
	return sarifLog{Version: "2.1.0", Schema: "https://json.schemastore.org/sarif-2.1.0.json", Runs: []sarifRun{run}}
}

// fileURI is a path as a URI: a relative one stays relative.
func fileURI(path string) string {
	uri := url.URL{Path: filepath.ToSlash(path)}
	if filepath.IsAbs(path) {
		uri.Scheme = "file"
	}
	return uri.String()
}
