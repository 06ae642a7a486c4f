package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"perennial/channel/smtp"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
)

// The doors for mails that come to us, each the whole mail as it is: reports of mail servers, complaints, and what customers answer. The address that
// the mail came to may stand in the query as "to". Both take all of them; the older one is named after what came first.
const (
	MailPath   = "/v1/mail"
	BouncePath = "/v1/mail/bounces"
)

// maxMail bounds what is read of a mail: servers may return the whole of ours with their reports, and people attach things. What counts comes first.
const maxMail = 4 << 20

// TakenMail is what became of a mail.
type TakenMail struct {
	store.Mail

	Duplicate bool `json:"duplicate,omitempty"` // it came before, and nothing was changed
}

// mailIn takes one mail. Whatever it is, it is answered well: the mail server must not bounce it in turn.
func (g *Gateway) mailIn(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxMail))
	if err != nil {
		respond(w, http.StatusBadRequest, "the mail did not come to its end")
		return
	}
	taken, err := g.TakeMail(r.Context(), raw, r.URL.Query().Get("to"), "")
	if err != nil {
		respond(w, http.StatusServiceUnavailable, "the mail could not be stored now; bring it again")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(taken) // a caller that has gone needs no answer
}

// TakeMail takes a mail as it came, once: its receipt, its complaint, or what somebody answers. recipient is the address that it came to, and place
// where it lies; both may be empty. An error says that it could not be recorded now: bring it again. What can't be read is written down as such.
func (g *Gateway) TakeMail(ctx context.Context, raw []byte, recipient, place string) (TakenMail, error) {
	in, readErr := g.readMail(raw, recipient)
	known, err := g.Store.Mail(ctx, in.ID)
	if err == nil {
		return TakenMail{Mail: known, Duplicate: true}, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		g.Log.Error("A mail could not be taken.", "mail", in.ID, "error", err)
		return TakenMail{}, err
	}
	m := store.Mail{ID: in.ID, Result: store.MailUnreadable, Place: place, At: g.now()}
	err = nil
	if readErr != nil {
		m.Why = readErr.Error()
	} else {
		m.Result, m.Touch, m.Why, err = g.actOn(ctx, in)
	}
	if refused(err) { // it would be refused for ever, and hold up others
		m.Result, m.Why, err = store.MailUnreadable, "the database can't keep what it says", nil
	}
	fresh := false
	if err == nil {
		fresh, err = g.Store.RecordMail(ctx, m)
	}
	if err != nil {
		g.Log.Error("A mail could not be taken.", "mail", in.ID, "error", err)
		return TakenMail{}, err
	}
	if fresh {
		g.Telemetry.MailReceived(ctx, m.Result)
	}
	if m.Result == store.MailIgnored || m.Result == store.MailUnreadable {
		g.Log.Warn("A mail was of no use.", "mail", m.ID, "result", m.Result, "why", m.Why)
	}
	return TakenMail{Mail: m}, nil
}

// readMail reads a mail; one that no reader stands is unreadable, as anybody may write one.
func (g *Gateway) readMail(raw []byte, recipient string) (in smtp.Incoming, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			in, err = smtp.Incoming{ID: derivedID("mail", string(raw))}, errors.New("its parts can't be read")
		}
	}()
	return smtp.ReadMail(raw, smtp.Keys{Bounce: g.BounceKey, Unsubscribe: g.UnsubscribeKey}, recipient)
}

// refused says whether an error is about what a mail says, so that bringing it again is of no use.
func refused(err error) bool {
	if _, bad := errors.AsType[*store.BadEventError](err); bad {
		return true
	}
	database, ok := errors.AsType[*store.DatabaseError](err)
	return ok && database.Content()
}

// actOn does what a mail brings. What it does may be done again.
func (g *Gateway) actOn(ctx context.Context, in smtp.Incoming) (result store.MailResult, touch, why string, err error) {
	switch in.Kind {
	case smtp.Bounce:
		return g.bounced(ctx, in.Report)
	case smtp.Complaint:
		return g.complained(ctx, in)
	case smtp.Answer:
		if len(in.From) > maxAddress {
			return store.MailIgnored, "", "its sender is longer than any address", nil
		}
		_, err := g.hear(ctx, message{id: in.ID, at: g.now(), channel: customer.Email, from: in.From, text: in.Text, answered: in.Touch, oneWay: true})
		return store.MailReply, "", "", err
	case smtp.Automatic:
		return store.MailAutomatic, "", "", nil
	case smtp.Useless:
	}
	return store.MailIgnored, in.Touch, in.Why, nil
}

// bounced takes a delivery report.
func (g *Gateway) bounced(ctx context.Context, r smtp.Report) (result store.MailResult, touch, why string, err error) {
	result = map[smtp.Fate]store.MailResult{
		smtp.Arrived: store.MailDelivered, smtp.Bounced: store.MailUndelivered, smtp.Delayed: store.MailDelayed,
	}[r.Fate]
	state, settled := map[smtp.Fate]store.TouchState{smtp.Arrived: store.TouchDelivered, smtp.Bounced: store.TouchUndelivered}[r.Fate]
	if !settled {
		return result, r.Touch, "", nil
	}
	found, err := g.receive(ctx, told{
		Receipt: store.Receipt{Touch: r.Touch, State: state, Code: r.Code, At: g.now()}, kind: r.Kind, to: r.To,
	})
	if err != nil {
		return "", "", "", err
	}
	if !found {
		return store.MailIgnored, r.Touch, noSuchTouch, nil
	}
	g.Telemetry.Receipt(ctx, "smtp", r.Touch, state, "") // a mail carries no mark of its trace
	return result, r.Touch, "", nil
}

const noSuchTouch = "there is no such touch"

// messageReported is the event of a customer who called a message of ours spam.
const messageReported = "message.reported"

// complained takes a complaint: no more mails to that address, and no more of what it was about on any channel. Whoever looks after the customer
// can be told, by the event.
func (g *Gateway) complained(ctx context.Context, in smtp.Incoming) (result store.MailResult, touch, why string, err error) {
	t, err := g.Store.TouchByID(ctx, in.Touch)
	if errors.Is(err, store.ErrNotFound) {
		return store.MailIgnored, in.Touch, noSuchTouch, nil
	}
	if err != nil {
		return "", "", "", err
	}
	if t.Channel != customer.Email || t.Kind == journey.Notify {
		return store.MailIgnored, t.ID, "a complaint about a message to a colleague", nil
	}
	u, err := g.reported(ctx, t)
	if err == nil {
		_, err = g.take(ctx, []understood{u})
	}
	return store.MailComplaint, t.ID, "", err
}

// reported is what follows from a complaint about a touch.
func (g *Gateway) reported(ctx context.Context, t store.Touch) (understood, error) {
	who, err := g.Store.Profile(ctx, t.Customer)
	if err != nil {
		return understood{}, err
	}
	standing, err := g.Store.LatestConsents(ctx, t.Customer)
	if err != nil {
		return understood{}, err
	}
	now := g.now()
	data, err := json.Marshal(map[string]any{"channel": t.Channel, "touch": t.ID, "topic": t.Topic})
	if err != nil {
		return understood{}, fmt.Errorf("write down a complaint about %s: %w", t.ID, err)
	}
	u := understood{id: derivedID("reported", t.ID)}
	u.events = append(u.events, store.Event{ID: u.id, Type: messageReported, Customer: t.Customer, At: now, Data: data})
	for _, c := range standing {
		if !c.Granted || c.Topic != t.Topic {
			continue
		}
		data, err := consentData(store.Consent{Topic: c.Topic, Source: store.SourceComplaint, Channel: customer.Email})
		if err != nil {
			return understood{}, err
		}
		u.events = append(u.events, store.Event{
			ID: derivedID("reported", t.ID, c.Topic), Type: journey.ConsentChanged, Customer: t.Customer, At: now, Data: data,
		})
	}
	// Providers black out whom they speak of. Also one who has another address by now has said that our mails are not wanted.
	u.from = confirmation{channel: customer.Email, address: who.Addresses[customer.Email].Value, wantsNone: true, customer: t.Customer}
	return u, nil
}
