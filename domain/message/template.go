package message

import (
	"fmt"
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
	source  Source
	subject *liquid.Template // email only
	body    *liquid.Template
}

// parts is a template file cut in its parts.
type parts struct {
	subject   *document.Value
	body      string
	bodyStart int  // offset of body in the file
	broken    bool // the front matter can't be read
}

// cut separates the front matter, the YAML between two lines of three hyphens at the top, from the body.
func cut(file string, of id, text string, problems *problem.List) parts {
	const fence = "---\n"
	rest, ok := strings.CutPrefix(text, fence)
	if !ok {
		return parts{body: text}
	}
	at := problem.Place{File: file, Line: 1, Column: 1}
	front, body, ok := strings.Cut("\n"+rest, "\n"+fence)
	if !ok {
		problems.Add(at, "the front matter is never closed", "write --- on a line of its own where it ends")
		return parts{body: rest, broken: true}
	}
	p := parts{body: body, bodyStart: len(text) - len(body)}
	// In place of the fence stands an empty line, so that places in the YAML are places in the file.
	values := document.Parse(file, []byte("\n"+strings.TrimPrefix(front, "\n")), problems)
	if values == nil {
		p.broken = true
		return p
	}
	if of.channel != customer.Email {
		problems.Add(values.Place, fmt.Sprintf("a template for %s takes no front matter", of.channel), "leave it out")
		return p
	}
	values.CheckKeys([]string{"subject"}, problems)
	p.subject = values.Scalar("subject", problems)
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
