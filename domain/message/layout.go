package message

import (
	_ "embed"
	"errors"
	"fmt"
	html "html/template"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/vanng822/css"
	"github.com/vanng822/go-premailer/premailer"

	"perennial/domain/document"
	"perennial/domain/problem"
)

// StyleFile is the stylesheet by which operations change how emails look, in the folder of templates. Its rules come after those of email.css.
const StyleFile = "email.css"

// maxStyle is how long it may be, in bytes: it travels with every email.
const maxStyle = 8 << 10

var (
	//go:embed email.html
	emailHTML string

	//go:embed email.css
	emailCSS string
)

// layout lays an email out.
type layout struct{ page *html.Template }

// letter is what a layout is filled with.
type letter struct {
	Language   string
	Subject    string
	Preview    string
	Paragraphs [][]string // of lines
}

// standardLayout is the layout where operations have changed nothing.
var standardLayout = sync.OnceValues(func() (*layout, error) { return inline("") })

// newLayout returns the layout with the stylesheet of operations.
func newLayout(style string) (*layout, error) {
	if style == "" {
		return standardLayout()
	}
	return inline(style)
}

// inline puts the rules of the stylesheets into the elements of the layout, once for all emails.
func inline(style string) (*layout, error) {
	page := strings.Replace(emailHTML, "</head>", "<style>"+emailCSS+style+"</style>\n</head>", 1)
	mailer, err := premailer.NewPremailerFromString(page, premailer.NewOptions())
	if err != nil {
		return nil, fmt.Errorf("read the layout of emails: %w", err)
	}
	inlined, err := mailer.Transform()
	if err != nil {
		return nil, fmt.Errorf("put the styles into the layout of emails: %w", err)
	}
	parsed, err := html.New("email").Parse(inlined)
	if err != nil {
		return nil, fmt.Errorf("parse the layout of emails: %w", err)
	}
	return &layout{page: parsed}, nil
}

// write makes the HTML part of an email from its text: paragraphs where an empty line is, everything else escaped.
func (l *layout) write(m Message) (string, error) {
	if l == nil {
		return "", errors.New("the stylesheet has mistakes, which its check tells")
	}
	filled := letter{Language: m.Language, Subject: m.Subject, Preview: m.Preview}
	for paragraph := range strings.SplitSeq(m.Text, "\n\n") {
		filled.Paragraphs = append(filled.Paragraphs, strings.Split(paragraph, "\n"))
	}
	var out strings.Builder
	if err := l.page.Execute(&out, filled); err != nil {
		return "", fmt.Errorf("lay out an email: %w", err)
	}
	return out.String(), nil
}

// LoadStyle reads the stylesheet of operations from the folder of templates, empty where there is none, and adds what is wrong with it to
// problems.
func LoadStyle(fsys fs.FS, folder string, problems *problem.List) string {
	file := path.Join(folder, StyleFile)
	source, ok := document.ReadFileIfThere(fsys, file, problems)
	if !ok {
		return ""
	}
	style, ok := document.Text(file, source, problems)
	if !ok || !checkStyle(file, style, problems) {
		return ""
	}
	return style
}

// forbidden is what a stylesheet of emails must not hold: what would fetch something when somebody reads a mail, and so tell that they did, and what
// would end the stylesheet.
var forbidden = []struct{ text, why string }{
	{"@import", fetches},
	{"@font-face", fetches},
	{"url(", fetches},
	{"image-set(", fetches},
	{`\`, "an escape hides what is written"},
	{"<", "it is no CSS"},
	{"{{", "a stylesheet is no template"},
}

const fetches = "it fetches something from the network when a mail is read"

var className = regexp.MustCompile(`\.(-?[A-Za-z_][A-Za-z0-9_-]*)`)

func checkStyle(file, source string, problems *problem.List) bool {
	before := problems.Len()
	at := placeIn(file, source, 0)
	if len(source) > maxStyle {
		problems.Add(problem.Place{File: file}, fmt.Sprintf("the stylesheet is over %d KB, and travels with every email", maxStyle>>10), "shorten it")
		return false
	}
	for _, f := range forbidden {
		if i := strings.Index(strings.ToLower(source), f.text); i >= 0 {
			problems.Add(at(i), f.text+" can't be used: "+f.why, "leave it out")
		}
	}
	if strings.Count(source, "{") != strings.Count(source, "}") {
		problems.Add(problem.Place{File: file}, "a brace has no partner", "close every { with a }")
	}
	if problems.Len() > before {
		return false
	}
	checkClasses(css.Parse(source).GetCSSRuleList(), source, at, problems)
	if problems.Len() > before {
		return false
	}
	if _, err := newLayout(source); err != nil {
		problems.Add(problem.Place{File: file}, "this is no stylesheet: "+err.Error(), "")
	}
	return problems.Len() == before
}

// checkClasses finds classes that the layout does not have: their rules would do nothing.
func checkClasses(rules []*css.CSSRule, source string, at func(int) problem.Place, problems *problem.List) {
	var known []string
	for _, attribute := range regexp.MustCompile(`class="([a-z]+)"`).FindAllStringSubmatch(emailHTML, -1) {
		known = append(known, attribute[1])
	}
	for _, rule := range rules {
		if rule.Type != css.STYLE_RULE {
			checkClasses(rule.Rules, source, at, problems)
			continue
		}
		for _, class := range className.FindAllStringSubmatch(rule.Style.Selector.Text(), -1) {
			if !slices.Contains(known, class[1]) {
				problems.Add(at(max(strings.Index(source, class[0]), 0)), "emails have no class "+class[1], problem.Suggest(class[1], known))
			}
		}
	}
}
