package sandbox

import (
	"slices"
	"sync"
	"time"
)

// Channels that the sandbox receives on.
const (
	SMS      = "sms"
	Email    = "email"
	Slack    = "slack"
	WhatsApp = "whatsapp"
)

// Message is one message that a phone or an inbox received, or an answer that was typed there.
type Message struct {
	Seq     int64     `json:"seq"`               // grows by one with every message and answer
	ID      string    `json:"id"`                // the provider's id of it; of Slack's, conversation/timestamp
	Channel string    `json:"channel"`           // sms, email, slack or whatsapp
	Address string    `json:"address"`           // the customer's number, e-mail address or Slack user id
	Sender  string    `json:"sender"`            // ours
	Subject string    `json:"subject,omitempty"` // e-mail only
	Text    string    `json:"text"`
	HTML    string    `json:"html,omitempty"`
	Content *Content  `json:"content,omitempty"` // WhatsApp only: what was sent instead of a text
	Touch   string    `json:"touch,omitempty"`   // the touch's id that the message carried; of an answer, what it answers
	Reply   bool      `json:"reply,omitempty"`   // an answer of the customer's
	Fault   Fault     `json:"fault,omitempty"`   // what the sender was told instead of "taken"
	At      time.Time `json:"at"`                // in the stack's time
	RealAt  time.Time `json:"real_at"`

	listed time.Time // from when on those who ask for what was received see it; in real time
}

// Content is approved content, which the sandbox does not have, and what stands for its placeholders.
type Content struct {
	SID       string            `json:"sid"`
	Variables map[string]string `json:"variables,omitempty"`
}

// Refusal is a request that left no message.
type Refusal struct {
	Seq     int64     `json:"seq"`
	Channel string    `json:"channel"`
	Code    string    `json:"code"`            // the provider's code, such as 21211 or 550
	Reason  string    `json:"reason"`          // what the sender was told
	Touch   string    `json:"touch,omitempty"` // where the request said
	Fault   Fault     `json:"fault,omitempty"` // empty: the request itself was wrong
	At      time.Time `json:"at"`              // in the stack's time
	RealAt  time.Time `json:"real_at"`
}

// refusalsKept is how many refusals are remembered.
const refusalsKept = 1000

// received is everything that arrived, oldest first.
type received struct {
	mu       sync.RWMutex
	keep     int
	last     int64
	messages []Message
	refusals []Refusal
}

func (r *received) add(m Message) Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	m.Seq = r.last
	r.messages = append(trim(r.messages, r.keep), m)
	return m
}

func (r *received) refuse(f Refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	f.Seq = r.last
	r.refusals = append(trim(r.refusals, refusalsKept), f)
}

// trim forgets the older half of what is kept once it is full, so that the cost of a message stays constant.
func trim[T any](kept []T, limit int) []T {
	if len(kept) < limit {
		return kept
	}
	return slices.Clone(kept[len(kept)-limit/2:])
}

// after returns what came after a sequence number, oldest first. The slice is shared: its elements never change.
func (r *received) after(seq int64) []Message {
	r.mu.RLock()
	defer r.mu.RUnlock()
	i, _ := slices.BinarySearchFunc(r.messages, seq+1, func(m Message, seq int64) int { return int(m.Seq - seq) })
	return slices.Clip(r.messages[i:])
}

// refused returns the refusals, oldest first.
func (r *received) refused() []Refusal {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Clip(r.refusals)
}

// latest returns the newest message that an address received on a channel, or on any if it is empty; false if it received none.
func (r *received) latest(channel, address string) (Message, bool) {
	for _, m := range slices.Backward(r.after(0)) {
		if m.Address == address && !m.Reply && (channel == "" || m.Channel == channel) {
			return m, true
		}
	}
	return Message{}, false
}

// answeredSince says whether an address has answered on a channel since then, in the stack's time.
func (r *received) answeredSince(channel, address string, since time.Time) bool {
	for _, m := range slices.Backward(r.after(0)) {
		if m.At.Before(since) {
			return false
		}
		if m.Reply && m.Channel == channel && m.Address == address {
			return true
		}
	}
	return false
}

// Messages returns what phones and inboxes received, oldest first, without answers.
func (s *Sandbox) Messages() []Message { return s.After(0) }

// After returns what phones and inboxes received after a sequence number, oldest first, without answers.
func (s *Sandbox) After(seq int64) []Message {
	var messages []Message
	for _, m := range s.received.after(seq) {
		if !m.Reply {
			messages = append(messages, m)
		}
	}
	return messages
}

// Refused returns the requests that left no message, oldest first; the last thousand of them.
func (s *Sandbox) Refused() []Refusal { return s.received.refused() }

func (s *Sandbox) receive(m Message) Message {
	m.At, m.RealAt = s.now()
	if m.Fault == Unlisted {
		m.listed = m.RealAt.Add(s.config.Late)
	}
	return s.received.add(m)
}

// later does something as much later as [Late] says, unless the sandbox is closed before.
func (s *Sandbox) later(do func()) {
	s.background.Go(func() {
		select {
		case <-time.After(s.config.Late):
			do()
		case <-s.alive.Done():
		}
	})
}

// listed returns what those see who ask for what was received, newest first.
func (s *Sandbox) listed() []Message {
	_, now := s.now()
	var seen []Message
	for _, m := range slices.Backward(s.received.after(0)) {
		if !m.listed.After(now) {
			seen = append(seen, m)
		}
	}
	return seen
}

func (s *Sandbox) refuse(f Refusal) {
	f.At, f.RealAt = s.now()
	s.received.refuse(f)
}
