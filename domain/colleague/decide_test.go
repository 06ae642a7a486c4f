package colleague_test

import (
	"testing"
	"time"

	"perennial/domain/colleague"
	"perennial/domain/contact"
	"perennial/domain/customer"
)

// The office: rep-1 stands in for nobody, the boss for rep-1, and rep-1 for the boss. Both are in London.
func office(t *testing.T, change func(rep, boss *colleague.Colleague)) colleague.Colleagues {
	t.Helper()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	both := func(id string) map[customer.Channel]customer.Address {
		return map[customer.Channel]customer.Address{customer.Slack: {Value: "U" + id}, customer.Email: {Value: id + "@example.com"}}
	}
	rep := colleague.Colleague{ID: "rep-1", Zone: london, Country: "GB", Deputy: "boss", Addresses: both("rep-1")}
	boss := colleague.Colleague{ID: "boss", Zone: london, Country: "GB", Deputy: "rep-1", Addresses: both("boss")}
	if change != nil {
		change(&rep, &boss)
	}
	return colleague.Colleagues{"rep-1": rep, "boss": boss}
}

func days(from, to contact.Date) []colleague.Absence {
	return []colleague.Absence{{From: from, To: to}}
}

func TestWhoIsToldOnWhichChannelAndWhen(t *testing.T) {
	t.Parallel()
	const monday, friday = "2026-05-18T10:00:00+01:00", "2026-05-22T17:59:00+01:00"
	slack := colleague.Try{Colleague: "rep-1", Channel: customer.Slack}
	type rep = *colleague.Colleague
	for name, c := range map[string]struct {
		asked   string // defaults to rep-1
		at      string
		valid   time.Duration // defaults to a week
		change  func(rep, boss rep)
		tried   []colleague.Try
		want    string // told, channel and when; or why not
		because contact.Reason
	}{
		"by Slack, in working hours":          {at: monday, want: "rep-1 slack now"},
		"before work it waits for nine":       {at: "2026-05-18T08:00:00+01:00", want: "rep-1 slack 2026-05-18T09:00:00+01:00", because: contact.WorkingHours},
		"a minute before six is work":         {at: friday, want: "rep-1 slack now"},
		"after work on Friday it is Monday":   {at: "2026-05-15T18:00:00+01:00", want: "rep-1 slack 2026-05-18T09:00:00+01:00", because: contact.WorkingHours},
		"a public holiday is no working day":  {at: "2026-05-22T18:00:00+01:00", want: "rep-1 slack 2026-05-26T09:00:00+01:00", because: contact.WorkingHours},
		"nor is it on the day itself":         {at: "2026-05-25T10:00:00+01:00", want: "rep-1 slack 2026-05-26T09:00:00+01:00", because: contact.DayOff},
		"it is one for those who live abroad": {at: "2026-05-25T10:00:00+01:00", change: func(r, _ rep) { r.Country = "FR" }, want: "rep-1 slack now"},
		"own hours replace the usual ones":    {at: "2026-05-16T10:00:00+01:00", change: func(r, _ rep) { r.Hours = windows(t, "sat 09:00-12:00") }, want: "rep-1 slack now"},
		"own order of channels":               {at: monday, change: func(r, _ rep) { r.Channels = []customer.Channel{customer.Email, customer.Slack} }, want: "rep-1 email now"},
		"by e-mail once Slack refused":        {at: monday, tried: []colleague.Try{slack}, want: "rep-1 email now"},
		"by e-mail where Slack's address is bad": {at: monday, change: func(r, _ rep) {
			r.Addresses[customer.Slack] = customer.Address{Value: "U1", Bad: "bad_address"}
		}, want: "rep-1 email now"},
		"the deputy of who is absent":      {at: monday, change: func(r, _ rep) { r.Absences = days(20260518, 20260529) }, want: "boss slack now"},
		"on the last day of absence, too":  {at: "2026-05-18T17:59:00+01:00", change: func(r, _ rep) { r.Absences = days(20260511, 20260518) }, want: "boss slack now"},
		"not on the day after it":          {at: "2026-05-19T09:00:00+01:00", change: func(r, _ rep) { r.Absences = days(20260511, 20260518) }, want: "rep-1 slack now"},
		"who leaves before work gives way": {at: "2026-05-15T18:30:00+01:00", change: func(r, _ rep) { r.Absences = days(20260518, 20260529) }, want: "boss slack 2026-05-18T09:00:00+01:00", because: contact.WorkingHours},
		"all absent: until the first is back": {at: monday, change: func(r, b rep) {
			r.Absences, b.Absences = days(20260518, 20260522), days(20260518, 20260519)
		}, want: "boss slack 2026-05-20T09:00:00+01:00", because: contact.Absent},
		"nobody stands in: until the end of the absence": {at: monday, change: func(r, _ rep) {
			r.Absences, r.Deputy = days(20260518, 20260520), ""
		}, want: "rep-1 slack 2026-05-21T09:00:00+01:00", because: contact.Absent},
		"a deputy who is not known does not stand in": {at: monday, change: func(r, _ rep) {
			r.Absences, r.Deputy = days(20260518, 20260520), "rep-9"
		}, want: "rep-1 slack 2026-05-21T09:00:00+01:00", because: contact.Absent},
		"who can't be reached at all gives way":                     {at: monday, change: func(r, _ rep) { r.Addresses = nil }, want: "boss slack now"},
		"what the first could not be told on is open to the deputy": {at: monday, tried: []colleague.Try{slack, {Colleague: "rep-1", Channel: customer.Email}}, want: "boss slack now"},
		"held past its use":         {at: "2026-05-22T18:00:00+01:00", valid: 24 * time.Hour, want: "nobody", because: contact.Expired},
		"nobody can be reached":     {at: monday, change: func(r, b rep) { r.Addresses, b.Addresses = nil, nil }, want: "nobody", because: contact.NoChannel},
		"nobody looks after them":   {asked: "-", at: monday, want: "nobody", because: contact.NoColleague},
		"whoever it is, is unknown": {asked: "rep-9", at: monday, want: "nobody", because: contact.UnknownColleague},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := colleague.Question{Asked: "rep-1", At: instant(t, c.at), Tried: c.tried, Templates: colleague.Channels}
			if q.Expires = q.At.AddDate(0, 0, 7); c.valid > 0 {
				q.Expires = q.At.Add(c.valid)
			}
			switch c.asked {
			case "":
			case "-":
				q.Asked = ""
			default:
				q.Asked = c.asked
			}
			answer := office(t, c.change).Decide([]contact.Calendar{{Country: "GB", Days: []contact.Day{{Date: 20260525, Name: "Spring bank holiday"}}}}, q)
			got := "nobody"
			switch answer.Verdict {
			case contact.Send:
				got = answer.Told + " " + string(answer.Channel) + " now"
			case contact.Hold:
				got = answer.Told + " " + string(answer.Channel) + " " + answer.At.Format(time.RFC3339)
			case contact.Skip:
			}
			if got != c.want || answer.Reason != c.because {
				t.Errorf("%s because %q, want %s because %q", got, answer.Reason, c.want, c.because)
			}
		})
	}
}

func TestEveryReasonOfColleaguesHasItsSentence(t *testing.T) {
	t.Parallel()
	for _, reason := range []contact.Reason{contact.NoColleague, contact.UnknownColleague, contact.Absent, contact.DayOff, contact.WorkingHours} {
		if reason.Sentence() == string(reason) {
			t.Errorf("%s has none", reason)
		}
	}
}

func windows(t *testing.T, text string) customer.Windows {
	t.Helper()
	ws, err := customer.ParseWindows(text)
	if err != nil {
		t.Fatal(err)
	}
	return ws
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
