package smtp_test

import (
	"net/url"
	"strings"
	"testing"

	"perennial/channel/smtp"
)

// keys are the secrets of these tests.
var keys = smtp.Keys{Bounce: bounceKey, Unsubscribe: "correct horse"}

// mail is a mail with these lines of header and this body.
func mail(body string, header ...string) string {
	return strings.ReplaceAll(strings.Join(append(header, "", body), "\n"), "\n", "\r\n")
}

func read(t *testing.T, raw string) smtp.Incoming {
	t.Helper()
	in, err := smtp.ReadMail([]byte(raw), keys, "")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(in.ID, "mail:") || len(in.ID) != len("mail:")+32 {
		t.Errorf("its id is %q", in.ID)
	}
	return in
}

func TestWhatAPersonWroteIsReadFromItsTextOrItsHTML(t *testing.T) {
	t.Parallel()
	const from = "From: Ada <ada@example.org>"
	for name, c := range map[string]struct{ raw, text string }{
		"plain": {mail("Very good!", from), "Very good!"},
		"in base64 and another charset": {
			mail("utzC+tLi", from, "Content-Type: text/plain; charset=gb2312", "Content-Transfer-Encoding: base64"), "很满意",
		},
		"quoted printable": {mail("Tr=C3=A8s bien =F0=9F=91=8D", from, "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable"), "Très bien 👍"},
		"alternatives": {
			mail("--b\nContent-Type: text/plain\n\n4 stars\n--b\nContent-Type: text/html\n\n<p>five</p>\n--b--", from, `Content-Type: multipart/alternative; boundary=b`), "4 stars",
		},
		"HTML alone": {
			mail(`<html><head><title>x</title><style>p{}</style></head><body><p>Hello<br>you</p><div>5</div><div class="gmail_quote">On Monday<blockquote>1</blockquote></div></body></html>`,
				from, "Content-Type: text/html; charset=utf-8"), "Hello\nyou\n5",
		},
		"with an attachment first": {
			mail("--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nno\n--b\nContent-Type: text/plain\n\nyes\n--b--", from, `Content-Type: multipart/mixed; boundary=b`), "yes",
		},
		"cut off":             {mail("--b\nContent-Type: text/plain\n\nso far", from, `Content-Type: multipart/mixed; boundary=b`), "so far"},
		"in no known charset": {mail("caf\xe9", from, "Content-Type: text/plain; charset=x-none"), "caf�"},
		"nothing at all":      {mail("", from), ""},
		"with zeros":          {mail("a\x00b", from), "a\x00b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if in := read(t, c.raw); in.Kind != smtp.Answer || in.From != "ada@example.org" || in.Text != c.text {
				t.Errorf("%s from %q: %q, want %q", in.Kind, in.From, in.Text, c.text)
			}
		})
	}
}

func TestASenderIsReadInWhateverWayItsNameIsWritten(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"ada@example.org":                            "ada@example.org",
		`"Fairley, Ada" <ada@example.org>`:           "ada@example.org",
		"Ada, of the shop <ada@example.org>":         "ada@example.org",
		"=?utf-8?B?5p6X5pmT5qKF?= <mei@example.org>": "mei@example.org",
		"ada@example.org, ben@example.org":           "ada@example.org",
	} {
		if in := read(t, mail("hi", "From: "+from)); in.From != want || in.Kind != smtp.Answer {
			t.Errorf("%s: %s %q", from, in.Kind, in.From)
		}
	}
	for _, from := range []string{"", "nobody", "undisclosed-recipients:;", "<>"} {
		if in := read(t, mail("hi", "From: "+from)); in.Kind != smtp.Useless || !strings.Contains(in.Why, "whom it comes from") {
			t.Errorf("%q: %+v", from, in)
		}
	}
}

func TestNotesOfRobotsAreNeitherBouncesNorAnswers(t *testing.T) {
	t.Parallel()
	const from = "From: Ada <ada@example.org>"
	for _, header := range []string{
		"Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated; owner-email=\"a@b.c\"", "auto-submitted: Auto-Notified", "Precedence: bulk",
		"Precedence: AUTO_REPLY", "X-Autoreply: yes", "X-Autorespond: away", "List-Id: <news.example.org>", "Return-Path: <>",
		"Subject: Automatic reply: Your visit", "Subject: Out of Office: Your visit", "Subject: =?utf-8?B?6Ieq5Yqo5Zue5aSN77ya5L2g5aW9?=", "Subject: Abwesenheitsnotiz: Ihr Besuch",
	} {
		if in := read(t, mail("5", from, header)); in.Kind != smtp.Automatic || in.Text != "" {
			t.Errorf("%s: %s", header, in.Kind)
		}
	}
	for _, header := range []string{"Auto-Submitted: no", "Subject: Re: Automatic reply: Your visit", "Subject: I was out of office", "Return-Path: <ada@example.org>", "Precedence: first-class"} {
		if in := read(t, mail("5", from, header)); in.Kind != smtp.Answer {
			t.Errorf("%s: %s", header, in.Kind)
		}
	}
	if in := read(t, strings.Replace(report(returnPath(t, "7.welcome.1.1"), status("failed", "5.1.1", "")), "delivery-status;", "disposition-notification;", 1)); in.Kind != smtp.Automatic {
		t.Errorf("that it was read: %s", in.Kind)
	}
	// It came where mails bounce, and a person may find out what it says.
	if in := read(t, mail("Your mail could not be delivered", "From: MAILER-DAEMON@mx.example.net", "To: "+returnPath(t, "7.welcome.1.1"))); in.Kind != smtp.Useless || in.Touch != "7.welcome.1.1" {
		t.Errorf("a bounce in a form of its own: %+v", in)
	}
}

func TestAnAnswerNamesWhatItAnswers(t *testing.T) {
	t.Parallel()
	const from = "From: Ada <ada@example.org>"
	for header, want := range map[string]string{
		"In-Reply-To: <7.how_is_it.1.1@mail.example.com>":                               "7.how_is_it.1.1",
		"References: <1.welcome.1.1@mail.example.com>\r\n\t<7.how_is_it.2.1@m.example>": "7.how_is_it.2.1",
		"References: <1.welcome.1.1@m.example> <x@y>\r\nIn-Reply-To: <x@y>":             "1.welcome.1.1",
		"In-Reply-To: <CAF=7.x@mail.gmail.com>":                                         "",
		"Subject: 7.how_is_it.1.1":                                                      "",
		"To: " + returnPath(t, "7.how_is_it.1.1"):                                       "7.how_is_it.1.1", // some programs answer the envelope
	} {
		if in := read(t, mail("5", from, header)); in.Kind != smtp.Answer || in.Touch != want {
			t.Errorf("%s: %s answers %q", header, in.Kind, in.Touch)
		}
	}
}

func TestTheSameMailByTwoWaysIsOne(t *testing.T) {
	t.Parallel()
	one := mail("5", "Message-ID: <a@b>", "From: ada@example.org", "Date: Mon, 4 May 2026 12:00:00 +0000")
	other := "Delivered-To: care@example.com\r\nReceived: from a by b\r\n" + one
	if a, b := read(t, one).ID, read(t, other).ID; a != b {
		t.Errorf("%s and %s", a, b)
	}
	ids := map[string]bool{}
	for _, raw := range []string{one, mail("5", "Message-ID: <a@c>", "From: ada@example.org"), mail("5", "From: ada@example.org"), mail("4", "From: ada@example.org")} {
		ids[read(t, raw).ID] = true
	}
	if len(ids) != 4 {
		t.Errorf("four mails are %d", len(ids))
	}
}

// feedback is a complaint as mail providers write them.
func feedback(kind, fields, returned string) string {
	return strings.ReplaceAll(`From: <feedback@provider.example>
To: <abuse@example.com>
Subject: FW: Earn money
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.

--b
Content-Type: message/feedback-report

Feedback-Type: `+kind+`
User-Agent: SomeGenerator/1.0
Version: 1
`+fields+`

--b
Content-Type: message/rfc822

`+returned+`
From: Example Ltd <hello@example.com>
To: <redacted@provider.example>
Subject: Your visit

Hello

--b--
`, "\n", "\r\n")
}

func TestAComplaintIsKnownByWhatWeSigned(t *testing.T) {
	t.Parallel()
	bounce := returnPath(t, "7.welcome.1.1")
	link := smtp.UnsubscribeLink("https://gateway.example/unsubscribe", keys.Unsubscribe, "7.welcome.1.1")
	for name, raw := range map[string]string{
		"by the envelope":       feedback("abuse", "Original-Mail-From: <"+bounce+">\nOriginal-Rcpt-To: <ada@example.org>", "X-Nothing: at all"),
		"by the return path":    feedback("Abuse", "Arrival-Date: Mon, 4 May 2026 12:00:00 +0000", "Return-Path: <"+strings.ToUpper(bounce)+">"),
		"by the link":           feedback("abuse", "", "List-Unsubscribe: <mailto:x@example.com>,\n <"+link+">"),
		"of fraud":              feedback("fraud", "Original-Mail-From: "+bounce, ""),
		"as an old list has it": feedback("opt-out", "Original-Mail-From: "+bounce, ""),
		"cut off":               strings.Split(feedback("abuse", "", "Return-Path: <"+bounce+">"), "Hello")[0],
	} {
		if in := read(t, raw); in.Kind != smtp.Complaint || in.Touch != "7.welcome.1.1" {
			t.Errorf("%s: %+v", name, in)
		}
	}
	forged, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	query := forged.Query()
	query.Set("touch", "8.welcome.1.1")
	forged.RawQuery = query.Encode()
	for name, c := range map[string]struct{ raw, why string }{
		"another touch in the link":     {feedback("abuse", "", "List-Unsubscribe: <"+forged.String()+">"), "nothing is signed by us"},
		"another touch in the envelope": {feedback("abuse", "Original-Mail-From: "+strings.Replace(bounce, "+7.", "+8.", 1), ""), "nothing is signed by us"},
		"nothing of ours":               {feedback("abuse", "", "X-Nothing: at all"), "nothing is signed by us"},
		"not spam after all":            {feedback("not-spam", "Original-Mail-From: "+bounce, ""), "no complaint"},
		"a failure of authentication":   {feedback("auth-failure", "Original-Mail-From: "+bounce, ""), "no complaint"},
		"two kinds":                     {feedback("abuse\nFeedback-Type: not-spam", "Original-Mail-From: "+bounce, ""), "RFC 5965"},
		"no kind":                       {feedback("", "Original-Mail-From: "+bounce, ""), "RFC 5965"},
		"a kind that would show":        {feedback("ada@example.org", "Original-Mail-From: "+bounce, ""), "RFC 5965"},
	} {
		if in := read(t, c.raw); in.Kind != smtp.Useless || !strings.Contains(in.Why, c.why) {
			t.Errorf("%s: %+v", name, in)
		}
	}
	if in, err := smtp.ReadMail([]byte(feedback("abuse", "Original-Mail-From: "+bounce, "List-Unsubscribe: <"+link+">")), smtp.Keys{}, ""); err != nil || in.Kind != smtp.Useless {
		t.Errorf("without keys: %+v, %v", in, err)
	}
}

// FuzzMails reads anything as a mail: it ends, and what it takes for a report of ours was signed.
func FuzzMails(f *testing.F) {
	f.Add(report("bounce+7.welcome.1.1+abc@mail.example.com", status("failed", "5.1.1", "smtp; 550 no")))
	f.Add(feedback("abuse", "Original-Mail-From: <bounce+7.welcome.1.1+abc@mail.example.com>", "List-Unsubscribe: <https://x.example/?touch=7.welcome.1.1&sig=x>"))
	f.Add(mail("Very good!", "From: Ada <ada@example.org>", "In-Reply-To: <7.how_is_it.1.1@example.com>"))
	f.Add(mail("<p>5<blockquote>1</blockquote>", "From: ada@example.org", "Content-Type: text/html; charset=gbk"))
	f.Add(mail("--b\n\n4 stars\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\n--c--\n--b--", "From: a@b", "Content-Type: multipart/alternative; boundary=b"))
	f.Add(mail("", "Auto-Submitted: auto-replied", "From: <>"))
	f.Add("")
	f.Fuzz(func(t *testing.T, raw string) {
		in, err := smtp.ReadMail([]byte(raw), keys, "")
		if in.ID == "" {
			t.Error("it has no id")
		}
		if err == nil && in.Kind != smtp.Useless && in.Kind != smtp.Automatic && in.Kind != smtp.Answer {
			t.Errorf("nobody signed this, and it is %+v", in)
		}
		if again, _ := smtp.ReadMail([]byte(raw), keys, ""); again != in {
			t.Errorf("read twice: %+v and %+v", in, again)
		}
		if !strings.Contains(raw, "\x00") && strings.ContainsRune(in.Why, 0) || len(in.Text) > 512<<10 {
			t.Errorf("%d bytes of text", len(in.Text))
		}
	})
}
