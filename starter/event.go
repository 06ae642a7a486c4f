package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"perennial/config"
	"perennial/domain/journey"
	"perennial/gateway"
	"perennial/store"
)

// happening is what `event` was asked for.
type happening struct {
	event    gateway.Event
	at       string
	data     []string
	dataJSON string
	gateway  string
	folder   string // of the journeys, whose events.yaml names more events than were published
}

func newEvent(c *console) *cobra.Command {
	var asked happening
	cmd := &cobra.Command{
		Use:   "event TYPE",
		Short: "Hand in an event: something that happened to a customer",
		Long: `Hand an event to the gateway, as other systems do. It is stored with what it changes in the profile, enters the customer
into journeys that it opens, and is told to those of the customer's enrollments that listen for it. The same id is the same
event, however often it is sent: give it one of your own where there is one.

An event that no journey knows is refused, and one without the data that it must bring: events.yaml says which. Values of --data that are numbers, true or false are taken as such, all others as text; --data-json takes any JSON object.`,
		Example: `  starter event purchase --customer c-1042 --data order_id=2041 --data quantity=1 --data amount=29.33
  starter event survey.answered --customer c-1042 --data survey=satisfaction --data score=5
  starter event visit.completed --customer c-1042 --id visit-881 --at 2026-05-04T10:30:00+02:00
  starter event complaint.opened --customer c-1042 --data-json '{"complaint_id": "k-7"}'`,
		Args: takes("the TYPE of the event"),
		RunE: func(cmd *cobra.Command, args []string) error {
			asked.event.Type = args[0]
			return asked.handIn(cmd.Context(), c)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&asked.event.Customer, "customer", "", "`id` of the customer whom it concerns")
	flags.StringVar(&asked.event.ID, "id", "", "`id` of the event (default a new one)")
	flags.StringVar(&asked.at, "at", "", "`time` when it happened, with its offset from UTC (default now)")
	flags.StringArrayVar(&asked.data, "data", nil, "one piece of its data, as `name=value`; may be repeated")
	flags.StringVar(&asked.dataJSON, "data-json", "", "its data as a JSON `object`")
	flags.StringVar(&asked.gateway, "gateway", "", "`URL` of the gateway (default that of the configuration)")
	flags.StringVar(&asked.folder, "dir", "journeys", "`folder` of the journeys, whose "+journey.EventsFile+" may name events that are not published yet")
	cmd.MarkFlagsMutuallyExclusive("data", "data-json")
	return cmd
}

func (h *happening) handIn(ctx context.Context, c *console) error {
	settings, err := c.config()
	if err != nil {
		return err
	}
	if err := h.complete(); err != nil {
		return err
	}
	known, err := h.knownEvents(ctx, settings)
	if err != nil {
		return err
	}
	notes, err := h.check(known)
	if err != nil {
		return err
	}
	for _, note := range notes {
		fmt.Fprintf(c.stderr, "starter: %s\n", note)
	}
	base := settings.Public()
	if h.gateway != "" {
		base = strings.TrimRight(h.gateway, "/")
	}
	accepted, err := post(ctx, base, settings.GatewayToken.Reveal(), h.event)
	if err != nil {
		return err
	}
	if err := h.note(ctx, settings, accepted.Status); err != nil {
		fmt.Fprintf(c.stderr, "starter: the event was handed in, and the audit log does not say so: %v\n", err)
	}
	return c.show(accepted, func(p *page) {
		if accepted.Status == "erased" {
			p.line("Customer %s was erased: nothing of them is stored any more. Whoever comes back needs a new id.", h.event.Customer)
			return
		}
		if accepted.Status == "duplicate" {
			p.line("Event %s was there already: nothing was changed.", accepted.ID)
			return
		}
		p.line("Event %s is stored: %s of %s.", accepted.ID, h.event.Type, h.event.Customer)
		if accepted.Note != "" {
			p.line("%s.", strings.TrimSuffix(accepted.Note, "."))
		}
		p.line("`starter enrollments list --customer %s` shows what follows from it.", h.event.Customer)
	})
}

// eventType is how the gateway wants a type of event written. Its own refusal names the schema, which helps programs more than people.
var eventType = regexp.MustCompile(`^[a-z][a-z0-9_]*([.][a-z0-9_]+)*$`)

// complete reads what was typed and fills in what was left out.
func (h *happening) complete() (err error) {
	if !eventType.MatchString(h.event.Type) {
		return fmt.Errorf("%q is no type of event: write lower-case words such as purchase or visit.completed", h.event.Type)
	}
	if h.event.Customer == "" {
		return errors.New("whom does it concern? Name the customer, such as --customer c-1042")
	}
	if h.event.ID == "" {
		h.event.ID = uuid.NewString()
	}
	if h.at != "" {
		if h.event.At, err = time.Parse(time.RFC3339, h.at); err != nil {
			return fmt.Errorf("--at %q is no time: write it with its offset from UTC, such as 2026-05-04T10:30:00+02:00", h.at)
		}
	}
	if h.dataJSON != "" {
		if err := json.Unmarshal([]byte(h.dataJSON), &h.event.Data); err != nil {
			return errors.New(`--data-json is no JSON object: write it such as '{"order_id": "2041"}'`)
		}
		return nil
	}
	h.event.Data, err = dataOf(h.data)
	return err
}

// dataOf reads data as people type it.
func dataOf(texts []string) (map[string]any, error) {
	typed, err := pairs("data", texts)
	if err != nil || len(typed) == 0 {
		return nil, err
	}
	data := map[string]any{}
	for name, text := range typed {
		data[name] = text
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber() // keeps the number as it was typed
		var value any
		if decoder.Decode(&value) != nil || decoder.More() {
			continue
		}
		switch value.(type) {
		case json.Number, bool:
			data[name] = value
		}
	}
	return data, nil
}

// answerLimit bounds what is read of an answer.
const answerLimit = 1 << 20

// note writes into the audit log that the event was handed in. That is in the gateway's database, so it must be at hand.
func (h *happening) note(ctx context.Context, settings config.Config, outcome string) error {
	if h.gateway != "" || settings.DatabaseURL == "" {
		return errors.New("the gateway's database is not at hand")
	}
	s, err := openDatabase(ctx, settings)
	if err != nil {
		return err
	}
	defer s.Close()
	what := store.EventByHand
	if h.event.Type == journey.ConsentChanged {
		what = store.ConsentByHand
	}
	done := deed(settings, what, store.OfEvent, h.event.ID, outcome)
	done.Customer = h.event.Customer
	return s.Note(ctx, done)
}

// post hands one event to a gateway.
func post(ctx context.Context, base, token string, event gateway.Event) (gateway.Accepted, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*patience)
	defer cancel()
	accepted, err := gateway.HandIn(ctx, http.DefaultClient, base, token, event)
	refusal, answered := errors.AsType[*gateway.RefusalError](err)
	failure, failed := errors.AsType[*url.Error](err)
	switch {
	case answered && refusal.Status == http.StatusAccepted:
		err = fmt.Errorf("what answers at %s is no gateway of Perennial: is the address right?", base)
	case answered:
		err = refused(base, refusal.Status, refusal.Answer)
	case failed && failure.Op == "parse":
		err = fmt.Errorf("%q is no URL of a gateway: write it such as http://127.0.0.1:8420", base)
	case failed:
		err = unreachable("no gateway answers at "+base, failure.Err, "is it running, and is the address right?")
	}
	return accepted, err
}

// refused says why a gateway did not take an event.
func refused(base string, status int, answer []byte) error {
	var why struct {
		Detail string
		Errors []struct{ Message string }
	}
	if status == http.StatusUnauthorized {
		return errors.New("the gateway does not know the token: set GATEWAY_TOKEN to one that `starter tokens create NAME --role ingest` made, or to the one that it runs with")
	}
	if json.Unmarshal(answer, &why) != nil || why.Detail == "" {
		return fmt.Errorf("what answers at %s with status %d is no gateway of Perennial: is the address right?", base, status)
	}
	var details []string
	for _, e := range why.Errors {
		details = append(details, e.Message)
	}
	if len(details) > 0 {
		return fmt.Errorf("the gateway refuses the event: %s", strings.Join(details, "; "))
	}
	return fmt.Errorf("the gateway refuses the event: %s", why.Detail)
}
