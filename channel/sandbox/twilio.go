package sandbox

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"perennial/channel/twilio"
)

// This file is Twilio's Messages API as a sender of SMS and WhatsApp messages meets it. What a form may hold is in twilio_form.go, the list of messages in
// twilio_list.go, the answers in twilio_json.go.

const (
	maxForm      = 64 << 10
	throttledFor = 1 // seconds that a throttled sender is told to wait
)

// authenticated checks the account in the path and the basic auth, as Twilio does before anything else.
func (s *Sandbox) authenticated(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if !same(user, s.config.AccountSID) || !same(password, s.config.AuthToken) {
			s.refuseTwilio(w, nil, NoFault, twilioError{401, 20003, "Authenticate"})
			return
		}
		if r.PathValue("account") != s.config.AccountSID {
			s.refuseTwilio(w, nil, NoFault, twilioError{404, 20404, "The requested resource was not found"})
			return
		}
		next(w, r)
	}
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func (s *Sandbox) createMessage(w http.ResponseWriter, r *http.Request) {
	form, problem := readForm(w, r)
	if problem == nil {
		problem = checkForm(form)
	}
	if problem == nil {
		problem = s.checkSession(form)
	}
	if problem != nil {
		s.refuseTwilio(w, form, NoFault, *problem)
		return
	}
	to := form.Get("To")
	if s.faults.badAddress(to) {
		s.refuseTwilio(w, form, BadAddress, invalidTo(to))
		return
	}
	switch fault := s.faults.next(touchOf(form), to); fault {
	case Throttle:
		w.Header().Set("Retry-After", strconv.Itoa(throttledFor))
		s.refuseTwilio(w, form, fault, twilioError{429, 20429, "Too Many Requests"})
	case ServerError, InternalError:
		s.refuseTwilio(w, form, fault, twilioError{500, 20500, "An internal server error has occurred"})
	case Hang:
		s.refuse(Refusal{Channel: channelIn(form), Reason: "no answer", Touch: touchOf(form), Fault: fault})
		s.hang(r)
	case Stall:
		s.receiveTwilio(form, fault)
		s.hang(r)
	case Late:
		s.later(func() { s.receiveTwilio(form, fault) })
		panic(http.ErrAbortHandler)
	case Cut, Unlisted:
		s.receiveTwilio(form, fault)
		panic(http.ErrAbortHandler) // net/http's way to close the connection without an answer
	case OptedOut:
		s.refuseTwilio(w, form, fault, twilioError{400, 21610, fmt.Sprintf("Attempt to send to unsubscribed recipient %s", to)})
	case Undelivered:
		m := messageIn(form, fault)
		m.At, m.RealAt = s.now()
		s.confirm(m, form)
		writeJSON(w, http.StatusCreated, s.messageJSON(m))
	default:
		m := s.receiveTwilio(form, NoFault)
		writeJSON(w, http.StatusCreated, s.messageJSON(m))
	}
}

// hang answers nothing until the sender or the sandbox gives up.
func (s *Sandbox) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.alive.Done():
	}
	panic(http.ErrAbortHandler)
}

// checkSession refuses free text by WhatsApp outside the 24 hours that a customer's own message opens.
func (s *Sandbox) checkSession(form url.Values) *twilioError {
	if channelIn(form) != WhatsApp || form.Get("ContentSid") != "" {
		return nil
	}
	now, _ := s.now()
	if s.received.answeredSince(WhatsApp, bare(form.Get("To")), now.Add(-24*time.Hour)) {
		return nil
	}
	return &twilioError{400, 63016, "Failed to send freeform message because you are outside the allowed window. Please use a Message Template."}
}

func (s *Sandbox) receiveTwilio(form url.Values, fault Fault) Message {
	m := s.receive(messageIn(form, fault))
	s.confirm(m, form)
	return m
}

// messageIn is the message that a request asks for.
func messageIn(form url.Values, fault Fault) Message {
	sender := form.Get("From")
	if sender == "" {
		sender = form.Get("MessagingServiceSid")
	}
	return Message{
		ID:      newSID(),
		Channel: channelIn(form),
		Address: bare(form.Get("To")),
		Sender:  bare(sender),
		Text:    form.Get("Body"),
		Content: contentIn(form),
		Touch:   touchOf(form),
		Fault:   fault,
	}
}

// confirm posts a message's receipt, where the request asks for one.
func (s *Sandbox) confirm(m Message, form url.Values) {
	if callback := form.Get("StatusCallback"); callback != "" && s.config.Receipts {
		s.postReceipt(m, callback)
	}
}

// to and from are the ends of a message as Twilio names them: an answer goes from the customer to us.
func to(m Message) string {
	if m.Reply {
		return twilioAddress(m, m.Sender)
	}
	return twilioAddress(m, m.Address)
}

func from(m Message) string {
	if m.Reply {
		return twilioAddress(m, m.Address)
	}
	return twilioAddress(m, m.Sender)
}

// twilioAddress writes a number as Twilio does: by WhatsApp with a prefix. A messaging service has none.
func twilioAddress(m Message, number string) string {
	if m.Channel == WhatsApp && strings.HasPrefix(number, "+") {
		return twilio.WhatsAppPrefix + number
	}
	return number
}

// bare is a number without WhatsApp's prefix.
func bare(address string) string { return strings.TrimPrefix(address, twilio.WhatsAppPrefix) }

// channelIn returns the channel that a form asks for.
func channelIn(form url.Values) string {
	if strings.HasPrefix(form.Get("To"), twilio.WhatsAppPrefix) {
		return WhatsApp
	}
	return SMS
}

// contentIn returns the approved content that a checked form asks for, nil if none.
func contentIn(form url.Values) *Content {
	if form.Get("ContentSid") == "" {
		return nil
	}
	variables, _ := variablesIn(form.Get("ContentVariables")) // checked with the form
	return &Content{SID: form.Get("ContentSid"), Variables: variables}
}

func boundedInt(text string, otherwise, low, high int) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return otherwise
	}
	return min(max(n, low), high)
}

func readForm(w http.ResponseWriter, r *http.Request) (url.Values, *twilioError) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, &twilioError{415, 20415, "Unsupported Media Type"}
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return nil, &twilioError{400, 20001, "The form can't be read"}
	}
	return r.PostForm, nil
}

// touchOf returns the touch's id that a request carries in its status callback.
func touchOf(form url.Values) string {
	callback, err := url.Parse(form.Get("StatusCallback"))
	if err != nil {
		return ""
	}
	return twilio.TouchIn(callback)
}

func (s *Sandbox) refuseTwilio(w http.ResponseWriter, form url.Values, fault Fault, e twilioError) {
	s.refuse(Refusal{Channel: channelIn(form), Code: strconv.Itoa(e.code), Reason: e.message, Touch: touchOf(form), Fault: fault})
	writeJSON(w, e.status, e.json())
}

// newSID returns an id as Twilio makes those of messages: two letters and 32 hexadecimal digits.
func newSID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails: crypto/rand
	return "SM" + hex.EncodeToString(id[:])
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // a reader that left has no use for the error
}

func rfc2822(t time.Time) string { return t.UTC().Format(time.RFC1123Z) }

func invalidTo(to string) twilioError {
	return twilioError{400, 21211, fmt.Sprintf("The 'To' number %s is not a valid phone number.", to)}
}
