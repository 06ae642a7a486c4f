package message_test

import (
	"strings"
	"testing"

	"perennial/domain/customer"
	"perennial/domain/message"
)

// bombs are templates that Liquid itself would run: they read files, never end, or fill the memory.
var bombs = map[string]struct{ text, says string }{
	"a file":                   {`{% include "/etc/passwd" %}`, "include can't be used in a template"},
	"a file beside":            {`{% include "../../config/config.go" %}`, "include can't be used in a template"},
	"a file by another tag":    {`{% render "/etc/passwd" %}`, "render can't be used in a template"},
	"a loop of a billion":      {`{% for i in (1..999999999) %}x{% endfor %}`, "for can't be used in a template"},
	"loops in loops":           {strings.Repeat(`{% for i in (1..99) %}`, 20) + "x" + strings.Repeat(`{% endfor %}`, 20), "for can't be used in a template"},
	"a table of a billion":     {`{% tablerow i in (1..999999999) %}x{% endtablerow %}`, "tablerow can't be used in a template"},
	"a loop in a branch":       {`{% if customer.star == 9 %}{% for i in (1..999999999) %}x{% endfor %}{% endif %}`, "for can't be used"},
	"a variable":               {`{% assign a = "x" %}`, "assign can't be used in a template"},
	"text that doubles itself": {`{% capture a %}x{% endcapture %}{% capture a %}{{ a }}{{ a }}{% endcapture %}`, "capture can't be used in a template"},
	"a range":                  {`{{ (1..999999999) }}`, `'(' can't be used here`},
	"a range, joined":          {`{{ (1..999999999) | join: "," }}`, `'(' can't be used here`},
	"a condition on a range":   {`{% if (1..999999999) contains 5 %}x{% endif %}`, `'(' can't be used here`},
	"a case of a range":        {`{% case (1..999999999) %}{% when 5 %}x{% endcase %}`, `'(' can't be used here`},
	"a filter that multiplies": {`{{ customer.id | replace: "", "xxxxxxxxxxxxxxxx" | replace: "", "xxxxxxxxxxxxxxxx" | replace: "", "xxxxxxxxxxxxxxxx" }}`, "unknown filter replace"},
	"the same, of an unknown":  {`{{ nobody | replace: "", "xxxxxxxxxxxxxxxx" }}`, "unknown filter replace"},
	"a filter of everything":   {`{{ customer | json }}`, "unknown filter json"},
	"conditions without end":   {strings.Repeat(`{% if customer.id %}`, 500) + strings.Repeat(`{% endif %}`, 500), "this stands inside 32 others"},
}

func TestATemplateThatReadsFilesOrNeverEndsIsRefused(t *testing.T) {
	t.Parallel()
	for name, bomb := range bombs {
		problems := strings.Join(check(t, "a.sms.en.liquid", bomb.text), "\n")
		if !strings.Contains(problems, bomb.says) || !strings.HasPrefix(problems, "1:") {
			t.Errorf("%s: got %.300s", name, problems)
		}
	}
}

// Whatever got into the database, by an earlier check or around it, is not run either.
func TestAPublishedTemplateThatReadsFilesOrNeverEndsIsNotRun(t *testing.T) {
	t.Parallel()
	for name, bomb := range bombs {
		got, err := published(t, customer.SMS, bomb.text)
		if err == nil || !strings.HasSuffix(err.Error(), "this build can't read it") || got.Text != "" {
			t.Errorf("%s: got %.100q, %v", name, got.Text, err)
		}
		mail := "---\nsubject: '" + strings.ReplaceAll(bomb.text, "'", "''") + "'\n---\nHi"
		if got, err := published(t, customer.Email, mail); err == nil {
			t.Errorf("%s, as a subject: got %.100q", name, got.Subject)
		}
	}
}

func TestADateIsNotFilledUpWithoutEnd(t *testing.T) {
	t.Parallel()
	bomb := `{{ now | date: "` + strings.Repeat("%999999Y", 1500) + `" }}`
	if got := strings.Join(check(t, "a.sms.en.liquid", bomb), "\n"); !strings.Contains(got, "fills a date up to more places than it has") {
		t.Errorf("got %.300s", got)
	}
	got, err := published(t, customer.SMS, bomb)
	if err != nil || got.Text != strings.Repeat("2026", 1500) {
		t.Errorf("got %d bytes, %v", len(got.Text), err)
	}
	if got, err := published(t, customer.SMS, `{{ now | date: "%-0999d %^099999999999999999999B %05d" }}`); err != nil || got.Text != "5 MAY 00005" {
		t.Errorf("got %.100q, %v", got.Text, err)
	}
}

func TestATextThatComesOutTooLongIsNotSent(t *testing.T) {
	t.Parallel()
	long := someone(t)
	long.Name = strings.Repeat("x", 10<<10)
	texts := set(t, map[string]string{"a.sms.en": strings.Repeat(`{{ customer.name | default: "you" }}`, 20)})
	if got, err := texts.Render("a", customer.SMS, message.About{Customer: long}, today); err == nil || !strings.Contains(err.Error(), "longer than 64 KB") || got.Text != "" {
		t.Errorf("got %d bytes, %v", len(got.Text), err)
	}
}

// What a customer wrote, or is called, is text and no template; and it ends no header.
func TestWhatACustomerIsCalledIsNeitherATemplateNorAHeader(t *testing.T) {
	t.Parallel()
	evil := someone(t)
	evil.Name = "{{ now }}{% include \"/etc/passwd\" %}\r\nBcc: everybody@example.org\r\n\r\n<script>alert(1)</script>"
	texts := set(t, map[string]string{"a.email.en": "---\nsubject: 'Hi {{ customer.name | default: \"you\" }}'\n---\nHi {{ customer.name | default: \"you\" }}"})
	got, err := texts.Render("a", customer.Email, message.About{Customer: evil}, today)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(got.Subject, "\r\n") || !strings.Contains(got.Subject, `{% include "/etc/passwd" %} Bcc:`) {
		t.Errorf("the subject is %q", got.Subject)
	}
	if strings.Contains(got.HTML, "<script") || !strings.Contains(got.HTML, "&lt;script&gt;") {
		t.Errorf("the mail runs it: %s", got.HTML)
	}
}
