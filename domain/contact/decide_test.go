package contact_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"perennial/domain/contact"
	"perennial/domain/customer"
)

// asks is one question to the policy about the agreeable customer, changed a little, and the answer in short. Times are New York's:
// Monday 4 May 2026 and the days around it.
type asks struct {
	change func(*customer.Profile, *contact.Question)
	topic  string
	at     string
	want   string
}

func (a asks) check(t *testing.T, policy contact.Policy) {
	t.Helper()
	who, q := agreeable(t), question(a.topic, a.at)
	if a.change != nil {
		a.change(&who, &q)
	}
	if got := inShort(policy.Decide(who, q), who.Zone); got != a.want {
		t.Errorf("got %s, want %s", got, a.want)
	}
}

func inShort(a contact.Answer, z *time.Location) string {
	switch a.Verdict {
	case contact.Send:
		return fmt.Sprintf("send by %s", a.Channel)
	case contact.Hold:
		return fmt.Sprintf("hold until %s, by %s: %s", a.At.In(z).Format("Mon 02 Jan 15:04"), a.Channel, a.Reason)
	}
	return fmt.Sprintf("skip: %s", a.Reason)
}

func checkAll(t *testing.T, policy contact.Policy, cases map[string]asks) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.check(t, policy)
		})
	}
}

// unspread is the policy as far as it is the same for every customer.
func unspread(t *testing.T) contact.Policy {
	t.Helper()
	return written(t).Without(contact.RuleSpread)
}

func at(text string) time.Time {
	instant, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return instant
}

func windowsOf(text string) customer.Windows {
	windows, err := customer.ParseWindows(text)
	if err != nil {
		panic(err)
	}
	return windows
}

func TestWhoIsNotReachedAtAll(t *testing.T) {
	t.Parallel()
	const noon = "2026-05-04T12:00:00-04:00"
	complains := func(who *customer.Profile, _ *contact.Question) {
		who.Complaints = []customer.Complaint{{Event: "e-1", At: at("2026-05-01T10:00:00Z")}}
	}
	answers := func(scores ...float64) func(*customer.Profile, *contact.Question) {
		return func(who *customer.Profile, _ *contact.Question) {
			for i, score := range scores {
				who.Surveys = append(who.Surveys,
					customer.Answer{Survey: "satisfaction", Score: score, At: at("2026-04-01T10:00:00Z").AddDate(0, 0, i)},
					customer.Answer{Survey: "nps", Score: 1, At: at("2026-04-01T11:00:00Z").AddDate(0, 0, i)})
			}
		}
	}
	checkAll(t, unspread(t), map[string]asks{
		"nobody whose relation has ended": {
			change: func(who *customer.Profile, _ *contact.Question) { who.Closed = true },
			topic:  "service", at: noon, want: "skip: closed",
		},
		"nobody who said no to the topic": {
			change: func(who *customer.Profile, _ *contact.Question) { who.Consents["marketing"] = false },
			topic:  "marketing", at: noon, want: "skip: no_consent",
		},
		"nobody who was never asked":                    {topic: "surveys", at: noon, want: "skip: no_consent"},
		"no marketing while a complaint is open":        {change: complains, topic: "marketing", at: noon, want: "skip: open_complaint"},
		"service while a complaint is open":             {change: complains, topic: "service", at: noon, want: "send by sms"},
		"no marketing for who was not satisfied":        {change: answers(5, 2), topic: "marketing", at: noon, want: "skip: unsatisfied"},
		"marketing again once they were satisfied":      {change: answers(1, 3), topic: "marketing", at: noon, want: "send by sms"},
		"marketing for who answered nothing about that": {change: answers(), topic: "marketing", at: noon, want: "send by sms"},
		"care for who was not satisfied":                {change: answers(1), topic: "care", at: noon, want: "send by sms"},
		"a topic that the policy does not know rests, too": {
			change: func(who *customer.Profile, q *contact.Question) {
				who.Consents["news"] = true
				complains(who, q)
			},
			topic: "news", at: noon, want: "skip: open_complaint",
		},
		"nobody without an address": {
			change: func(who *customer.Profile, _ *contact.Question) { who.Addresses = nil },
			topic:  "service", at: noon, want: "skip: no_channel",
		},
		"nobody for whom it comes too late": {
			change: func(_ *customer.Profile, q *contact.Question) { q.Expires = q.At.Add(-time.Second) },
			topic:  "service", at: noon, want: "skip: expired",
		},
		"nobody for whom it would come too late": {
			change: func(_ *customer.Profile, q *contact.Question) { q.Expires = q.At.Add(8 * time.Hour) },
			topic:  "service", at: "2026-05-04T20:30:00-04:00", want: "skip: expired",
		},
	})
}

func TestTheFirstUsableChannelInTheCustomersOrderIsTaken(t *testing.T) {
	t.Parallel()
	const noon = "2026-05-04T12:00:00-04:00"
	checkAll(t, unspread(t), map[string]asks{
		"the preferred one": {topic: "service", at: noon, want: "send by sms"},
		"the next one when the address is bad": {
			change: func(who *customer.Profile, _ *contact.Question) {
				who.Addresses[customer.SMS] = customer.Address{Value: "+12015550100", Bad: "bad_address"}
			},
			topic: "service", at: noon, want: "send by email",
		},
		"the next one when it failed": {
			change: func(_ *customer.Profile, q *contact.Question) { q.Tried = []customer.Channel{customer.SMS} },
			topic:  "service", at: noon, want: "send by email",
		},
		"the one that the step allows": {
			change: func(_ *customer.Profile, q *contact.Question) { q.Channels = []customer.Channel{customer.Email} },
			topic:  "service", at: noon, want: "send by email",
		},
		"the one for which it is written": {
			change: func(_ *customer.Profile, q *contact.Question) { q.Templates = []customer.Channel{customer.Email} },
			topic:  "service", at: noon, want: "send by email",
		},
	})
}

func prefer(windows string) func(*customer.Profile, *contact.Question) {
	return func(who *customer.Profile, _ *contact.Question) { who.Windows = windowsOf(windows) }
}

func TestHoursAreThoseOnTheCustomersWall(t *testing.T) {
	t.Parallel()
	in := func(name string, windows string) func(*customer.Profile, *contact.Question) {
		return func(who *customer.Profile, q *contact.Question) {
			prefer(windows)(who, q)
			who.Zone, who.Country = zone(t, name), ""
		}
	}
	checkAll(t, unspread(t), map[string]asks{
		"decent hours for who has none":           {topic: "service", at: "2026-05-04T22:00:00-04:00", want: "hold until Tue 05 May 09:00, by sms: quiet_hours"},
		"own hours stand above decent ones":       {change: prefer("mon-fri 21:00-23:00"), topic: "service", at: "2026-05-04T22:00:00-04:00", want: "send by sms"},
		"legal hours stand above own ones":        {change: prefer("mon-fri 20:00-23:00"), topic: "marketing", at: "2026-05-04T22:00:00-04:00", want: "hold until Tue 05 May 20:00, by sms: legal_hours"},
		"who wants Friday night gets it then":     {change: prefer("fri-sat 22:00-01:00"), topic: "service", at: "2026-05-04T12:00:00-04:00", want: "hold until Fri 08 May 22:00, by sms: outside_window"},
		"and after midnight, when it is Sunday":   {change: prefer("fri-sat 22:00-01:00"), topic: "service", at: "2026-05-10T00:59:00-04:00", want: "send by sms"},
		"and no marketing, which the law forbids": {change: prefer("fri-sat 22:00-01:00"), topic: "marketing", at: "2026-05-04T12:00:00-04:00", want: "skip: no_window"},
		"but marketing by e-mail": {
			change: func(who *customer.Profile, q *contact.Question) {
				prefer("fri-sat 22:00-01:00")(who, q)
				who.Channels = []customer.Channel{customer.Email}
			},
			topic: "marketing", at: "2026-05-04T12:00:00-04:00", want: "hold until Fri 08 May 22:00, by email: outside_window",
		},
		// Another system's known failures.
		"Mondays 20:00 in Los Angeles, not on Sunday":   {change: in("America/Los_Angeles", "mon 20:00-21:00"), topic: "service", at: "2026-05-02T00:00:00Z", want: "hold until Mon 04 May 20:00, by sms: outside_window"},
		"Mondays 08:00 in Tokyo, not on Tuesday":        {change: in("Asia/Tokyo", "mon 08:00-09:00"), topic: "service", at: "2026-05-02T00:00:00Z", want: "hold until Mon 04 May 08:00, by sms: outside_window"},
		"20:00 in New York when the clocks go forward":  {change: in("America/New_York", "daily 20:00-21:00"), topic: "service", at: "2026-03-08T01:30:00-05:00", want: "hold until Sun 08 Mar 20:00, by sms: outside_window"},
		"09:00 in New York when the clocks go back":     {change: in("America/New_York", "daily 09:00-10:00"), topic: "service", at: "2026-11-01T00:30:00-04:00", want: "hold until Sun 01 Nov 09:00, by sms: outside_window"},
		"the half hour of Lord Howe":                    {change: in("Australia/Lord_Howe", "sun 01:45-02:15"), topic: "service", at: "2026-10-03T12:00:00Z", want: "hold until Sun 04 Oct 01:45, by sms: outside_window"},
		"a customer without hours that anything allows": {change: prefer("mon 03:00-04:00"), topic: "marketing", at: "2026-05-04T12:00:00-04:00", want: "skip: no_window"},
	})
}

func TestTopicsThatRestOnPublicHolidays(t *testing.T) {
	t.Parallel()
	chinese := func(windows string) func(*customer.Profile, *contact.Question) {
		return func(who *customer.Profile, q *contact.Question) {
			prefer(windows)(who, q)
			who.Zone, who.Country = zone(t, "Asia/Shanghai"), "CN"
		}
	}
	checkAll(t, unspread(t), map[string]asks{
		"no care on Memorial Day":                            {topic: "care", at: "2026-05-25T12:00:00-04:00", want: "hold until Tue 26 May 09:00, by sms: holiday"},
		"service on Memorial Day":                            {topic: "service", at: "2026-05-25T12:00:00-04:00", want: "send by sms"},
		"not on the day on which it is observed":             {topic: "care", at: "2026-07-03T12:00:00-04:00", want: "hold until Sun 05 Jul 09:00, by sms: holiday"},
		"even inside the customer's own hours":               {change: prefer("mon 10:00-11:00"), topic: "care", at: "2026-05-19T12:00:00-04:00", want: "hold until Mon 01 Jun 10:00, by sms: outside_window"},
		"over the whole Spring Festival":                     {change: chinese(""), topic: "marketing", at: "2026-02-15T10:00:00+08:00", want: "hold until Tue 24 Feb 09:00, by sms: holiday"},
		"a worked Saturday is a Saturday for mon-fri":        {change: chinese("mon-fri 10:00-11:00"), topic: "care", at: "2026-02-28T10:00:00+08:00", want: "hold until Mon 02 Mar 10:00, by sms: outside_window"},
		"a worked Saturday is a Saturday for sat-sun":        {change: chinese("sat-sun 10:00-11:00"), topic: "care", at: "2026-02-28T10:00:00+08:00", want: "send by sms"},
		"a country without a calendar has none":              {change: func(who *customer.Profile, _ *contact.Question) { who.Country = "FR" }, topic: "care", at: "2026-05-25T12:00:00-04:00", want: "send by sms"},
		"the date is that of the wall, not of UTC":           {topic: "care", at: "2026-05-26T01:30:00Z", want: "hold until Tue 26 May 09:00, by sms: quiet_hours"},
		"nor is it a holiday because it is one in Greenwich": {change: prefer("daily 00:00-24:00"), topic: "care", at: "2026-05-25T02:00:00Z", want: "send by sms"},
	})
}

func touched(topic string, channel customer.Channel, times ...string) []customer.Touched {
	var all []customer.Touched
	for i, text := range times {
		all = append(all, customer.Touched{Touch: fmt.Sprint(topic, i), Channel: channel, Topic: topic, At: at(text)})
	}
	slices.Reverse(all)
	return all
}

func TestNobodyHearsFromUsTooOften(t *testing.T) {
	t.Parallel()
	got := func(star int, all ...customer.Touched) func(*customer.Profile, *contact.Question) {
		return func(who *customer.Profile, _ *contact.Question) { who.Star, who.Touched = star, all }
	}
	three := touched("service", customer.SMS, "2026-05-01T10:00:00-04:00", "2026-05-02T10:00:00-04:00", "2026-05-03T10:00:00-04:00")
	twoOffers := touched("marketing", customer.Email, "2026-04-29T11:30:00-04:00", "2026-05-01T10:00:00-04:00")
	checkAll(t, unspread(t), map[string]asks{
		"held until there is room on the channel": {change: got(3, three...), topic: "service", at: "2026-05-04T12:00:00-04:00", want: "hold until Fri 08 May 10:00, by sms: capped"},
		"and then until the customer's hours": {change: func(who *customer.Profile, q *contact.Question) {
			got(3, three...)(who, q)
			prefer("mon-fri 19:00-21:00")(who, q)
		}, topic: "service", at: "2026-05-04T19:30:00-04:00", want: "hold until Fri 08 May 19:00, by sms: capped"},
		"sooner for whom the star says more": {change: got(5, three...), topic: "service", at: "2026-05-04T12:00:00-04:00", want: "send by sms"},
		"later for whom the star says less":  {change: got(1, three...), topic: "service", at: "2026-05-04T12:00:00-04:00", want: "hold until Sat 09 May 10:00, by sms: capped"},
		"another channel has room of its own": {change: func(who *customer.Profile, q *contact.Question) {
			got(3, three...)(who, q)
			q.Tried = []customer.Channel{customer.SMS}
		}, topic: "service", at: "2026-05-04T12:00:00-04:00", want: "send by email"},
		"held until there is room for the topic":             {change: got(3, twoOffers...), topic: "marketing", at: "2026-05-04T12:00:00-04:00", want: "hold until Wed 06 May 11:30, by sms: capped"},
		"another topic has room of its own":                  {change: got(3, twoOffers...), topic: "care", at: "2026-05-04T12:00:00-04:00", want: "send by sms"},
		"its own claim does not count against it":            {change: func(who *customer.Profile, q *contact.Question) { got(3, three...)(who, q); q.Touch = three[0].Touch }, topic: "service", at: "2026-05-04T12:00:00-04:00", want: "send by sms"},
		"a week is one of the calendar, clocks or no clocks": {change: got(1, touched("service", customer.SMS, "2026-03-04T10:00:00-05:00", "2026-03-05T10:00:00-05:00")...), topic: "service", at: "2026-03-09T12:00:00-04:00", want: "hold until Wed 11 Mar 10:00, by sms: capped"},
		"care keeps its distance":                            {change: got(3, touched("service", customer.SMS, "2026-05-04T11:00:00-04:00")...), topic: "care", at: "2026-05-04T12:00:00-04:00", want: "hold until Mon 04 May 15:00, by sms: too_soon"},
		"service does not":                                   {change: got(3, touched("care", customer.SMS, "2026-05-04T11:00:00-04:00")...), topic: "service", at: "2026-05-04T12:00:00-04:00", want: "send by sms"},
	})
}

func TestTheMoreImportantTouchGoesFirst(t *testing.T) {
	t.Parallel()
	const noon = "2026-05-04T12:00:00-04:00"
	wants := func(topic, when, since string) func(*customer.Profile, *contact.Question) {
		return func(who *customer.Profile, q *contact.Question) {
			who.Wanted = []customer.Wanted{{Enrollment: 2, Topic: topic, At: at(when), Since: at(since)}}
			q.Since = at("2026-05-04T10:00:00-04:00")
		}
	}
	const earlier, same, later = "2026-05-04T09:00:00-04:00", "2026-05-04T10:00:00-04:00", "2026-05-04T11:00:00-04:00"
	checkAll(t, unspread(t), map[string]asks{
		"marketing yields to service":                         {change: wants("service", noon, later), topic: "marketing", at: noon, want: "hold until Mon 04 May 16:00, by sms: yielded"},
		"also to what is wanted soon":                         {change: wants("service", "2026-05-04T14:00:00-04:00", later), topic: "marketing", at: noon, want: "hold until Mon 04 May 18:00, by sms: yielded"},
		"not to what is wanted much later":                    {change: wants("service", "2026-05-04T18:00:00-04:00", later), topic: "marketing", at: noon, want: "send by sms"},
		"service does not yield to marketing":                 {change: wants("marketing", noon, earlier), topic: "service", at: noon, want: "send by sms"},
		"of the same topic the older one goes first":          {change: wants("care", noon, earlier), topic: "care", at: noon, want: "hold until Mon 04 May 16:00, by sms: yielded"},
		"so the older one goes":                               {change: wants("care", noon, later), topic: "care", at: noon, want: "send by sms"},
		"of the same age the enrollment that was there first": {change: wants("care", noon, same), topic: "care", at: noon, want: "send by sms"},
		"two of service never get the same minute":            {change: wants("service", noon, earlier), topic: "service", at: noon, want: "hold until Mon 04 May 12:01, by sms: yielded"},
		"its own wish does not hold it": {
			change: func(who *customer.Profile, q *contact.Question) {
				wants("care", noon, earlier)(who, q)
				who.Wanted[0].Enrollment = q.Enrollment
			},
			topic: "care", at: noon, want: "send by sms",
		},
		"room under a cap is kept for it": {
			change: func(who *customer.Profile, q *contact.Question) {
				wants("service", "2026-05-05T12:00:00-04:00", later)(who, q)
				who.Touched = touched("service", customer.Email, "2026-05-01T10:00:00-04:00", "2026-05-01T11:00:00-04:00", "2026-05-01T12:00:00-04:00", "2026-05-01T13:00:00-04:00")
			},
			topic: "care", at: noon, want: "hold until Fri 08 May 10:00, by sms: capped",
		},
	})
}

func TestATouchHeldToAnOpeningIsSpreadByCustomer(t *testing.T) {
	t.Parallel()
	policy := written(t)
	opening := at("2026-05-05T09:00:00-04:00")
	var minutes [60]int
	for i := range 6000 {
		who := agreeable(t)
		who.ID = fmt.Sprintf("c-%d", i)
		q := question("service", "2026-05-04T22:00:00-04:00")
		held := policy.Decide(who, q)
		if held.Verdict != contact.Hold || held.At.Before(opening) || !held.At.Before(opening.Add(time.Hour)) {
			t.Fatalf("%s: %+v", who.ID, held)
		}
		minutes[held.At.Sub(opening)/time.Minute]++
		if q.At = held.At; policy.Decide(who, q).Verdict != contact.Send {
			t.Fatalf("%s is spread twice", who.ID)
		}
		q.At = opening.Add(time.Second)
		if policy.Decide(who, q).Verdict != contact.Send {
			t.Fatalf("%s is spread although it was asked inside the hours", who.ID)
		}
	}
	if fewest, most := slices.Min(minutes[:]), slices.Max(minutes[:]); fewest < 50 || most > 160 {
		t.Errorf("of 100 a minute on average, between %d and %d are due", fewest, most)
	}
}

func TestAShortWindowIsNotLeftBySpreading(t *testing.T) {
	t.Parallel()
	policy := written(t)
	for i := range 300 {
		who := prefers(t, "mon-fri 12:00-12:10")
		who.ID = fmt.Sprintf("c-%d", i)
		q := question("service", "2026-05-04T08:00:00-04:00")
		if i%2 == 0 {
			q.Expires = at("2026-05-04T12:00:30-04:00")
		}
		held := policy.Decide(who, q)
		latest := at("2026-05-04T12:10:00-04:00")
		if i%2 == 0 {
			latest = q.Expires
		}
		if held.Verdict != contact.Hold || held.At.Before(at("2026-05-04T12:00:00-04:00")) || !held.At.Before(latest) {
			t.Fatalf("%s: %+v", who.ID, held)
		}
	}
}

func TestARuleCanBeLeftOutToShowWhatItIsFor(t *testing.T) {
	t.Parallel()
	policy, who := written(t), night(t)
	who.Consents["marketing"] = false
	q := question("marketing", "2026-05-25T03:00:00-04:00")
	for _, rule := range []string{contact.RuleConsent, contact.RuleLegal, contact.RuleWindow} {
		if policy.Decide(who, q).Verdict == contact.Send {
			t.Fatalf("sent although %s is asked", rule)
		}
		policy = policy.Without(rule)
	}
	if got := policy.Without(contact.RuleHoliday).Decide(who, q); got.Verdict != contact.Send {
		t.Errorf("got %+v", got)
	}
}
