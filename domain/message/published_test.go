package message_test

import (
	"strings"
	"testing"

	"perennial/domain/customer"
	"perennial/domain/message"
)

// published renders one published template, which today's check refuses.
func published(t *testing.T, channel customer.Channel, text string) (message.Message, error) {
	t.Helper()
	file := message.FileName("a", channel, "zh-CN")
	if len(check(t, file, text)) == 0 {
		t.Errorf("%q is not refused: the test says nothing", text)
	}
	set := message.Published(catalogue(t), []message.Source{{File: file, Text: text}})
	return set.Render("a", channel, message.About{Customer: someone(t)}, today)
}

// What an earlier check let through is rendered, whatever today's says of it. What can't be compared is not equal, and neither more nor less.
func TestPublishedTemplatesRenderWhateverTodaysCheckSays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`你好 {{ now | date: "%b %d" }}`:                                    "你好 May 05", // English words
		`{{ now | date: "long, %J" }}`:                                    "long, %J",
		`{{ now | date: 5 }}`:                                             "5",
		`{{ customer.purchases.total | round: 10 }}`:                      "1234567.5000000000",
		`{{ customer.purchases.total | round: "2" }}`:                     "1234567.50",
		`{{ customer.purchases.total | round: "two" }}`:                   "1234568",
		`{{ customer.purchases.total | money: "XOLD" }}`:                  "XOLD 1,234,567.50",
		`{{ customer.purchases.total }}`:                                  "1.2345675e+06",
		`{{ customer.tags | join: 5 }}`:                                   "roses5ferns",
		`{{ customer.first_name }}{{ customer.nickname }}`:                "Avery", // a name that the catalogue lacks
		`{% if now != now %}a{% endif %}b`:                                "b",
		`{% if customer.birthday < now %}a{% endif %}b`:                   "b",
		`{% if customer.star == "4" or customer.tags > 5 %}a{% endif %}b`: "b",
		`{% if customer.tags contains 5 %}a{% endif %}b`:                  "b",
		`{% case customer.star %}{% when "4" %}a{% endcase %}b`:           "b",
		"---\nsubject: Hi\n---\nHi":                                       "Hi",
		"Hi" + strings.Repeat(" ", 20_000):                                "Hi", // longer than a file may be
	} {
		if got, err := published(t, customer.SMS, text); err != nil || got.Text != want {
			t.Errorf("%.60q: got %q, %v, want %q", text, got.Text, err, want)
		}
	}
	got, err := published(t, customer.Email, "---\nsubject: Hi {{ customer.name }}\npriority: high\npreview: [x]\n---\n{{ now }}")
	if err != nil || got.Subject != "Hi Avery Example" {
		t.Errorf("got %+v, %v", got, err)
	}
	got, err = published(t, customer.WhatsApp, "---\ncontent_sid: HX-of-yore\nvariables: { '{{1}}': '{{ customer.name }}' }\n---\n")
	if err != nil || got.ContentSID != "HX-of-yore" || got.Variables["{{1}}"] != "Avery Example" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAPublishedTemplateThatIsNoneFailsAlone(t *testing.T) {
	t.Parallel()
	for channel, texts := range map[customer.Channel][]string{
		customer.SMS:   {"{% if customer.star %}x", "{{ customer.star 5 }}", "\n", "Hi \xff"},
		customer.Email: {"Hi", "---\nsubject: Hi\nHi", "---\nsubject: [\n---\nHi"},
	} {
		for _, text := range texts {
			if _, err := published(t, channel, text); err == nil || !strings.HasSuffix(err.Error(), "this build can't read it") {
				t.Errorf("%q: got %v", text, err)
			}
		}
	}
}

func TestAPublishedTemplateSpeaksOfTheThingAtHandOnly(t *testing.T) {
	t.Parallel()
	if _, err := published(t, customer.SMS, "{{ asset.kind }} {{ nobody }}"); err == nil || !strings.HasSuffix(err.Error(), "it speaks of an asset, and none is at hand") {
		t.Errorf("got %v", err)
	}
}
