package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// This file is the sandbox's own JSON, for machines that watch it or act as customers.

const mostMessages = 1000

// apiMessages answers `GET /api/messages?after=SEQ&limit=N`: what was received after a sequence number, oldest first, and the
// sequence number to ask with next.
func (s *Sandbox) apiMessages(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	after, _ := strconv.ParseInt(query.Get("after"), 10, 64)
	limit := boundedInt(query.Get("limit"), mostMessages, 1, mostMessages)
	messages := s.After(after)
	messages = messages[:min(limit, len(messages))]
	next := after
	if len(messages) > 0 {
		next = messages[len(messages)-1].Seq
	}
	now, _ := s.now()
	writeJSON(w, http.StatusOK, struct {
		Messages []Message `json:"messages"`
		Next     int64     `json:"next"`
		Now      time.Time `json:"now"` // the stack's time
	}{slices.Concat([]Message{}, messages), next, now})
}

// apiRefused answers `GET /api/refused`: the requests that left no message, oldest first.
func (s *Sandbox) apiRefused(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, struct {
		Refused []Refusal `json:"refused"`
	}{slices.Concat([]Refusal{}, s.Refused())})
}

// apiReply takes `POST /api/replies {address, channel, text}` and answers with the answer as it is kept.
func (s *Sandbox) apiReply(w http.ResponseWriter, r *http.Request) {
	var reply Reply
	if !readJSON(w, r, &reply) {
		return
	}
	m, err := s.Answer(r.Context(), reply)
	if err != nil {
		writeProblem(w, statusOf(err), err.Error())
		return
	}
	writeJSON(w, http.StatusCreated, m)
}

// apiFault takes `POST /api/faults {address, fault, times}`, as [Sandbox.SetFault].
func (s *Sandbox) apiFault(w http.ResponseWriter, r *http.Request) {
	var order struct {
		Address string `json:"address"`
		Fault   Fault  `json:"fault"`
		Times   int    `json:"times"`
	}
	if !readJSON(w, r, &order) {
		return
	}
	known := []Fault{NoFault, Throttle, ServerError, InternalError, Cut, Hang, Stall, Late, Unlisted, BadAddress, Undelivered, OptedOut}
	if order.Address == "" || order.Times < 0 || !slices.Contains(known, order.Fault) {
		writeProblem(w, http.StatusUnprocessableEntity,
			"give an address (or *, which is everybody), a fault (throttle, server_error, internal_error, cut, hang, stall, late, unlisted, bad_address, undelivered, opted_out, or empty for none) and how many times (0: always)")
		return
	}
	s.SetFault(order.Address, order.Fault, order.Times)
	w.WriteHeader(http.StatusNoContent)
}

func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		writeProblem(w, http.StatusBadRequest, "the request is not the JSON expected: "+err.Error())
		return false
	}
	return true
}

func writeProblem(w http.ResponseWriter, status int, text string) {
	writeJSON(w, status, map[string]string{"error": text})
}
