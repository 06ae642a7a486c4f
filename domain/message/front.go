package message

import (
	"fmt"
	"regexp"

	"github.com/osteele/liquid"

	"perennial/domain/customer"
	"perennial/domain/document"
	"perennial/domain/problem"
)

// front is what a template says beside its text. Each channel has keys of its own:
//
//   - email: `subject`, which it needs, and `preview`, the line that an inbox shows behind the subject
//   - whatsapp: `content_sid`, the approved content to send instead of the text, and `variables`, what stands for its placeholders
//   - sms and slack: none
type front struct {
	subject    *liquid.Template
	preview    *liquid.Template
	contentSID string
	variables  map[string]*liquid.Template
}

var (
	contentID   = regexp.MustCompile(`^HX[0-9a-fA-F]{32}$`)
	placeholder = regexp.MustCompile(`^[A-Za-z0-9_]{1,16}$`)
)

// front reads the front matter of a template, nil where there is none.
func (p parsing) front(file string, of id, v *document.Value) front {
	switch of.channel {
	case customer.Email:
		return p.emailFront(file, v)
	case customer.WhatsApp:
		return p.whatsAppFront(v)
	}
	if v != nil {
		p.rules.Add(v.Place, fmt.Sprintf("a template for %s takes no front matter", of.channel), "leave it out")
	}
	return front{}
}

func (p parsing) emailFront(file string, v *document.Value) front {
	var subject, preview *document.Value
	if v != nil {
		v.CheckKeys([]string{"subject", "preview"}, p.rules)
		subject, preview = v.Scalar("subject", p.rules), v.Scalar("preview", p.rules)
	}
	if subject == nil {
		top := problem.Place{File: file, Line: 1, Column: 1}
		p.problems.Add(top, "an email needs a subject", "begin the file with ---, subject: …, ---, each on a line")
		return front{}
	}
	f := front{subject: p.liquid(subject.Text, placeInValue(subject))}
	if preview != nil {
		f.preview = p.liquid(preview.Text, placeInValue(preview))
	}
	return f
}

func (p parsing) whatsAppFront(v *document.Value) front {
	if v == nil {
		return front{}
	}
	v.CheckKeys([]string{"content_sid", "variables"}, p.rules)
	var f front
	if content := v.Scalar("content_sid", p.rules); content != nil {
		f.contentSID = content.Text
		if !contentID.MatchString(content.Text) {
			p.rules.Add(content.Place, "this is no content id", "write HX and 32 hexadecimal digits, as Twilio shows it beside the approved content")
		}
	}
	variables := v.Mapping("variables", p.rules)
	if variables == nil {
		return f
	}
	if v.Get("content_sid") == nil {
		p.rules.Add(v.Get("variables").Place, "variables stand for the placeholders of approved content, and none is named", "add content_sid")
	}
	f.variables = map[string]*liquid.Template{}
	for _, field := range variables.Fields {
		if !placeholder.MatchString(field.Key) {
			p.rules.Add(field.Place, field.Key+" is no placeholder", "write its number or name as the approved content has it in braces, such as 1")
		}
		if field.Value.Is(document.Scalar, "variable "+field.Key, p.rules) {
			f.variables[field.Key] = p.liquid(field.Value.Text, placeInValue(field.Value))
		}
	}
	return f
}
