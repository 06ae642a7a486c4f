package main

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"perennial/config"
	"perennial/domain/customer"
	"perennial/store"
)

// shownCustomer is what is known of a customer. It says who they are.
type shownCustomer struct {
	ID          string             `json:"id"`
	Name        string             `json:"name,omitempty"`
	Language    string             `json:"language"`
	Zone        string             `json:"zone"`
	Country     string             `json:"country,omitempty"`
	Owner       string             `json:"owner,omitempty"`
	Star        int                `json:"star"`
	Closed      bool               `json:"closed"` // which the erased are too
	Erased      bool               `json:"erased"`
	Channels    []customer.Channel `json:"channels"` // the customer's own order
	Addresses   []shownAddress     `json:"addresses"`
	Windows     string             `json:"contact_windows,omitempty"`
	Consents    map[string]bool    `json:"consents"`
	Attributes  map[string]any     `json:"attributes"`
	Purchases   shownPurchases     `json:"purchases"`
	Things      []shownThing       `json:"things"`         // agreements and assets
	History     []store.Value      `json:"history"`        // of attributes, newest first
	Complaints  []shownComplaint   `json:"complaints"`     // those that are open, oldest first
	Surveys     []shownAnswer      `json:"survey_answers"` // newest last
	Page        string             `json:"page"`
	Enrollments []store.Enrollment `json:"enrollments"` // newest first
	Touches     []store.Touch      `json:"touches"`     // newest first
	zone        *time.Location

	ClosedReason string `json:"closed_reason,omitempty"`
}

type shownAddress struct {
	Channel customer.Channel `json:"channel"`
	Value   string           `json:"value"`
	Bad     string           `json:"bad,omitempty"`
}

type shownPurchases struct {
	Count int64     `json:"count"`
	Total float64   `json:"total"`
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`

	GapDays int64 `json:"gap_days,omitempty"` // from one day with purchases to the next, on average
}

type shownThing struct {
	Of         customer.ThingKind `json:"of"`
	ID         string             `json:"id"`
	Kind       string             `json:"kind,omitempty"`
	Attributes map[string]any     `json:"attributes"`
}

type shownComplaint struct {
	Event string    `json:"event"`
	At    time.Time `json:"at"`
}

type shownAnswer struct {
	Survey string    `json:"survey"`
	Score  float64   `json:"score"`
	At     time.Time `json:"at"`
	Event  string    `json:"event"`
}

func newCustomers(c *console) *cobra.Command {
	cmd := family("customers", "Show what is known of a customer; export it, close the relation, erase them",
		`Show what is known of a customer, what they are in and what was sent; export all of it, end the relation, or erase them. The output says who
they are: mind where it goes.`,
		"  starter customers show c-1042\n  starter customers export c-1042 --file c-1042.json\n  starter customers erase c-1042")
	cmd.AddCommand(newCustomersShow(c), newCustomersConsents(c), newCustomersUnreachable(c), newCustomersExport(c), newCustomersClose(c),
		newCustomersReopen(c), newCustomersErase(c))
	return cmd
}

func newCustomersShow(c *console) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show one customer: profile, addresses, consents, enrollments, touches",
		Long: `Show one customer: profile, addresses, consents, contact windows, agreements and assets, former values of attributes, enrollments
and touches. Times are those on the customer's
wall, with UTC beside them. The output says who the customer is: mind where it goes.`,
		Example: `  starter customers show c-1042
  starter customers show c-1042 --json`,
		Args: takes("the ID of a customer"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 1 {
				return errLimit
			}
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			who, err := s.Profile(cmd.Context(), args[0])
			if err != nil {
				return notThere(err, "such customer", "an id is written as the import had it, such as c-1042")
			}
			shown := shownCustomerOf(who)
			standing, err := s.Standing(cmd.Context(), who.ID)
			if err != nil {
				return err
			}
			shown.Erased, shown.ClosedReason = standing.Erased, standing.Reason
			shown.Page = settings.Public() + "/customers/" + url.PathEscape(who.ID)
			if shown.Enrollments, err = s.Enrollments(cmd.Context(), store.EnrollmentFilter{Customer: who.ID}, 0, limit); err != nil {
				return err
			}
			if shown.History, err = s.AttributeHistory(cmd.Context(), who.ID, limit); err != nil {
				return err
			}
			if shown.Touches, err = s.CustomerTouches(cmd.Context(), who.ID, limit); err != nil {
				return err
			}
			return c.show(shown, func(p *page) { writeCustomer(p, settings, shown) })
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 20, "the most enrollments, touches, and values of an attribute to show, as a `number`")
	return cmd
}

func shownCustomerOf(who customer.Profile) shownCustomer {
	shown := shownCustomer{
		ID: who.ID, Name: who.Name, Language: who.Language, Zone: who.Zone.String(), Country: who.Country, Owner: who.Owner, Star: who.Star,
		Closed: who.Closed, Channels: slices.Concat([]customer.Channel{}, who.Channels), Addresses: []shownAddress{},
		Windows: who.Windows.String(), Consents: who.Consents, Attributes: who.Attributes,
		Purchases: shownPurchases(who.Purchases), Things: []shownThing{}, Complaints: []shownComplaint{}, Surveys: []shownAnswer{}, zone: who.Zone,
	}
	for _, t := range who.Things {
		shown.Things = append(shown.Things, shownThing(t))
	}
	for _, c := range who.Complaints {
		shown.Complaints = append(shown.Complaints, shownComplaint(c))
	}
	for _, channel := range slices.Concat(who.Channels, customer.Channels) {
		address, known := who.Addresses[channel]
		if known && !slices.ContainsFunc(shown.Addresses, func(a shownAddress) bool { return a.Channel == channel }) {
			shown.Addresses = append(shown.Addresses, shownAddress{channel, address.Value, address.Bad})
		}
	}
	for _, a := range who.Surveys {
		shown.Surveys = append(shown.Surveys, shownAnswer(a))
	}
	return shown
}

func writeCustomer(p *page, settings config.Config, c shownCustomer) {
	there := func(t time.Time) string { return local(t, c.zone) }
	p.line("Customer %s", c.ID)
	p.line("")
	p.fields(profileFields(c, there)...)
	p.line("")
	writeThings(p, c.Things)
	writeHistory(p, c.History, there)
	if len(c.Enrollments) == 0 {
		p.line("In no journey so far.")
	} else {
		p.table("", enrollmentHeadings(), enrollmentRows(c.Enrollments, false, there))
	}
	p.line("")
	if len(c.Touches) == 0 {
		p.line("No touch so far.")
	} else {
		writeTouches(p, c.Touches, false, there)
	}
	p.line("\nTimes are those of %s; %s.", c.Zone, clockLine(settings))
}

// writeThings writes what the customer has, if anything.
func writeThings(p *page, things []shownThing) {
	if len(things) == 0 {
		return
	}
	var rows [][]string
	for _, t := range things {
		var known []string
		for _, name := range slices.Sorted(maps.Keys(t.Attributes)) {
			known = append(known, name+" "+customer.Written(t.Attributes[name]))
		}
		rows = append(rows, []string{string(t.Of) + " " + t.ID, t.Kind, strings.Join(known, ", ")})
	}
	p.table("", []string{"HAS", "KIND", "OF WHICH IS KNOWN"}, rows)
	p.line("")
}

// writeHistory writes what the attributes were, of those whose history is kept, if there is any.
func writeHistory(p *page, history []store.Value, there func(time.Time) string) {
	if len(history) == 0 {
		return
	}
	var rows [][]string
	for _, v := range history {
		what := v.Name
		if v.Of != "" {
			what = string(v.Of) + " " + v.Thing + " " + v.Name
		}
		rows = append(rows, []string{what, customer.Written(v.Value), there(v.At), v.Source})
	}
	p.table("", []string{"ATTRIBUTE", "WAS", "SINCE", "FROM"}, rows)
	p.line("")
}

func profileFields(c shownCustomer, there func(time.Time) string) []string {
	fields := []string{
		"name", c.Name,
		"language", c.Language,
		"zone", c.Zone,
		"country", c.Country,
		"owner", c.Owner,
		"star", strconv.Itoa(c.Star),
	}
	switch {
	case c.Erased:
		fields = append(fields, "erased", "yes: nothing is left of what was known")
	case c.Closed:
		fields = append(fields, "closed", strings.TrimSuffix("yes: nothing more is sent; "+c.ClosedReason, "; "))
	}
	for _, a := range c.Addresses {
		value := a.Value
		if a.Bad != "" {
			value += "  not used: " + a.Bad
		}
		fields = append(fields, a.Channel.Title(), value)
	}
	order := make([]string, len(c.Channels))
	for i, channel := range c.Channels {
		order[i] = channel.Title()
	}
	windows := c.Windows
	if windows == "" {
		windows = "any decent hour"
	}
	fields = append(fields, "prefers", strings.Join(order, ", then "), "may be reached", windows)
	for _, topic := range slices.Sorted(maps.Keys(c.Consents)) {
		word := "no"
		if c.Consents[topic] {
			word = "yes"
		}
		fields = append(fields, "consent to "+topic, word)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Attributes)) {
		fields = append(fields, name, customer.Written(c.Attributes[name]))
	}
	if c.Purchases.Count > 0 {
		fields = append(fields, "purchases", strconv.FormatInt(c.Purchases.Count, 10)+", "+
			strconv.FormatFloat(c.Purchases.Total, 'f', 2, 64)+" in all, the last "+there(c.Purchases.Last))
	}
	if c.Purchases.GapDays > 0 {
		fields = append(fields, "usual gap", count(c.Purchases.GapDays, "day", "days")+" from one day with purchases to the next")
	}
	for _, o := range c.Complaints {
		fields = append(fields, "open complaint", "since "+there(o.At))
	}
	if n := len(c.Surveys); n > 0 {
		last := c.Surveys[n-1]
		fields = append(fields, "last answer", last.Survey+" "+strconv.FormatFloat(last.Score, 'f', -1, 64)+", "+there(last.At))
	}
	return append(fields, "page", c.Page)
}
