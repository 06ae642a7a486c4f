package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"perennial/activities"
	"perennial/channel"
	"perennial/config"
	"perennial/store"
)

// grace is how long, in real time, something may lie before doctor speaks of it: the sweep comes by every ten seconds.
const grace = 3 * time.Minute

// named is how many are named of those that are counted.
const named = 5

// examineDatabase looks at the database, and at what was left lying in it.
func examineDatabase(ctx context.Context, settings config.Config) []finding {
	const about = "database"
	if err := settings.RequireDatabase(); err != nil {
		return []finding{{bad, about, "none is configured", err.Error()}}
	}
	s, err := openDatabase(ctx, settings)
	if err != nil {
		return []finding{findingOf(about, err, "mend DATABASE_URL")}
	}
	defer s.Close()
	has, wants, err := s.Schema(ctx)
	if err == nil {
		err = schemaProblem(has, wants)
	}
	if err != nil {
		return []finding{findingOf(about, err, "may this user read the database?")}
	}
	found := []finding{{Level: ok, About: about, What: fmt.Sprintf("reachable, schema at version %d", has)}}
	return append(found, examineContent(ctx, settings, s)...)
}

func examineContent(ctx context.Context, settings config.Config, s *store.Store) []finding {
	var found []finding
	for _, look := range []func(context.Context, config.Config, *store.Store) ([]finding, error){examineBusiness, examineBreakers, examineLeftLying} {
		some, err := look(ctx, settings, s)
		if err != nil {
			some = []finding{findingOf("database", err, "may this user read every table?")}
		}
		found = append(found, some...)
	}
	return found
}

// examineBusiness says whether there is anybody to follow up, and how.
func examineBusiness(ctx context.Context, _ config.Config, s *store.Store) ([]finding, error) {
	ids, err := s.CustomerIDs(ctx, "", 1)
	if err != nil {
		return nil, err
	}
	journeys, err := s.Journeys(ctx)
	if err != nil {
		return nil, err
	}
	found := []finding{{Level: ok, About: "journeys", What: count(int64(len(journeys)), "journey is published", "journeys are published")}}
	if len(journeys) == 0 {
		found[0] = finding{warn, "journeys", "none is published: nobody enters any", "`starter journeys publish --message \"First journey\"`"}
	}
	if len(ids) == 0 {
		found = append(found, finding{warn, "customers", "there are none: events of unknown customers are refused", "`starter import customers FILE`"})
	}
	unknown, err := s.UnknownColleagues(ctx)
	if err != nil || len(unknown) == 0 {
		return found, err
	}
	return append(found, finding{
		warn, "colleagues", unknownColleagues(unknown), "`starter import colleagues FILE`: until then nobody is told where a journey notifies them",
	}), nil
}

// examineBreakers says on which channels nothing goes out since their provider does not work, and whether those who are to be told can be.
func examineBreakers(ctx context.Context, settings config.Config, s *store.Store) ([]finding, error) {
	var found []finding
	for _, id := range settings.ColleaguesOnCall() {
		known, err := s.StandIns(ctx, id, settings.Now())
		if err != nil {
			return nil, err
		}
		if len(known) == 0 {
			found = append(found, finding{warn, "on call", "colleague " + id + " is not known", "`starter import colleagues FILE`, or mend ON_CALL"})
		}
	}
	breakers, err := s.Breakers(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range breakers {
		if !b.Open() {
			found = append(found, finding{Level: ok, About: string(b.Channel), What: "its provider works again, since " + utc(b.ClosedAt) + " UTC"})
			continue
		}
		do := "see the provider's status page. What is due waits until it expires; a touch tries now and then, and what has gathered goes out little by little"
		if channel.Kind(b.Kind) == channel.Misconfigured {
			do = "mend its variables and restart the workers, which try at once. What is due waits until it expires"
		}
		what := fmt.Sprintf("nothing goes out since %s UTC: %s; tried %s since", utc(b.OpenedAt), activities.Answered(b), count(int64(b.Tries), "time in vain", "times in vain"))
		found = append(found, finding{bad, string(b.Channel), what, do})
	}
	return found, nil
}

// unknownColleagues says who looks after customers or stands in for somebody, and is not known.
func unknownColleagues(unknown []store.UnknownColleague) string {
	ids := make([]string, 0, named)
	var customers int64
	for i, u := range unknown {
		customers += u.Customers
		if i < named {
			ids = append(ids, u.ID)
		}
	}
	what := count(int64(len(unknown)), "owner or deputy is not known: ", "owners or deputies are not known: ") + strings.Join(ids, ", ")
	if len(unknown) > named {
		what += ", …"
	}
	return what + "; " + count(customers, "customer is theirs", "customers are theirs")
}

// examineLeftLying counts what should have gone on by itself.
func examineLeftLying(ctx context.Context, settings config.Config, s *store.Store) ([]finding, error) {
	before := settings.Now().UTC().Add(-settings.Clock.Duration(grace))
	w, err := s.Worries(ctx, before)
	if err != nil {
		return nil, err
	}
	late, err := s.Overdue(ctx, before, named)
	if err != nil {
		return nil, err
	}
	unconfirmed, err := s.UnconfirmedTouches(ctx, named)
	if err != nil {
		return nil, err
	}
	lateIDs := make([]string, len(late))
	for i, e := range late {
		lateIDs[i] = strconv.FormatInt(e.ID, 10)
	}
	touchIDs := make([]string, len(unconfirmed))
	for i, t := range unconfirmed {
		touchIDs[i] = t.ID
	}
	return []finding{
		lying("events", w.Unrouted, nil, "all have been routed to the journeys", "event was not routed", "events were not routed",
			bad, "is a worker running? its log says why an event can't be routed; the sweep tries again"),
		lying("enrollments", w.NotStarted, nil, "all that were entered have started", "enrollment did not start", "enrollments did not start",
			bad, "is a worker running? its log says why one can't start; the sweep tries again"),
		lying("enrollments", w.Overdue, lateIDs, "none is past its next time", "enrollment is past its next time", "enrollments are past their next time",
			bad, "are the workers running, and enough of them? `starter enrollments show ID` leads to each"),
		lying("touches", w.Unconfirmed, touchIDs, "none is unconfirmed", "touch is unconfirmed", "touches are unconfirmed",
			warn, "nobody knows whether these were sent, or not yet: `starter touches unconfirmed` says why"),
	}, nil
}

// lying is a finding about a number of things that were left lying: ok where it is none.
func lying(about string, n int64, ids []string, well, one, many string, how level, do string) finding {
	if n == 0 {
		return finding{Level: ok, About: about, What: well}
	}
	what := count(n, one, many)
	if len(ids) > 0 {
		what += ": " + strings.Join(ids, ", ")
	}
	if n > int64(len(ids)) && len(ids) > 0 {
		what += ", …"
	}
	return finding{how, about, what, do}
}
