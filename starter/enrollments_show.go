package main

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"perennial/config"
	"perennial/domain/contact"
	"perennial/store"
	"perennial/workflows"
)

// shownEnrollment is one enrollment in full.
type shownEnrollment struct {
	store.Enrollment

	Status     string        `json:"status"`
	Zone       string        `json:"zone"` // of the customer
	WorkflowID string        `json:"workflow_id"`
	TemporalUI string        `json:"temporal_ui"`
	Page       string        `json:"customer_page"`
	Path       []passed      `json:"path"`                  // the last things done, the newest first
	Untold     string        `json:"path_untold,omitempty"` // why there is no path
	Touches    []store.Touch `json:"touches"`
}

func newEnrollmentsShow(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show one enrollment in full: where it stands, what it did, what was sent, where to look further",
		Long: `Show one enrollment in full: where it stands and what was sent from the database, also long after Temporal has forgotten it; and the
last things that it did from its run, as long as Temporal has that and a worker is there to tell. Times are those on the customer's wall,
with UTC beside them.`,
		Example: `  starter enrollments show 17
  starter enrollments show 17 --json`,
		Args: takes("the ID of an enrollment"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := enrollmentID(args[0])
			if err != nil {
				return err
			}
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			e, err := enrollmentByID(cmd.Context(), s, id)
			if err != nil {
				return err
			}
			who, err := s.Profile(cmd.Context(), e.Customer)
			if err != nil {
				return err
			}
			touches, err := s.Touches(cmd.Context(), e.ID)
			if err != nil {
				return err
			}
			options, err := c.temporalOptions(settings)
			if err != nil {
				return err
			}
			workflow := workflows.WorkflowID(e.Journey, e.Customer, e.Key)
			shown := shownEnrollment{
				Enrollment: e, Status: status(e), Zone: who.Zone.String(), WorkflowID: workflow,
				TemporalUI: workflows.Page(settings.TemporalUIURL, options.Namespace, workflow),
				Page:       settings.Public() + "/customers/" + url.PathEscape(e.Customer), Touches: touches,
			}
			path, untold := c.path(cmd.Context(), settings, e)
			if shown.Path = path; untold != nil {
				shown.Untold = untold.Error()
			}
			return c.show(shown, func(p *page) { writeEnrollment(p, settings, shown, who.Zone, untold) })
		},
	}
}

func writeEnrollment(p *page, settings config.Config, e shownEnrollment, zone *time.Location, untold error) {
	there := func(t time.Time) string { return local(t, zone) }
	p.line("Enrollment %d: %s in %s, version %d", e.ID, e.Customer, e.Journey, e.Version)
	p.line("")
	p.fields(
		"status", e.Status,
		"key", e.Key,
		"step", e.Step,
		"waiting for", e.WaitingFor,
		"next", nextOf(e.Enrollment, there),
		"entered", there(e.EnteredAt),
		"by event", e.EnteredBy,
		"started", there(e.StartedAt),
		"ended", there(e.EndedAt),
		"Temporal", e.TemporalUI,
		"customer", e.Page,
	)
	p.line("")
	writePath(p, e.Path, untold)
	switch {
	case len(e.Touches) > 0:
		writeTouches(p, e.Touches, false, there)
	case e.Running():
		p.line("No touch was tried yet.")
	default:
		p.line("No touch was tried.")
	}
	p.line("\nTimes are those of %s; %s.", e.Zone, clockLine(settings))
	switch {
	case !e.Running():
	case e.Paused:
		p.line("`starter enrollments resume %d` lets it go on.", e.ID)
	default:
		p.line("`starter enrollments pause %d` freezes it; `starter enrollments exit %d --reason \"…\"` ends it.", e.ID, e.ID)
	}
}

// writeTouches writes a table of touches; withCustomer where they are not all of one.
func writeTouches(p *page, touches []store.Touch, withCustomer bool, when func(time.Time) string) {
	rows := make([][]string, len(touches))
	for i, t := range touches {
		customer, enrollment := "", ""
		if withCustomer {
			customer, enrollment = t.Customer, strconv.FormatInt(t.Enrollment, 10)
		}
		rows[i] = []string{t.ID, customer, enrollment, t.Channel.Title(), t.Colleague, t.Template, touchState(t), when(lastMove(t)), whyOf(t)}
	}
	p.table("", []string{"TOUCH", "CUSTOMER", "ENROLLMENT", "CHANNEL", "TELLS", "TEMPLATE", "STATE", "WHEN", "WHY"}, rows)
}

// touchState is how far a touch has come, in words.
func touchState(t store.Touch) string {
	switch t.Lease {
	case store.LeaseHeld:
		return "being sent"
	case store.LeaseOver:
		return "in doubt"
	case store.LeaseReleased:
		return "to be tried again"
	}
	return string(t.State)
}

// lastMove is when a touch came to where it is.
func lastMove(t store.Touch) time.Time {
	for _, at := range []time.Time{t.SettledAt, t.SentAt, t.ClaimedAt} {
		if !at.IsZero() {
			return at
		}
	}
	return t.CreatedAt
}

// whyOf is what is known of why a touch was not sent or did not arrive, in words where we have them.
func whyOf(t store.Touch) string {
	if t.Lease == store.LeaseOver {
		return withCode(t.Doubt(), t.ProviderCode)
	}
	return withCode(contact.Reason(t.Reason).Sentence(), t.ProviderCode)
}

func withCode(why, code string) string {
	if why != "" && code != "" {
		return fmt.Sprintf("%s (%s)", why, code)
	}
	return cmp.Or(why, code)
}
