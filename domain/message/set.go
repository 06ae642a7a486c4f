package message

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/osteele/liquid"

	"perennial/domain/customer"
	"perennial/domain/document"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

// Set is the templates of one catalogue. It may be used by many goroutines at once.
type Set struct {
	catalogue segment.Catalogue
	templates map[id]*template
}

// Load reads all templates of a folder.
func Load(fsys fs.FS, folder string, cat segment.Catalogue, problems *problem.List) *Set {
	var sources []Source
	for _, file := range document.Files(fsys, path.Join(folder, "*"+suffix), problems) {
		text, ok := document.ReadFile(fsys, file, problems)
		if !ok {
			continue
		}
		sources = append(sources, Source{File: path.Base(file), Text: string(text)})
	}
	return New(folder, cat, sources, problems)
}

// New parses and checks templates. Problems name their files as lying in folder. A template with a problem is in the set, so that who
// asks for it is not told that it is missing, but can't be rendered.
func New(folder string, cat segment.Catalogue, sources []Source, problems *problem.List) *Set {
	return parsing{problems: problems, rules: problems}.set(folder, cat, sources)
}

// Published parses templates that were checked when they were published. The check may have grown stricter since, which concerns nobody who is
// under way: only one whose front matter or Liquid can't be read at all can't be rendered.
func Published(cat segment.Catalogue, sources []Source) *Set {
	return parsing{problems: &problem.List{}, rules: &problem.List{}, published: true}.set("", cat, sources)
}

// parsing turns sources into templates.
type parsing struct {
	catalogue segment.Catalogue
	variables map[string]variable
	languages map[string]written          // that were come across
	problems  *problem.List               // that keep a template from being rendered
	rules     *problem.List               // that the check alone minds; the same list while it decides
	published bool                        // the check decided long ago
	layout    *layout                     // of emails
	written                               // the language of the template at hand
	things    map[customer.ThingKind]bool // which the template at hand speaks of
}

func (p parsing) set(folder string, cat segment.Catalogue, sources []Source) *Set {
	s := &Set{catalogue: cat, templates: map[id]*template{}}
	p.catalogue, p.variables, p.languages = cat, variables(cat), map[string]written{}
	layout, err := newLayout(cat.Style)
	if err != nil {
		p.problems.Add(problem.Place{File: path.Join(folder, StyleFile)}, err.Error(), "")
	}
	p.layout = layout
	for _, source := range sources {
		file := path.Join(folder, source.File)
		of, what, mend := parseFileName(source.File)
		if what != "" {
			p.problems.Add(problem.Place{File: file}, what, mend)
		}
		if of.name != "" && (what == "" || p.published) {
			s.templates[of] = p.template(file, of, source)
		}
	}
	return s
}

func (p parsing) template(file string, of id, source Source) *template {
	t := &template{id: of, source: source, layout: p.layout, things: map[customer.ThingKind]bool{}}
	p.things = t.things
	p.written = p.in(of.language)
	before := p.problems.Len()
	readable := p.fill(file, t)
	if len(t.things) > 1 {
		p.rules.Add(problem.Place{File: file}, "it speaks of an agreement and of an asset, and a journey is about one or the other", "write a template for each")
	}
	if !readable || p.problems.Len() > before {
		t.broken = errors.New("it has mistakes, which its check tells")
		if p.published {
			t.broken = errors.New("this build can't read it")
		}
	}
	return t
}

// written is what templates of one language are read with: its filters know how things are written in it.
type written struct {
	engine  *liquid.Engine
	filters map[string]filter
}

func (p parsing) in(language string) written {
	w, ok := p.languages[language]
	if !ok {
		f, money := formatOf(language), ""
		for _, c := range p.catalogue.Business {
			if c.Name == currencyConstant {
				money = c.Value
			}
		}
		w = written{engine: newEngine(f, money), filters: filters(f, money)}
		p.languages[language] = w
	}
	return w
}

// currencyConstant is what the business calls the currency it counts in.
const currencyConstant = "currency"

// fill reads the front matter and the text of a template. It says whether it could.
func (p parsing) fill(file string, t *template) bool {
	whole := problem.Place{File: file}
	if len(t.source.Text) > maxSource && !p.published {
		p.problems.Add(whole, fmt.Sprintf("the template is over %d KB", maxSource>>10), "shorten it")
		return false
	}
	text, ok := document.Text(file, []byte(t.source.Text), p.problems)
	if !ok {
		return false
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	found := cut(file, text, p.rules)
	if found.broken {
		return false
	}
	t.front = p.front(file, t.id, found.front)
	if strings.TrimSpace(found.body) != "" {
		t.body = p.liquid(found.body, placeIn(file, text, found.bodyStart))
		return true
	}
	if t.front.contentSID == "" {
		p.problems.Add(whole, "the template has no text", "write what the customer reads")
	}
	return true
}

// placeInValue returns a function that finds the place of an offset, in bytes, of a YAML value.
func placeInValue(v *document.Value) func(int) problem.Place {
	return func(offset int) problem.Place {
		return v.At(len([]rune(v.Text[:min(offset, len(v.Text))])))
	}
}

// liquid checks and parses a text; nil when something is wrong with it. The check also learns which things the text speaks of.
func (p parsing) liquid(text string, at func(int) problem.Place) *liquid.Template {
	before := p.problems.Len()
	c := checker{variables: p.variables, filters: p.filters, at: at, problems: p.rules, never: p.problems, things: p.things}
	c.check(text)
	if p.problems.Len() > before {
		return nil
	}
	parsed, err := p.engine.ParseString(text)
	if err != nil {
		p.problems.Add(at(0), "this is no template: "+err.Error(), "")
		return nil
	}
	return parsed
}

// Names returns the names of all templates, sorted.
func (s *Set) Names() []string {
	names := map[string]bool{}
	for of := range s.templates {
		names[of.name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// Channels returns the channels for which there is a template of that name.
func (s *Set) Channels(name string) []customer.Channel {
	var channels []customer.Channel
	for _, c := range customer.Channels {
		if len(s.Languages(name, c)) > 0 {
			channels = append(channels, c)
		}
	}
	return channels
}

// Languages returns the languages in which there is a template of that name for that channel, sorted.
func (s *Set) Languages(name string, channel customer.Channel) []string {
	var languages []string
	for of := range s.templates {
		if of.name == name && of.channel == channel {
			languages = append(languages, of.language)
		}
	}
	slices.Sort(languages)
	return languages
}

// Things returns which kinds of things the templates of that name speak of, on any channel and in any language. A journey that sends them
// must be about one.
func (s *Set) Things(name string) []customer.ThingKind {
	var things []customer.ThingKind
	for _, of := range customer.ThingKinds {
		for id, t := range s.templates {
			if id.name == name && t.things[of] {
				things = append(things, of)
				break
			}
		}
	}
	return things
}

// Thing returns the kind of thing that one template speaks of, empty where it speaks of none.
func (s *Set) Thing(name string, channel customer.Channel, language string) customer.ThingKind {
	t, ok := s.templates[id{name: name, channel: channel, language: language}]
	if !ok {
		return ""
	}
	for _, of := range customer.ThingKinds {
		if t.things[of] {
			return of
		}
	}
	return ""
}

// Sources returns the files of the templates of these names, by file name.
func (s *Set) Sources(names ...string) []Source {
	var sources []Source
	for of, t := range s.templates {
		if slices.Contains(names, of.name) {
			sources = append(sources, t.source)
		}
	}
	slices.SortFunc(sources, func(a, b Source) int { return cmp.Compare(a.File, b.File) })
	return sources
}
