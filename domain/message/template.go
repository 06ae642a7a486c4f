package message

import (
	"strings"
	"unicode/utf8"

	"github.com/osteele/liquid"

	"perennial/domain/customer"
	"perennial/domain/document"
	"perennial/domain/problem"
)

// Source is a template file as operations wrote it. It is stored as JSON with each published version.
type Source struct {
	File string `json:"file"` // NAME.CHANNEL.LANGUAGE.liquid, without folder
	Text string `json:"text"`
}

// maxSource is how long a template file may be, in bytes.
const maxSource = 16 << 10

// template is one parsed file.
type template struct {
	id
	source Source
	front  front
	body   *liquid.Template            // nil where the front matter names approved content and the file says no more
	things map[customer.ThingKind]bool // which it speaks of
	layout *layout                     // email only
	broken error                       // why it can't be rendered; nil where it can
}

// parts is a template file cut in its parts.
type parts struct {
	front     *document.Value // nil when there is none
	body      string
	bodyStart int  // offset of body in the file
	broken    bool // the front matter can't be read
}

// cut separates the front matter, the YAML between two lines of three hyphens at the top, from the body.
func cut(file, text string, problems *problem.List) parts {
	const fence = "---\n"
	rest, ok := strings.CutPrefix(text, fence)
	if !ok {
		return parts{body: text}
	}
	front, body, ok := strings.Cut("\n"+rest, "\n"+fence)
	if !ok {
		at := problem.Place{File: file, Line: 1, Column: 1}
		problems.Add(at, "the front matter is never closed", "write --- on a line of its own where it ends")
		return parts{body: rest, broken: true}
	}
	p := parts{body: body, bodyStart: len(text) - len(body)}
	// In place of the fence stands an empty line, so that places in the YAML are places in the file.
	p.front = document.Parse(file, []byte("\n"+strings.TrimPrefix(front, "\n")), problems)
	p.broken = p.front == nil
	return p
}

// placeIn returns a function that finds the place in a file of an offset, in bytes, that counts from start.
func placeIn(file, text string, start int) func(int) problem.Place {
	return func(offset int) problem.Place {
		before := text[:min(start+offset, len(text))]
		line := before[strings.LastIndexByte(before, '\n')+1:]
		return problem.Place{File: file, Line: 1 + strings.Count(before, "\n"), Column: 1 + utf8.RuneCountInString(line)}
	}
}
