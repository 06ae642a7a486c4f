package message_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"perennial/domain/customer"
	"perennial/domain/message"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

// catalogue is what the tests of this package may name.
func catalogue(t *testing.T) segment.Catalogue {
	t.Helper()
	var cat segment.Catalogue
	var problems problem.List
	cat.ParseProfile("profile.yaml", []byte(`
business:
  name: Willow & Pine
  phone: 555 0100
  currency: EUR
attributes:
  birthday: { type: date }
  city: { type: string }
  tags: { type: list of string }
  budget: { type: double }
  member: { type: bool }
agreements:
  premium: { type: double }
assets:
  plate: { type: string }
`), &problems)
	if !problems.Empty() {
		t.Fatal(problems.Sorted())
	}
	return cat
}

// check returns what is wrong with one template.
func check(t *testing.T, file, text string) []string {
	t.Helper()
	var problems problem.List
	message.New("templates", catalogue(t), []message.Source{{File: file, Text: text}}, &problems)
	var got []string
	for _, p := range problems.Sorted() {
		got = append(got, strings.TrimPrefix(p.String(), "templates/"+file+":"))
	}
	return got
}

func TestTemplatesThatAreRight(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`Thank you from {{ business.name }}.`,
		`Hi {{ customer.first_name | default: "there" }}`,
		`Hi {{customer.first_name|default:'there'|upcase}}`,
		`{% if customer.first_name %}Hi {{ customer.first_name }}{% else %}Hello{% endif %}`,
		`{% if customer.city and customer.name %}{{ customer.name }} of {{ customer.city }}{% endif %}`,
		`{% unless customer.city %}Hello{% else %}Hello {{ customer.city }}{% endunless %}`,
		`{%- if customer.star >= 4 or customer.member -%}Dear{%- elsif customer.city == "Riga" -%}Hi{%- else -%}Hello{%- endif -%}`,
		`{% case customer.star %}{% when 4, 5 %}Dear{% else %}Hi{% endcase %}`,
		`{% if customer.birthday %}{{ customer.birthday | date: "%-d %B" }}{% endif %} {{ now | date: "%Y" }}`,
		`{{ customer.purchases.count }} for {{ customer.purchases.total | round: 2 }}`,
		`{% if customer.tags %}{{ customer.tags | join: ", " }}{% endif %}`,
		`{% comment %}{{ anything }}{% endcomment %}{% raw %}{{ braces }}{% endraw %}.`,
	} {
		if got := check(t, "welcome.sms.en.liquid", text); got != nil {
			t.Errorf("%s: %q", text, got)
		}
	}
}

func TestTemplatesThatAreWrongSayWhereAndWhatToWrite(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		// Names.
		"Hi\n{{ customer.frist_name }}": "2:4: unknown name customer.frist_name; did you mean customer.first_name?",
		"{{ customer.shoe_size }}":      "1:4: unknown name customer.shoe_size; add it to the attributes of the profile catalogue",
		"{{ business.fax }}":            "1:4: unknown name business.fax; did you mean business.name?",
		"{{ event.amount }}":            "1:4: unknown name event.amount; a template can't name the event yet: it has customer, agreement, asset, business and now",
		"{{ weather }}":                 "1:4: unknown name weather; names begin with customer, agreement, asset, business or now",
		"{{ agreement.renew_on }}":      "1:4: unknown name agreement.renew_on; did you mean agreement.renews_on?",
		"{{ asset.number_of_wheels }}":  "1:4: unknown name asset.number_of_wheels; add it to the assets of the profile catalogue",
		"Your {{ asset.kind }}":         `1:9: asset.kind may be empty; write {{ asset.kind | default: "…" }}, or put it inside {% if asset.kind %}`,
		"你好 {{ custmer.name }}":         "1:7: unknown name custmer.name; did you mean customer.name?",
		"{% if customer.star > 4 %}{% else %}{{ customer.nmae }}{% endif %}": "1:40: unknown name customer.nmae; did you mean customer.name?",
		"{% if customer.stars > 4 %}x{% endif %}":                            "1:7: unknown name customer.stars; did you mean customer.star?",
		// What may be empty.
		"Hi {{ customer.first_name }}": `1:7: customer.first_name may be empty; write {{ customer.first_name | default: "…" }}, or put it inside {% if customer.first_name %}`,
		"{% if customer.name or customer.star == 5 %}{{ customer.name }}{% endif %}": `1:48: customer.name may be empty; write {{ customer.name | default: "…" }}, or put it inside {% if customer.name %}`,
		"{% if customer.name %}{% else %}{{ customer.name }}{% endif %}":             `1:36: customer.name may be empty; write {{ customer.name | default: "…" }}, or put it inside {% if customer.name %}`,
		`{{ customer.birthday | date: "%Y" }}`:                                       "1:24: what date takes may be empty; put it inside {% if %} with the same name",
		`{{ customer.birthday | default: "soon" }}`:                                  "1:33: this default is of type string, not date; put the name inside {% if %} instead",
		// Filters and what is printed.
		`{{ business.name | shout }}`:                              "1:20: unknown filter shout; there are capitalize, date, default, downcase, join, money, number, round, upcase",
		`{{ business.name | upcas }}`:                              "1:20: unknown filter upcas; did you mean upcase?",
		`{{ business.name | round: 2 }}`:                           "1:20: round takes a number, not string",
		`{{ business.name | default }}`:                            "1:20: default takes 1 value, not 0",
		`{{ customer.city | default: nobody }}`:                    `1:29: a filter takes only values that are written out; put text in quotes: "nobody"`,
		`{{ now }}`:                                                `1:4: now is a date; write {{ now | date: "long" }}`,
		`{{ customer.purchases.total }}`:                           "1:4: customer.purchases.total is a number with a fraction; write {{ customer.purchases.total | number: 2 }}, or {{ customer.purchases.total | money }}",
		`{% if customer.member %}{{ customer.member }}{% endif %}`: "1:28: customer.member is true or false; write {% if customer.member %}…{% endif %}",
		`{% if customer.tags %}{{ customer.tags }}{% endif %}`:     `1:26: customer.tags is a list; write {{ customer.tags | join: ", " }}`,
		// What is written out.
		`{{ now | date: "lang" }}`:                          `1:16: "lang" is no style of a date; did you mean long?, or a format such as "%-d %B %Y"`,
		`{{ now | date: "%-d %J" }}`:                        `1:16: "%-d %J" has a % that means nothing; write a style such as "long", or a format such as "%-d %B %Y"`,
		`{{ now | date: "100%" }}`:                          `1:16: "100%" has a % that means nothing; write a style such as "long", or a format such as "%-d %B %Y"`,
		`{{ now | date: 5 }}`:                               `1:16: date can't take this value; put text in quotes`,
		`{{ business.name | upcase: 2 }}`:                   `1:20: upcase takes 0 values, not 1`,
		`{{ now | date }}`:                                  `1:10: date takes 1 value, not 0`,
		`{{ customer.purchases.total | money: "DOLLARS" }}`: `1:38: DOLLARS is no currency; write an ISO 4217 code such as money: "EUR"`,
		`{{ customer.purchases.total | money: 5 }}`:         `1:38: money can't take this value; put text in quotes`,
		`{{ customer.purchases.total | number: "2" }}`:      `1:39: number can't take this value; write a whole number`,
		`{{ customer.purchases.total | number: 99 }}`:       `1:39: a number can't be written with 99 places; write 0 to 9`,
		`{{ customer.purchases.total | round: -1 }}`:        `1:38: a number can't be written with -1 places; write 0 to 9`,
		// Comparisons.
		`{% if customer.star == "5" %}x{% endif %}`:             "1:21: == can't be applied to int and string; compare text with text in quotes, and numbers with numbers",
		`{% if customer.member > 1 %}x{% endif %}`:              "1:23: > can't be applied to bool and int; compare text with text in quotes, and numbers with numbers",
		`{% if agreement.renews_on < now %}x{% endif %}`:        "1:27: a template can't compare dates; let the journey decide, with an if, which template it sends",
		`{% if customer.tags contains 5 %}x{% endif %}`:         "1:21: contains can't be applied to list of string and int; compare text with text in quotes, and numbers with numbers",
		`{% case customer.star %}{% when "5" %}x{% endcase %}`:  "1:33: this case is about int, not string",
		`{% case customer.star, 5 %}{% when 5 %}x{% endcase %}`: "1:24: a case is about one thing; leave the others out",
		// Tags and syntax.
		`{% include "other" %}`:                            "1:1: include can't be used in a template",
		`{% for t in customer.tags %}{% endfor %}`:         `1:1: for can't be used in a template; print a list with {{ … | join: ", " }}`,
		`{% endfor %}`:                                     "1:1: endfor can't be used in a template; did you mean endif?",
		`{% iff customer.star %}`:                          "",
		`{% if customer.star %}x`:                          "1:1: this if is never closed; write {% endif %} where it ends",
		`{% comment %}x`:                                   "1:1: this comment is never closed; write {% endcomment %} where it ends",
		`x{% endif %}`:                                     "1:2: endif closes nothing; leave it out",
		`{% if customer.star %}{% endunless %}{% endif %}`: "1:23: endunless can't close if; write {% endif %} first",
		`{% else %}`:                                       "1:1: else stands alone; put it inside if, unless, case, before any else",
		`Hi {{ business.name`:                              "1:4: {{ has no partner on its line; close it on the same line, or leave it out",
		`{{ business.name + 1 }}`:                          `1:18: '+' can't be used here`,
		`{{ business.name business.name }}`:                "1:18: business.name can't stand here",
		`{% if customer.star == %}x{% endif %}`:            "1:23: a name or a value is missing",
		`{% if customer.star == 99999999999999999999 %}x{% endif %}`: "1:24: this number is too long",
		"{{ agreement.id }} {{ asset.id }}":                          " it speaks of an agreement and of an asset, and a journey is about one or the other; write a template for each",
		" \n":                                                        " the template has no text; write what the customer reads",
		"---\nsubject: x\n---\nHi":                                   "2:1: a template for sms takes no front matter; leave it out",
		strings.Repeat("x", 17_000):                                  " the template is over 16 KB; shorten it",
	} {
		got := check(t, "welcome.sms.en.liquid", text)
		if want == "" {
			want = "can't be used in a template"
			if len(got) == 0 || !strings.Contains(got[0], want) {
				t.Errorf("%.60s: got %q, want %q", text, got, want)
			}
			continue
		}
		if !slices.Equal(got, []string{want}) {
			t.Errorf("%.60s: got %q, want %q", text, got, want)
		}
	}
}

func TestFrontMatterIsCheckedByChannel(t *testing.T) {
	t.Parallel()
	const content = "content_sid: HX0123456789abcdef0123456789abcdef\n"
	for _, c := range []struct{ name, file, text, want string }{
		{"a preview", "a.email.en", "---\nsubject: Hi\npreview: From {{ business.name }}\n---\nHi", ""},
		{"a preview that is wrong", "a.email.en", "---\nsubject: Hi\npreview: From {{ busines.name }}\n---\nHi", "3:18: unknown name busines.name; did you mean business.name?"},
		{"content alone", "a.whatsapp.en", "---\n" + content + "---\n", ""},
		{"content and what it says", "a.whatsapp.en", "---\n" + content + "---\nHi", ""},
		{"a text alone", "a.whatsapp.en", "Hi", ""},
		{
			"variables in braces", "a.whatsapp.en",
			"---\n" + content + "variables: { 1: \"{{ customer.first_name | default: 'there' }}\", who: '{{ business.name }}' }\n---\n", "",
		},
		{
			"a variable that may be empty", "a.whatsapp.zh-CN",
			"---\n" + content + "variables:\n  1: '{{ customer.first_name }}'\n---\n",
			`4:10: customer.first_name may be empty; write {{ customer.first_name | default: "…" }}, or put it inside {% if customer.first_name %}`,
		},
		{"no content id", "a.whatsapp.en", "---\ncontent_sid: HX12\n---\n", "2:14: this is no content id; write HX and 32 hexadecimal digits, as Twilio shows it beside the approved content"},
		{"a placeholder that is none", "a.whatsapp.en", "---\n" + content + "variables: { '{{1}}': x }\n---\n", "3:14: {{1}} is no placeholder; write its number or name as the approved content has it in braces, such as 1"},
		{"an empty variable", "a.whatsapp.en", "---\n" + content + "variables: { 1: '' }\n---\n", "3:17: variable 1 is empty; give it a value or leave it out"},
		{"variables for nothing", "a.whatsapp.en", "---\nvariables: { 1: x }\n---\nHi", "2:1: variables stand for the placeholders of approved content, and none is named; add content_sid"},
		{"no text and no content", "a.whatsapp.en", "---\n---\n", "1:1: the file is empty"},
		{"another channel's key", "a.whatsapp.en", "---\nsubject: Hi\n---\nHi", "2:1: unknown key subject; write content_sid or variables"},
		{"a channel that takes none", "a.slack.en", "---\nsubject: Hi\n---\nHi", "2:1: a template for slack takes no front matter; leave it out"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(check(t, c.file+".liquid", c.text), "\n")
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAnEmailHasASubjectThatIsCheckedToo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"---\nsubject: Welcome to {{ business.name }}\n---\nHi":      nil,
		"---\nsubject: Hi {{ customer.nmae }}\n---\nHi {{ nobody }}": {"2:16: unknown name customer.nmae; did you mean customer.name?", "4:7: unknown name nobody; names begin with customer, agreement, asset, business or now"},
		"Hi":                       {"1:1: an email needs a subject; begin the file with ---, subject: …, ---, each on a line"},
		"---\nsubjet: Hi\n---\nHi": {"1:1: an email needs a subject; begin the file with ---, subject: …, ---, each on a line", "2:1: unknown key subjet; did you mean subject?"},
		"---\nsubject: Hi\nHi":     {"1:1: the front matter is never closed; write --- on a line of its own where it ends"},
		"---\r\nsubject: Hi\r\n---\r\nHi\r\n{{ x }}": {"5:4: unknown name x; names begin with customer, agreement, asset, business or now"},
	} {
		got := check(t, "welcome.email.en.liquid", text)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestFileNamesSayTemplateChannelAndLanguage(t *testing.T) {
	t.Parallel()
	for file, want := range map[string][]string{
		"welcome-back.sms.zh-CN.liquid": nil,
		"welcome.liquid":                {" this is no name for a template file; name it NAME.CHANNEL.LANGUAGE.liquid, such as welcome.sms.en.liquid"},
		"Welcome.sms.en.liquid":         {" Welcome is no name for a template; write lower-case words joined by hyphens or underscores"},
		"welcome.smss.en.liquid":        {" smss is no channel; did you mean sms?"},
		"welcome.sms.zh-cn.liquid":      {" the language zh-cn is spelled otherwise; write zh-CN"},
		"welcome.sms.english!.liquid":   {" english! is no language; write a language tag such as en or zh-CN"},
	} {
		if got := check(t, file, "Hi"); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", file, got, want)
		}
	}
}

func TestASetKnowsWhatItHas(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{}
	for _, file := range []string{"welcome.sms.en", "welcome.sms.zh-CN", "welcome.slack.en", "thanks.sms.en"} {
		fsys["templates/"+file+".liquid"] = &fstest.MapFile{Data: []byte(file)}
	}
	fsys["templates/notes.txt"] = &fstest.MapFile{}
	var problems problem.List
	set := message.Load(fsys, "templates", catalogue(t), &problems)
	if !problems.Empty() {
		t.Fatal(problems.Sorted())
	}
	if got := set.Names(); !slices.Equal(got, []string{"thanks", "welcome"}) {
		t.Errorf("names: got %v", got)
	}
	if got := set.Channels("welcome"); len(got) != 2 || got[0] != "sms" || got[1] != "slack" {
		t.Errorf("channels: got %v", got)
	}
	if got := set.Languages("welcome", "sms"); !slices.Equal(got, []string{"en", "zh-CN"}) {
		t.Errorf("languages: got %v", got)
	}
	if got := set.Sources("thanks"); len(got) != 1 || got[0] != (message.Source{File: "thanks.sms.en.liquid", Text: "thanks.sms.en"}) {
		t.Errorf("sources: got %v", got)
	}
}

func TestASetKnowsWhichThingsATemplateSpeaksOf(t *testing.T) {
	t.Parallel()
	s := set(t, map[string]string{
		"renew.sms.en":     `It renews{% if agreement.renews_on %} on {{ agreement.renews_on | date: "%-d %B" }}{% endif %}`,
		"renew.sms.de":     `{% if customer.star > 9 %}{{ asset.id }}{% endif %}x`,
		"subject.email.en": "---\nsubject: \"Your {{ asset.kind | default: 'car' }}\"\n---\nHi",
		"welcome.sms.en":   "Hi",
	})
	for name, want := range map[string][]customer.ThingKind{
		"renew":   {customer.Agreement, customer.Asset},
		"subject": {customer.Asset},
		"welcome": nil,
		"nothing": nil,
	} {
		if got := s.Things(name); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func FuzzCheckedTemplatesRender(f *testing.F) {
	for _, seed := range []string{
		`{% if customer.city %}{{ customer.city | upcase }}{% endif %}`, `{% case customer.star %}{% when 1 %}x{% endcase %}`,
		`{{ now | date: "%Q%-d%" }}`, `{{ customer.purchases.total | round: -3 }}`, `{% raw %}{{{% endraw %}`, `{%- unless true contains "x" -%}`,
		`{% if asset.acquired_on %}{{ asset.acquired_on | date: "day" }}{% endif %}`, `{{ customer.purchases.total | money: "JPY" }}{{ customer.star | number: 2 }}`,
	} {
		f.Add(seed)
	}
	files, err := filepath.Glob("../../journeys/templates/*.sms.*.liquid")
	if err != nil || len(files) == 0 {
		f.Fatalf("no templates: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		var problems problem.List
		set := message.New("", catalogue(t), []message.Source{{File: "a.sms.en.liquid", Text: text}}, &problems)
		if !problems.Empty() {
			return
		}
		about := message.About{Customer: someone(t)}
		if of := set.Thing("a", "sms", "en"); of != "" {
			about.Thing = &customer.Thing{Of: of, ID: "1"}
		}
		got, err := set.Render("a", "sms", about, today)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		later, err := message.Published(catalogue(t), set.Sources("a")).Render("a", "sms", about, today)
		if err != nil || later.Text != got.Text {
			t.Errorf("%q, once it is published: got %q, %v, want %q", text, later.Text, err, got.Text)
		}
	})
}

func TestATemplateThatIsNoTextIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Hi \xff":                  "templates/a.sms.en.liquid:1:4: this is not UTF-8; save the file as UTF-8",
		"Hi\n\x00":                 "templates/a.sms.en.liquid:2:1: a control character (U+0000) stands here; delete it; this may be no text at all",
		strings.Repeat("x", 1<<21): "templates/a.sms.en.liquid: the template is over 16 KB; shorten it",
	} {
		var problems problem.List
		message.New("templates", catalogue(t), []message.Source{{File: "a.sms.en.liquid", Text: text}}, &problems)
		if problems.Len() != 1 || problems.Sorted()[0].String() != want {
			t.Errorf("got %v, want %s", problems.Sorted(), want)
		}
	}
}
