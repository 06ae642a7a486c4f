package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"perennial/domain/customer"
	"perennial/domain/message"
)

func TestTemplatesCheckSaysHowLongEachSMSComesOut(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	folder := journeys(t)
	says(t, b.does("templates", "check", folder), "What an SMS takes", "welcome", "zh-CN", "GSM-7", "UCS-2", "No mistakes in ")
	edit(t, filepath.Join(folder, "templates", "welcome.sms.en.liquid"), "a person reads it.", "a person reads it; it’s "+strings.Repeat("so ", 30))
	var found checkedTemplates
	b.reads(&found, "templates", "check", folder)
	for _, one := range found.SMS {
		if one.Template == "welcome" && one.Language == "en" {
			if one.Short.Encoding != message.UCS2 || one.Short.Because != "’" || one.Short.Segments != 3 || one.Long.Characters <= one.Short.Characters {
				t.Errorf("got %+v", one)
			}
			says(t, b.does("templates", "check", folder), "welcome in en travels as UCS-2, 70 characters a segment instead of 160, because of ’")
			return
		}
	}
	t.Error("the SMS was not measured")
}

func TestTemplatesCheckSaysTheMistakesOfTemplatesAlone(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	folder := journeys(t)
	edit(t, filepath.Join(folder, "onboarding.yaml"), "on: purchase", "on: purchas")
	b.does("templates", "check", folder)
	file := filepath.Join(folder, "templates", "welcome.sms.en.liquid")
	edit(t, file, "customer.first_name", "customer.frist_name")
	r := b.run("templates", "check", folder)
	says(t, r.out, file+":1:7: unknown name customer.frist_name; did you mean customer.first_name?")
	says(t, r.errs, "1 mistake in the templates of "+folder)
	if r.code != 1 || strings.Contains(r.out, "purchas;") {
		t.Errorf("exit code %d:\n%s", r.code, r.out)
	}
	b.refuses("name the folder of the journeys", "templates", "check", file)
	b.refuses("unknown name customer.frist_name", "templates", "preview", "welcome", "--dir", folder)
	says(t, b.does("templates", "preview", "thanks", "--dir", folder), "thanks by SMS") // another's mistake does not stand in its way
}

func TestAPreviewSaysWhatSomebodyMadeUpWouldReadAndWhyInThatLanguage(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	folder := journeys(t)
	says(t, b.does("templates", "preview", "welcome", "--dir", folder), "welcome by SMS, for somebody made up", "en: they read en", "1 segment, GSM-7", "Hi Avery,", "by e-mail", "by Slack")
	says(t, b.does("templates", "preview", "welcome", "--dir", folder, "--language", "zh-SG", "--channel", "sms"), "zh-CN: they read zh-SG, and so zh-CN too", "样例，感谢您")
	var previews []preview
	b.reads(&previews, "templates", "preview", "welcome", "--dir", folder, "--language", "fr", "--channel", "email")
	if len(previews) != 1 || previews[0].Language != "en" || !strings.Contains(previews[0].Why, "falls back to en") || previews[0].SMS != nil ||
		!strings.HasSuffix(previews[0].File, "welcome.email.en.liquid") || previews[0].Subject == "" || !strings.HasPrefix(previews[0].HTML, "<!DOCTYPE html>") {
		t.Errorf("got %+v", previews)
	}
	if html := b.does("templates", "preview", "welcome", "--dir", folder, "--html"); !strings.HasPrefix(html, "<!DOCTYPE html>") || !strings.Contains(html, "Hi Avery,") {
		t.Errorf("got %s", html)
	}
	b.refuses("did you mean welcome?", "templates", "preview", "wellcome", "--dir", folder)
	b.refuses("is not written for fax; it is for sms, email, slack", "templates", "preview", "welcome", "--channel", "fax", "--dir", folder)
	b.refuses("only an email has HTML", "templates", "preview", "welcome", "--channel", "sms", "--html", "--dir", folder)
	b.refuses("choose one", "templates", "preview", "welcome", "--sample", "--customer", "c-1", "--dir", folder)
	b.refuses("say whose agreement", "templates", "preview", "welcome", "--agreement", "a-1", "--dir", folder)
}

func TestAPreviewForACustomerSaysWhatTheyWouldRead(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	b.does("import", "customers", b.file("customers.csv", "id,name,phone,language,time_zone\nc-1,样例,+8613800000000,zh-TW,Asia/Shanghai\n"))
	folder := journeys(t)
	says(t, b.does("templates", "preview", "welcome", "--customer", "c-1", "--channel", "sms", "--dir", folder), "for c-1", "en: they read zh-TW, in which it is not written", "Hi 样例")
	says(t, b.does("templates", "preview", "welcome", "--customer", "c-1", "--language", "zh-CN", "--channel", "sms", "--dir", folder), "样例，感谢您")
	b.refuses("there is no such customer", "templates", "preview", "welcome", "--customer", "c-2", "--dir", folder)
}

func TestAPreviewForACustomerSaysByWhichChannelTheyWouldGetIt(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	b.does("import", "customers", b.file("more.csv", "id,name,email,time_zone,channels\nc-3,Ada Oakley,c3@example.com,UTC,sms\n"))
	folder := journeys(t)
	shown := func(id string) string {
		return b.does("templates", "preview", "welcome", "--customer", id, "--dir", folder)
	}
	says(t, shown("c-1"), "c-1 would get it by SMS (e-mail: SMS goes first; Slack: no address), where consent and hours allow.")
	says(t, shown("c-2"), "c-2 would get it by e-mail (SMS: it is none of their channels; Slack: no address)")
	says(t, shown("c-3"), "c-3 gets none of these (SMS: no address; e-mail: it is none of their channels; Slack: no address).")
	var previews []preview
	b.reads(&previews, "templates", "preview", "welcome", "--customer", "c-2", "--dir", folder)
	for _, one := range previews {
		if one.Gets != (one.Channel == customer.Email) || one.Gets == (one.GetsNot != "") {
			t.Errorf("got %+v", one)
		}
	}
	if out := b.does("templates", "preview", "welcome", "--dir", folder); strings.Contains(out, "would get") {
		t.Errorf("somebody made up gets nothing:\n%s", out)
	}
}

func TestAPreviewIsAboutTheThingThatTheTemplateSpeaksOf(t *testing.T) {
	t.Parallel()
	folder := journeys(t)
	if err := writeFile(filepath.Join(folder, "templates", "renewal.sms.en.liquid"), `{{ agreement.id }}{% if agreement.renews_on %} on {{ agreement.renews_on | date: "long" }}{% endif %}`); err != nil {
		t.Fatal(err)
	}
	says(t, (&business{t: t}).does("templates", "preview", "renewal", "--dir", folder), "agreement-1 on ")
	library, _ := loadJourneys(folder)
	who := customer.Profile{ID: "c-1", Language: "en", Zone: time.UTC, Things: []customer.Thing{
		{Of: customer.Agreement, ID: "a-1", Attributes: map[string]any{"renews_on": "2026-06-01"}}, {Of: customer.Agreement, ID: "a-2"}, {Of: customer.Asset, ID: "car-1"},
	}}
	for _, c := range []struct {
		asked look
		who   customer.Profile
		want  string
	}{
		{look{agreement: "a-1"}, who, "a-1 on 1 June 2026"},
		{look{agreement: "a-2"}, who, "a-2"},
		{look{}, who, "c-1 has more than one agreement: say which with --agreement: a-1, a-2"},
		{look{agreement: "car-1"}, who, `c-1 has no agreement "car-1"`},
		{look{}, customer.Profile{ID: "c-1"}, "the template renewal speaks of an agreement, and c-1 has none"},
	} {
		c.asked.name = "renewal"
		got, err := c.asked.preview(library, reader{who: c.who, id: "c-1", now: time.Now()}, customer.SMS)
		text := got.Text
		if err != nil {
			text = err.Error()
		}
		if text != c.want {
			t.Errorf("got %q, want %q", text, c.want)
		}
	}
}
