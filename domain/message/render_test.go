package message_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"perennial/domain/customer"
	"perennial/domain/message"
	"perennial/domain/problem"
)

var today = time.Date(2026, 5, 4, 20, 0, 0, 0, time.UTC)

func someone(t *testing.T) customer.Profile {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return customer.Profile{
		ID: "c-1", Name: "Avery Example", Language: "en-GB", Zone: zone, Star: 4,
		Attributes: map[string]any{"birthday": "1990-02-28", "tags": []any{"roses", "ferns"}, "city": " ", "member": "yes"},
		Purchases:  customer.Purchases{Count: 3, Total: 1234567.5},
	}
}

// set makes a set of templates, by file name without ".liquid".
func set(t *testing.T, templates map[string]string) *message.Set {
	t.Helper()
	var sources []message.Source
	for file, text := range templates {
		sources = append(sources, message.Source{File: file + ".liquid", Text: text})
	}
	var problems problem.List
	s := message.New("templates", catalogue(t), sources, &problems)
	if !problems.Empty() {
		t.Fatal(problems.Sorted())
	}
	return s
}

func TestRenderFillsInWhatIsKnown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`Hi {{ customer.first_name | default: "there" }}, {{ business.name }}`:          "Hi Avery, Willow & Pine",
		`{{ customer.name | default: "x" | downcase }}`:                                 "avery example",
		`{% if customer.city %}of {{ customer.city }}{% else %}no city{% endif %}`:      "no city", // a blank is empty
		`{% if customer.member %}member{% else %}guest{% endif %}`:                      "guest",   // not of its type: empty
		`{% if customer.birthday %}{{ customer.birthday | date: "%-d %B" }}{% endif %}`: "28 February",
		`{{ now | date: "%-d %b %H:%M" }}`:                                              "5 May 04:00", // in the customer's zone
		`{{ customer.purchases.count }} for {{ customer.purchases.total | round: 2 }}`:  "3 for 1234567.50",
		`{% if customer.tags %}{{ customer.tags | join: " and " }}{% endif %}`:          "roses and ferns",
		`{% case customer.star %}{% when 4, 5 %}Dear{% else %}Hi{% endcase %}`:          "Dear",
		"\n\nOne  \n{% if customer.city %}never{% endif %}\n\nTwo\n":                    "One\n\nTwo",
	} {
		got, err := set(t, map[string]string{"a.sms.en": text}).Render("a", customer.SMS, message.About{Customer: someone(t)}, today)
		if err != nil || got.Text != want || got.HTML != "" || got.Subject != "" {
			t.Errorf("%q: got %+v, %v, want %q", text, got, err, want)
		}
	}
}

func TestRenderChoosesTheLanguageNearestToTheCustomers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ wanted, there, want string }{
		{"zh-CN", "en zh zh-CN", "zh-CN"},
		{"zh-CN", "en zh", "zh"},
		{"zh", "en zh-CN", "zh-CN"},
		{"zh-SG", "en zh-CN", "zh-CN"},
		{"zh-TW", "en zh-CN", "en"}, // another script
		{"pt-BR", "en pt", "pt"},
		{"fr", "de en", "en"},
		{"", "de en", "en"},
		{"not a language", "de en", "en"},
		{"fr", "de it", "de"}, // none of the fallback's either: better that than nothing
	} {
		templates := map[string]string{}
		for language := range strings.FieldsSeq(c.there) {
			templates["a.sms."+language] = language
		}
		to := someone(t)
		to.Language = c.wanted
		got, err := set(t, templates).Render("a", customer.SMS, message.About{Customer: to}, today)
		if err != nil || got.Language != c.want || got.Text != c.want {
			t.Errorf("%q among %s: got %+v, %v, want %s", c.wanted, c.there, got, err, c.want)
		}
	}
}

func TestAnEmailIsLaidOutAndEscaped(t *testing.T) {
	t.Parallel()
	to := someone(t)
	to.Name = "<b>Avery</b>\r\nBcc:"
	s := set(t, map[string]string{"a.email.en": "---\nsubject: 'Hi {{ customer.name | default: \"x\" }}'\n---\nHello {{ customer.name | default: \"x\" }}\nline two\n\nSecond"})
	got, err := s.Render("a", customer.Email, message.About{Customer: to}, today)
	if err != nil {
		t.Fatal(err)
	}
	if want := "Hi <b>Avery</b> Bcc:"; got.Subject != want {
		t.Errorf("subject: got %q, want %q", got.Subject, want)
	}
	for _, want := range []string{`<html lang="en">`, "<title>Hi &lt;b&gt;Avery&lt;/b&gt; Bcc:</title>", "Hello &lt;b&gt;Avery&lt;/b&gt;<br/>Bcc:<br/>line two</p>", `<p style="margin:0 0 1em">Second</p>`} {
		if !strings.Contains(got.HTML, want) {
			t.Errorf("HTML lacks %q:\n%s", want, got.HTML)
		}
	}
}

func TestAnEmailsPreviewIsInItsHTMLAlone(t *testing.T) {
	t.Parallel()
	s := set(t, map[string]string{
		"with.email.en":    "---\nsubject: Hi\npreview: 'News & more for {{ customer.name | default: \"x\" }}'\n---\nHello",
		"without.email.en": "---\nsubject: Hi\n---\nHello",
	})
	with, err := s.Render("with", customer.Email, message.About{Customer: someone(t)}, today)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(with.HTML, "News &amp; more for Avery Example</div>") || with.Text != "Hello" {
		t.Errorf("got %+v", with)
	}
	without, err := s.Render("without", customer.Email, message.About{Customer: someone(t)}, today)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(without.HTML, "display:none") {
		t.Errorf("an email without a preview hides something:\n%s", without.HTML)
	}
}

func TestApprovedContentIsFilledIn(t *testing.T) {
	t.Parallel()
	const front = "---\ncontent_sid: HX0123456789abcdef0123456789abcdef\n"
	s := set(t, map[string]string{
		"a.whatsapp.en":     front + "variables:\n  1: \"{{ customer.first_name | default: 'there' }}\"\n  shop: |\n    {{ business.name }}\n    and friends\n---\nHello {{ business.name }}",
		"plain.whatsapp.en": front + "---\n",
		"empty.whatsapp.en": front + "variables: { 1: '{% if customer.city %}{{ customer.city }}{% endif %}' }\n---\n",
	})
	got, err := s.Render("a", customer.WhatsApp, message.About{Customer: someone(t)}, today)
	if err != nil {
		t.Fatal(err)
	}
	if got.ContentSID != "HX0123456789abcdef0123456789abcdef" || got.Text != "Hello Willow & Pine" || got.HTML != "" {
		t.Errorf("got %+v", got)
	}
	if want := map[string]string{"1": "Avery", "shop": "Willow & Pine and friends"}; !maps.Equal(got.Variables, want) {
		t.Errorf("variables: got %q, want %q", got.Variables, want)
	}
	if got, err = s.Render("plain", customer.WhatsApp, message.About{Customer: someone(t)}, today); err != nil || got.ContentSID == "" || got.Text != "" || got.Variables != nil {
		t.Errorf("content alone: got %+v, %v", got, err)
	}
	if _, err = s.Render("empty", customer.WhatsApp, message.About{Customer: someone(t)}, today); err == nil || !strings.Contains(err.Error(), "its variable 1 comes out empty") {
		t.Errorf("an empty variable: %v", err)
	}
}

func TestATemplateSpeaksOfTheThingThatTheJourneyIsAbout(t *testing.T) {
	t.Parallel()
	s := set(t, map[string]string{
		"renew.sms.en": `Your {{ agreement.kind | default: "agreement" }} {{ agreement.id }} renews{% if agreement.renews_on %} on {{ agreement.renews_on | date: "%-d %B %Y" }}{% endif %}.`,
	})
	about := message.About{Customer: someone(t), Thing: &customer.Thing{
		Of: customer.Agreement, ID: "a-7", Kind: "insurance", Attributes: map[string]any{"renews_on": "2026-06-01", "premium": "much"},
	}}
	if got, err := s.Render("renew", customer.SMS, about, today); err != nil || got.Text != "Your insurance a-7 renews on 1 June 2026." {
		t.Errorf("got %q, %v", got.Text, err)
	}
	about.Thing = &customer.Thing{Of: customer.Agreement, ID: "a-8"}
	if got, err := s.Render("renew", customer.SMS, about, today); err != nil || got.Text != "Your agreement a-8 renews." {
		t.Errorf("got %q, %v", got.Text, err)
	}
	const want = "render template renew for sms in en: it speaks of an agreement, and none is at hand"
	for _, thing := range []*customer.Thing{nil, {Of: customer.Asset, ID: "car-1"}} {
		about.Thing = thing
		if _, err := s.Render("renew", customer.SMS, about, today); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestWhatCantBeRenderedSaysWhyWithoutTheCustomer(t *testing.T) {
	t.Parallel()
	to := someone(t)
	to.Name = strings.Repeat("long ", 20_000)
	s := set(t, map[string]string{"a.sms.en": `{{ customer.name | default: "x" }}`})
	for channel, want := range map[customer.Channel]string{
		customer.SMS:   "render template a for sms in en: it comes out longer than 64 KB",
		customer.Email: "render template a: there is none for email",
	} {
		if _, err := s.Render("a", channel, message.About{Customer: to}, today); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestFirstNameIsHowOneGreets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, language, want string }{
		{"Avery Example", "en", "Avery"},
		{"Example, Avery", "en-US", "Avery"},
		{"Avery", "en", "Avery"},
		{"  ", "en", ""},
		{"样 例", "zh-CN", "样 例"},
		{"Example Avery", "hu", "Example Avery"},
	} {
		if got := message.FirstName(c.name, c.language); got != c.want {
			t.Errorf("%q in %s: got %q, want %q", c.name, c.language, got, c.want)
		}
	}
}

func TestTheCharactersThatMakeAnSMSDearerAreTold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"plain €": "", "it’s “so”, isn’t it": "’“”", "": "", "你好你": "你好"} {
		if got := message.Unusual(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// Whatever the catalogue has, a sample has it, so that each branch of a template can be looked at.
func TestOfASampleEverythingIsKnown(t *testing.T) {
	t.Parallel()
	text := "{% if customer.first_name and customer.country and customer.purchases.last and customer.birthday and customer.city and customer.tags " +
		"and customer.budget and customer.member and agreement.kind and agreement.renews_on and agreement.premium %}{{ customer.first_name }} {{ customer.city }}{% else %}nothing{% endif %}"
	s := set(t, map[string]string{"a.sms.en": text, "a.sms.zh": text})
	for reads, want := range map[string][]string{"en": {"Avery (city)", "Maximiliana-Theodora (city)"}, "zh": {"样例 (city)", "欧阳样例长名 (city)"}} {
		for i, about := range []message.About{
			message.Sample(catalogue(t), reads, customer.Agreement, today), message.LongSample(catalogue(t), reads, customer.Agreement, today),
		} {
			if got, err := s.Render("a", customer.SMS, about, today); err != nil || got.Text != want[i] {
				t.Errorf("%s: got %q, %v, want %q", reads, got.Text, err, want[i])
			}
		}
		if got, err := s.Render("a", customer.SMS, message.ShortSample(reads, customer.Agreement, today), today); err != nil || got.Text != "nothing" {
			t.Errorf("%s: got %q, %v", reads, got.Text, err)
		}
	}
}

func TestSegmentsCountAsProvidersCharge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		text       string
		encoding   message.Encoding
		segments   int
		characters int
	}{
		{"nothing", "", message.GSM7, 0, 0},
		{"a full one", strings.Repeat("a", 160), message.GSM7, 1, 160},
		{"one more", strings.Repeat("a", 161), message.GSM7, 2, 161},
		{"two full ones", strings.Repeat("a", 306), message.GSM7, 2, 306},
		{"two and one", strings.Repeat("a", 307), message.GSM7, 3, 307},
		{"extended take two", strings.Repeat("€", 80), message.GSM7, 1, 160},
		{"extended are not torn apart", strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), message.GSM7, 3, 306},
		{"Chinese", strings.Repeat("好", 70), message.UCS2, 1, 70},
		{"one more Chinese", strings.Repeat("好", 71), message.UCS2, 2, 71},
		{"a curly quote", "it’s", message.UCS2, 1, 4},
		{"an emoji takes two", "🙂", message.UCS2, 1, 2},
		{"an emoji is not torn apart", strings.Repeat("好", 66) + "🙂" + strings.Repeat("好", 66), message.UCS2, 3, 134},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			encoding, segments, characters := message.Segments(c.text)
			if encoding != c.encoding || segments != c.segments || characters != c.characters {
				t.Errorf("got %s %d %d, want %s %d %d", encoding, segments, characters, c.encoding, c.segments, c.characters)
			}
		})
	}
}
