package smtp

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/textproto"
)

// This file tells apart what comes to our addresses: reports of mail servers, complaints, the notes of robots, and what people answer.

// Kind is what a mail that came is.
type Kind string

// What a mail that came may be.
const (
	Bounce    Kind = "bounce"    // a delivery report of a mail of ours, RFC 3464
	Complaint Kind = "complaint" // somebody called a mail of ours spam, RFC 5965
	Automatic Kind = "automatic" // no person wrote it: a holiday note, a mailing list
	Answer    Kind = "answer"    // a person wrote it
	Useless   Kind = "useless"   // something came to us that says nothing of use
)

// Incoming is a mail that came to us.
type Incoming struct {
	ID     string // the same for the same mail, by whatever way it comes
	Kind   Kind
	Report Report // Bounce
	Touch  string // Complaint: of which mail, signed. Answer: which one it says it answers; anybody can write that. Both may be empty
	From   string // Answer: personal
	Text   string // Answer: personal
	Why    string // Useless
}

// Keys are the secrets by which we know what we have signed ourselves.
type Keys struct {
	Bounce      string // of bounce addresses
	Unsubscribe string // of unsubscribe links
}

// ErrUnreadable is a mail whose header can't be read.
var ErrUnreadable = errors.New("the mail's header can't be read")

// ReadMail reads a mail as it came. recipient is the address that it came to, where the mail server told it; otherwise the mail's own headers are
// asked. The ID is set whatever the error, which quotes nothing of the mail.
func ReadMail(raw []byte, keys Keys, recipient string) (Incoming, error) {
	entity, err := message.Read(bytes.NewReader(raw))
	if !readable(err) {
		return Incoming{ID: mailID(message.Header{}, raw)}, ErrUnreadable
	}
	in := Incoming{ID: mailID(entity.Header, raw)}
	kind, params, err := entity.Header.ContentType()
	if err == nil && kind == "multipart/report" {
		switch strings.ToLower(params["report-type"]) {
		case "delivery-status":
			return in.bounced(ReadReport(bytes.NewReader(raw), keys.Bounce, recipient))
		case "feedback-report":
			return in.complained(readComplaint(entity, keys))
		}
		in.Kind = Automatic // that it was read, most often
		return in, nil
	}
	in.Touch, _ = reportedTouch(entity.Header, keys.Bounce, recipient)
	if robot(entity.Header) {
		in.Kind = Automatic
		return in, nil
	}
	if nobody(entity.Header) {
		in.Kind, in.Why = Automatic, ""
		if in.Touch != "" {
			in.Kind, in.Why = Useless, "a mail server wrote to a bounce address of ours, and it is no delivery report that we can read"
		}
		return in, nil
	}
	in.From = sender(entity.Header)
	if in.From == "" {
		in.Kind, in.Why = Useless, "it does not say whom it comes from"
		return in, nil
	}
	in.Kind, in.Text = Answer, textOf(entity)
	in.Touch = cmp.Or(in.Touch, answeredTouch(entity.Header))
	return in, nil
}

// readable says whether a mail, or a part of one, was read, if perhaps in the wrong characters.
func readable(err error) bool {
	return err == nil || message.IsUnknownCharset(err) || message.IsUnknownEncoding(err)
}

func (in Incoming) bounced(r Report, err error) (Incoming, error) {
	if errors.Is(err, ErrNotOurs) || errors.Is(err, ErrNoReport) {
		in.Kind, in.Why = Useless, err.Error()
		return in, nil
	}
	in.Kind, in.Report, in.Touch = Bounce, r, r.Touch
	return in, err
}

// mailID names a mail by what it says of itself, since each server on the way adds to its header; by all of it where it says nothing.
func mailID(header message.Header, raw []byte) string {
	if id := header.Get("Message-Id"); strings.TrimSpace(id) != "" {
		raw = []byte(strings.Join([]string{id, header.Get("From"), header.Get("Date")}, "\x00"))
	}
	sum := sha256.Sum256(raw)
	return "mail:" + hex.EncodeToString(sum[:16])
}

// robot says whether a mail was written by no person: RFC 3834, and what came before it.
func robot(header message.Header) bool {
	submitted, _, _ := strings.Cut(header.Get("Auto-Submitted"), ";")
	if word := strings.ToLower(strings.TrimSpace(submitted)); word != "" && word != "no" {
		return true
	}
	if slices.Contains([]string{"auto_reply", "bulk", "junk", "list"}, strings.ToLower(strings.TrimSpace(header.Get("Precedence")))) {
		return true
	}
	for _, name := range []string{"X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "List-Id"} {
		if value := header.Get(name); value != "" && !strings.EqualFold(value, "no") {
			return true
		}
	}
	subject, _ := header.Text("Subject") // what can't be decoded is as it came
	return awayForm.MatchString(strings.TrimSpace(subject))
}

// awayForm is how the subjects of holiday notes begin, of programs that mark them in no other way. An answer's begins with "Re:".
var awayForm = regexp.MustCompile(`(?i)^(automatic reply|auto[- ]?reply|out of (the )?office|automatische antwort|abwesenheitsnotiz|réponse automatique|respuesta automática|risposta automatica|resposta automática|automatisch antwoord|自动回复|自動回覆|自動応答|자동 회신)`)

// nobody says whether a mail's sender takes no answer, as that of mail servers.
func nobody(header message.Header) bool {
	if path := strings.TrimSpace(header.Get("Return-Path")); path == "<>" {
		return true
	}
	local, _, _ := strings.Cut(strings.ToLower(sender(header)), "@")
	return local == "mailer-daemon" || local == "postmaster"
}

// sender is the address that a mail says it comes from; "" where it says none.
func sender(header message.Header) string {
	from := header.Get("From")
	if list, err := netmail.ParseAddressList(from); err == nil && len(list) > 0 {
		return list[0].Address
	}
	// Names are written in ways that no standard knows; the address in angle brackets is what counts.
	if found := bracketForm.FindStringSubmatch(from); found != nil {
		return found[1]
	}
	return ""
}

var bracketForm = regexp.MustCompile(`<([^<>\s@]+@[^<>\s@]+)>\s*$`)

// answeredTouch is the touch whose mail an answer names, the nearest one.
func answeredTouch(header message.Header) string {
	ids := append(strings.Fields(header.Get("References")), strings.Fields(header.Get("In-Reply-To"))...)
	slices.Reverse(ids)
	for _, id := range ids {
		local, _, _ := strings.Cut(strings.Trim(id, "<>"), "@")
		if touchForm.MatchString(local) {
			return local
		}
	}
	return ""
}

// touchForm is what a touch's id looks like in a Message-ID of ours.
var touchForm = regexp.MustCompile(`^\d{1,19}\.[a-z0-9_]{1,100}\.\d{1,9}\.\d{1,9}$`)

// headerOf reads the header of a mail that a report returns, which may end anywhere.
func headerOf(returned io.Reader) (textproto.Header, error) {
	return textproto.ReadHeader(bufio.NewReader(strings.NewReader(readAll(returned, mostText) + "\r\n\r\n")))
}

// readAll reads at most some bytes, and what there was before it broke.
func readAll(r io.Reader, most int64) string {
	text, _ := io.ReadAll(io.LimitReader(r, most)) // what came before the break counts
	return strings.ToValidUTF8(string(text), "�")
}
