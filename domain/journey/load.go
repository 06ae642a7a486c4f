package journey

import (
	"io/fs"
	"path"
	"slices"

	"perennial/domain/contact"
	"perennial/domain/document"
	"perennial/domain/message"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

// The files of a journeys folder that are no journeys.
const (
	ProfileFile    = "profile.yaml"
	EventsFile     = "events.yaml"
	TemplateFolder = "templates"
)

// Library is all that operations wrote in one folder: journeys and what they use.
type Library struct {
	Catalogue segment.Catalogue
	Templates *message.Set
	Journeys  []Compiled // by file
}

// Compiled is one journey with what it was compiled from.
type Compiled struct {
	File          string
	Source        []byte
	Plan          *Plan    // nil when the file has mistakes
	TemplatesUsed []string // names, sorted
}

// Load reads and compiles a folder of journeys. It goes on past mistakes, so that one pass tells them all; a library with problems is
// not fit to publish.
func Load(fsys fs.FS) (*Library, []problem.Problem) {
	var problems problem.List
	library := &Library{}
	if source, ok := document.ReadFile(fsys, ProfileFile, &problems); ok {
		library.Catalogue.ParseProfile(ProfileFile, source, &problems)
	}
	if source, ok := document.ReadFile(fsys, EventsFile, &problems); ok {
		library.Catalogue.ParseEvents(EventsFile, source, &problems)
	}
	library.Catalogue.Style = message.LoadStyle(fsys, TemplateFolder, &problems)
	library.Templates = message.Load(fsys, TemplateFolder, library.Catalogue, &problems)
	topics := topicsOf(fsys)
	var all []startable
	files := 0
	document.NotRead(fsys, "*.yml", ".yaml", &problems)
	for _, file := range document.Files(fsys, "*.yaml", &problems) {
		if file == ProfileFile || file == EventsFile || file == contact.PolicyFile {
			continue
		}
		files++
		source, ok := document.ReadFile(fsys, file, &problems)
		if !ok {
			continue
		}
		c := compile(file, source, library.Catalogue, library.Templates)
		topics.check(c)
		all = append(all, startable{name: fileName(file), enter: c.plan.Enter, starts: c.starts})
		plan := c.plan
		if !c.problems.Empty() {
			problems.Append(c.problems.Sorted()...)
			plan = nil
		}
		library.Journeys = append(library.Journeys, Compiled{File: path.Base(file), Source: source, Plan: plan, TemplatesUsed: plan.templates()})
	}
	checkStarts(all, &problems)
	if files == 0 {
		problems.Add(problem.Place{File: "."}, "there is no journey in this folder", "write one, such as onboarding.yaml")
	}
	return library, problems.Sorted()
}

// knownTopics are the topics of a folder's contact policy.
type knownTopics struct {
	names   []string // none where the policy has mistakes, which are told when it is loaded
	written bool     // by operations; else they are the standard ones
}

func topicsOf(fsys fs.FS) knownTopics {
	policy, problems := contact.Load(fsys)
	if len(problems) > 0 {
		return knownTopics{}
	}
	_, err := fs.Stat(fsys, contact.PolicyFile)
	topics := knownTopics{written: err == nil}
	for _, t := range policy.Topics {
		topics.names = append(topics.names, t.Name)
	}
	return topics
}

// check finds the topics of a journey that the contact policy does not know: nobody can agree to them, so nothing would ever be sent.
func (k knownTopics) check(c *compiler) {
	for _, topic := range c.topics {
		if len(k.names) == 0 || slices.Contains(k.names, topic.name) {
			continue
		}
		what, mend := contact.PolicyFile+" has no topic "+topic.name, "add it there"
		if !k.written {
			what, mend = "there is no topic "+topic.name, "write a "+contact.PolicyFile+" that has it"
		}
		switch near, ok := problem.Nearest(topic.name, k.names); {
		case ok:
			mend = "did you mean " + near + "?"
		case problem.Suggest(topic.name, k.names) != "":
			mend = problem.Suggest(topic.name, k.names) + ", or " + mend
		}
		c.problems.Add(topic.at, what, mend)
	}
}

// templates returns the names of the templates that a plan uses, sorted, each once.
func (p *Plan) templates() []string {
	if p == nil {
		return nil
	}
	var names []string
	for _, s := range p.Steps {
		if s.Template != "" {
			names = append(names, s.Template)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
