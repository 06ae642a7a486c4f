package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"perennial/domain/customer"
	"perennial/gateway"
	"perennial/store"
)

// speakers are customers of other languages, each with a phone of their own.
const speakers = `customer,phone,language,time_zone,country,consents
c-fr,+33612345678,fr,Europe/Paris,FR,marketing
c-es,+34612345678,es-MX,Europe/Madrid,ES,marketing
c-de,+4915123456789,de,Europe/Berlin,DE,marketing
c-ja,+819012345678,ja,Asia/Tokyo,JP,marketing
c-en,+12015550120,en,America/New_York,US,marketing
`

var phones = map[string]string{
	"c-fr": "+33612345678", "c-es": "+34612345678", "c-de": "+4915123456789", "c-ja": "+819012345678", "c-en": "+12015550120",
}

// wants has a customer who agreed to marketing write a text, and says whether they get any after that.
func (d *door) wants(who, text string, sid int) bool {
	d.Helper()
	d.took(fmt.Sprintf(`{"id":"yes-%d","type":"consent.changed","customer":%q,"data":{"topic":"marketing","granted":true}}`, sid, who))
	d.webhook(gateway.SMSPath, sms(fmt.Sprintf("SM%d", sid), phones[who], text)).says(d.T, http.StatusOK)
	return d.consents(who) == "map[marketing:true]"
}

// What users complain of in systems of this kind: STOP is only one word, or any sentence that has "stop" in it.
func TestStopIsAWordOfTheCustomersLanguageAndNeverASentence(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.importCSV(speakers)
	n := 0
	for who, stops := range map[string][]string{
		"c-en": {
			"STOP", "stop", " Stop. ", "ＳＴＯＰ", "“Stop”", "STOP!!!", "stop\u200b", "stop 🙏", "Stop all", "STOPALL", "unsubscribe", "Cancel", "end", "QUIT", "revoke", "opt-out",
			"Opt out", "OptOut", "remove", "TD", "td", "T", "退订", "退订。", "退訂",
		},
		"c-fr": {"STOP", "ARRET", "arrêt", "Arrêter.", "TD"},
		"c-es": {"alto", "BAJA", "cancelar", "stop"},
		"c-de": {"STOPP", "Abmelden!", "abbestellen"},
		"c-ja": {"停止", "配信停止。", "ＳＴＯＰ"},
	} {
		for _, text := range stops {
			if n++; d.wants(who, text, n) {
				t.Errorf("%s wrote %q and still gets marketing", who, text)
			}
		}
	}
	for who, others := range map[string][]string{
		"c-en": {
			"please don't stop", "stop by tomorrow", "Don't stop!", "I will stop at your shop", "the end", "bus stop", "stopp", "arret", "alto", "non-stop", "St op", "cancel my visit on Monday",
			"It is the end of the month", "不要退订", "to", "tdd", "yes", "",
		},
		"c-fr": {"alto", "arrêtez-vous ici ?", "la fin"},
		"c-es": {"Es muy alto", "arret"},
		"c-de": {"bitte nicht stopp"},
	} {
		for _, text := range others {
			if n++; !d.wants(who, text, n) {
				t.Errorf("%s wrote %q and gets no marketing any more", who, text)
			}
		}
	}
}

// What users complain of in systems of this kind: there is no START.
func TestStartGivesBackWhatStopTookAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"START", "unstop.", "恢复"} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			d := open(t, nil)
			d.took(`{"id":"e-1","type":"consent.changed","customer":"c-1","data":{"topic":"marketing","granted":false,"how":"phone call"}}`)
			d.webhook(gateway.SMSPath, sms("SM1", "+12015550101", "STOP"))
			d.webhook(gateway.SMSPath, sms("SM2", "+12015550101", text)).says(t, http.StatusOK)
			if a, b := d.consents("c-1"), d.consents("c-2"); a != "map[care:true marketing:false service:true]" || b != "map[service:true]" {
				t.Errorf("consents: %s and %s", a, b)
			}
			d.webhook(gateway.SMSPath, sms("SM3", "+12015550101", "STOP"))
			if got := d.consents("c-1"); got != "map[care:false marketing:false service:false]" {
				t.Errorf("after a second stop: %s", got)
			}
		})
	}
}

func TestOneConfirmationWhereItIsExpectedAndNoneWhereTwilioSendsIt(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.named("Willow & Pine")
	d.importCSV("customer,name,whatsapp,language,time_zone,country,consents\nc-9,Wes Appleby,+12015550109,en,Europe/London,GB,service\n")
	const nothing = "<Response></Response>"
	for i, c := range []struct{ from, text, optOut, says string }{
		{"+12015550101", "STOP", "", nothing}, // Twilio's own words, which it answers
		{"+12015550101", " start ", "", nothing},
		{"+12015550101", "HELP", "", nothing},
		{"+12015550101", "info", "", nothing},
		{"+12015550101", "TD", "", "Willow &amp; Pine: you will get no more messages from us. Reply START"},
		{"+12015550101", "恢复", "", "Willow &amp; Pine: you will get our messages again. Reply STOP"},
		{"+12015550101", "帮助", "", "Willow &amp; Pine: messages to our customers. Reply STOP"},
		{"+12015550103", "退订", "", "【Willow &amp; Pine】您将不再收到我们的消息"},
		{"whatsapp:+12015550109", "Stop", "", "Willow &amp; Pine: you will get no more"},
		{"whatsapp:+12015550109", "START", "", "Willow &amp; Pine: you will get our messages again"},
		{"whatsapp:+12015550109", "no texts please", "STOP", nothing}, // a word of the account's own, which it answers
		{"+12015550101", "my knee hurts", "", nothing},
	} {
		form := sms(fmt.Sprintf("SM%d", i), c.from, c.text)
		if c.optOut != "" {
			form.Set("OptOutType", c.optOut)
		}
		d.webhook(gateway.SMSPath, form).says(t, http.StatusOK, c.says)
		d.webhook(gateway.SMSPath, form).says(t, http.StatusOK, nothing) // once
	}
	if got := d.consents("c-9"); got != "map[service:false]" {
		t.Errorf("consents after a word of the account's own: %s", got)
	}
}

func TestTheConsentLogSaysWhoWhenHowAndInWhichWord(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.took(`{"id":"mail-1","type":"message.received","at":"2026-05-04T11:30:00Z","data":{"channel":"email","from":"ben@example.org","text":"Stop.\n\nOn Monday, Willow wrote:\n> Don't stop!"}}`)
	d.took(`{"id":"e-1","type":"consent.changed","customer":"c-2","at":"2026-05-04T11:40:00Z","data":{"topic":"care","granted":true,"how":"phone call"}}`)
	log, err := d.store.ConsentLog(t.Context(), "c-2", 10)
	if err != nil || len(log) != 3 {
		t.Fatalf("log: %+v, %v", log, err)
	}
	if c := log[0]; c.Topic != "care" || !c.Granted || c.Source != "phone call" || c.Channel != "" || c.Event != "e-1" {
		t.Errorf("the call: %+v", c)
	}
	if c := log[1]; c.Topic != "service" || c.Granted || c.Source != store.SourceReply || c.Channel != "email" || c.Wording != "stop" || c.At.Minute() != 30 {
		t.Errorf("the reply: %+v", c)
	}
	if c := log[2]; c.Topic != "service" || !c.Granted || c.Source != store.SourceImport {
		t.Errorf("the import: %+v", c)
	}
	for _, data := range []string{`"how":"by somebody@example.org"`, `"how":"+1 201 555 0101"`, `"wording":"` + strings.Repeat("x", 41) + `"`, `"channel":"fax"`} {
		d.hand(`{"id":"e-2","type":"consent.changed","customer":"c-2","data":{"topic":"care","granted":true,`+data+`}}`).says(t, http.StatusUnprocessableEntity, "e-2: data.")
	}
}

// named publishes a journey of a business with a name.
func (d *door) named(name string) {
	d.Helper()
	_, _, err := d.store.Publish(d.Context(), store.Version{
		Journey: "named", Hash: name, Plan: []byte("{}"), Catalogue: []byte(`{"business":[{"name":"name","value":"` + name + `"}]}`), PublishedAt: monday,
	}, nil)
	if err != nil {
		d.Fatal(err)
	}
}

func TestAReplyConfirmsItsAddressAndStartUndoesAStopAtTheProvider(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.mark("c-1", customer.SMS, "+12015550101", "opted_out")
	d.mark("c-2", customer.SMS, "+12015550101", "bad_address")
	d.mark("c-1", customer.Email, "Ada.Fairley@example.org", "bad_address")
	d.webhook(gateway.SMSPath, sms("SM1", "+12015550101", "hello")).says(t, http.StatusOK)
	if a, b := d.bad("c-1", customer.SMS), d.bad("c-2", customer.SMS); a != "opted_out" || b != "" {
		t.Errorf("the phone is %q for c-1 and %q for c-2", a, b)
	}
	d.webhook(gateway.SMSPath, sms("SM2", "+12015550101", "START")).says(t, http.StatusOK)
	if a := d.bad("c-1", customer.SMS); a != "" {
		t.Errorf("after START the phone is %q", a)
	}
	d.took(`{"id":"mail-1","type":"message.received","data":{"channel":"email","from":"Ada.Fairley@EXAMPLE.org","text":"hi"}}`)
	if a := d.bad("c-1", customer.Email); a != "" {
		t.Errorf("after a mail from it the address is %q", a)
	}
}

func (d *door) mark(who string, channel customer.Channel, value, reason string) {
	d.Helper()
	if changed, err := d.store.MarkAddressBad(d.Context(), who, channel, value, reason, monday); err != nil || !changed {
		d.Fatalf("%v, %v", changed, err)
	}
}
