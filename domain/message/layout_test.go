package message_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"perennial/domain/customer"
	"perennial/domain/message"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

// mail renders an email with a stylesheet of operations.
func mail(t *testing.T, style string) string {
	t.Helper()
	var problems problem.List
	source := message.Source{File: "a.email.en.liquid", Text: "---\nsubject: Hi\npreview: Soon\n---\nHello"}
	got, err := message.New("templates", segment.Catalogue{Language: "en", Style: style}, []message.Source{source}, &problems).
		Render("a", customer.Email, message.About{Customer: someone(t)}, today)
	if err != nil || !problems.Empty() {
		t.Fatal(err, problems.Sorted())
	}
	return got.HTML
}

func TestStylesAreInTheElementsSinceMailProgramsReadNoOthers(t *testing.T) {
	t.Parallel()
	got := mail(t, "")
	for _, want := range []string{
		`<p style="margin:0 0 1em">Hello</p>`, `background-color:#ffffff;border-radius:8px`, `style="display:none;max-height:0;`, `mso-hide:all">Soon</div>`,
		"@media (prefers-color-scheme: dark)", "@media (max-width: 640px)", "color: #e6ebe4 !important",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, ".letter { width") || strings.Contains(got, "/*") {
		t.Errorf("the stylesheet itself travels along:\n%s", got)
	}
}

func TestOperationsRestyleEmailsInOnePlace(t *testing.T) {
	t.Parallel()
	got := mail(t, ".letter { background-color: #fffaf0 }\np { margin-bottom: 2em; color: rebeccapurple }\n@media (prefers-color-scheme: dark) { .letter { background-color: #000 } }")
	for _, want := range []string{"background-color:#fffaf0", "margin-bottom:2em;color:rebeccapurple\">Hello</p>", "background-color: #000 !important"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "background-color:#ffffff;") {
		t.Errorf("the standard stands beside it:\n%s", got)
	}
}

func TestAStylesheetIsChecked(t *testing.T) {
	t.Parallel()
	for style, want := range map[string]string{
		".letter { color: red }":                     "",
		"p { color: red }\n.leter { color: red }":    "templates/email.css:2:1: emails have no class leter; did you mean letter?",
		"@media print {\n  .txt { color: red }\n}":   "templates/email.css:2:3: emails have no class txt; did you mean text?",
		"@import 'x.css';":                           "templates/email.css:1:1: @import can't be used: it fetches something from the network when a mail is read; leave it out",
		"p { background: URL(https://x.example/a) }": "templates/email.css:1:17: url( can't be used: it fetches something from the network when a mail is read; leave it out",
		"p { color: red }</style><script>":           "templates/email.css:1:17: < can't be used: it is no CSS; leave it out",
		"p { color: {{ business.colour }} }":         "templates/email.css:1:12: {{ can't be used: a stylesheet is no template; leave it out",
		"p { color: red":                             "templates/email.css: a brace has no partner; close every { with a }",
		strings.Repeat(" ", 9_000):                   "templates/email.css: the stylesheet is over 8 KB, and travels with every email; shorten it",
	} {
		var problems problem.List
		got := message.LoadStyle(fstest.MapFS{"templates/email.css": {Data: []byte(style)}}, "templates", &problems)
		var said []string
		for _, p := range problems.Sorted() {
			said = append(said, p.String())
		}
		if want == "" && (got != style || said != nil) || want != "" && (got != "" || !slices.Equal(said, []string{want})) {
			t.Errorf("%.40s: got %q, %q, want %q", style, got, said, want)
		}
	}
	var problems problem.List
	if got := message.LoadStyle(fstest.MapFS{}, "templates", &problems); got != "" || !problems.Empty() {
		t.Errorf("without one: got %q, %v", got, problems.Sorted())
	}
}

func FuzzAStylesheetThatPassesTheCheckLaysEmailsOut(f *testing.F) {
	for _, seed := range []string{
		".letter { color: red }", "p:hover, .text > p { margin: 1em !important }", "@media print { .page { width: 1px } }", "p[class~=x]::before { content: 'a' }", "*{}", "@x y;", "/* p { */ }{",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, style string) {
		var problems problem.List
		if checked := message.LoadStyle(fstest.MapFS{"templates/email.css": {Data: []byte(style)}}, "templates", &problems); checked != "" {
			mail(t, checked)
		}
	})
}

func BenchmarkRenderAnEmail(b *testing.B) {
	var problems problem.List
	source := message.Source{File: "a.email.en.liquid", Text: "---\nsubject: Hi\n---\nHello {{ customer.first_name | default: \"there\" }}\n\nBye"}
	s := message.New("templates", segment.Catalogue{Language: "en"}, []message.Source{source}, &problems)
	about := message.About{Customer: customer.Profile{ID: "c-1", Name: "Avery Example", Language: "en"}}
	for b.Loop() {
		if _, err := s.Render("a", customer.Email, about, today); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadAStylesheet(b *testing.B) {
	for b.Loop() {
		message.New("templates", segment.Catalogue{Style: "p { color: red }"}, nil, &problem.List{})
	}
}
