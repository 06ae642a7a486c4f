package contact_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/sharedtest"
)

// theYear is the one whose every hour is asked about. Answers may lie a month beyond it.
var theYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

const (
	hoursOfYear   = 365 * 24
	minutesToLook = (365 + 31) * 24 * 60
)

// TestASecondImplementationAgrees asks the policy about every customer at every hour of a year, 20.6 million times, topics in turn, and
// compares each answer with one that is slow, obvious and shares no code: it reads the table and the hours itself, and looks at the wall
// clock of every minute of the year. Its minutes are kept for each zone and its answers for each way of reading hours, which
// is what makes it affordable. Spreading is left out: it has a law of its own.
func TestASecondImplementationAgrees(t *testing.T) {
	t.Parallel()
	rows := readTable(t, sharedtest.Read(t, "data", "cdnow", "customers.csv")) // 2,357 of them, some hard on purpose
	policy := written(t).Without(contact.RuleSpread)
	byZone := map[string][]row{}
	for _, r := range rows {
		byZone[r["time_zone"]] = append(byZone[r["time_zone"]], r)
	}
	for name, rows := range byZone {
		t.Run(strings.ReplaceAll(name, "/", " "), func(t *testing.T) {
			t.Parallel()
			year := slowYear{wall: wallOf(zone(t, name)), next: map[string][]int32{}}
			for i, r := range rows {
				year.compare(t, policy, r, i)
			}
		})
	}
}

// row is one customer, by the names of the columns.
type row map[string]string

func readTable(t *testing.T, content []byte) []row {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil || len(lines) < 2000 {
		t.Fatalf("%d lines: %v", len(lines), err)
	}
	var rows []row
	for _, line := range lines[1:] {
		r := row{}
		for i, column := range lines[0] {
			r[column] = line[i]
		}
		rows = append(rows, r)
	}
	return rows
}

// profile is the customer as the policy sees them. The table has no country: it is that of the zone, where we have a calendar of it.
func (r row) profile(t *testing.T) customer.Profile {
	t.Helper()
	windows, err := customer.ParseWindows(r["contact_windows"])
	if err != nil {
		t.Fatalf("%s: %v", r["customer"], err)
	}
	who := customer.Profile{
		ID: r["customer"], Zone: zone(t, r["time_zone"]), Country: r.country(), Star: 3, Windows: windows,
		Addresses: map[customer.Channel]customer.Address{}, Consents: map[string]bool{},
	}
	for channel := range strings.SplitSeq(r["channels"], ">") {
		who.Channels = append(who.Channels, customer.Channel(channel))
	}
	for channel, column := range map[customer.Channel]string{customer.SMS: "phone", customer.Email: "email", customer.Slack: "slack"} {
		if r[column] != "" {
			who.Addresses[channel] = customer.Address{Value: r[column]}
		}
	}
	for topic := range strings.FieldsSeq(r["consents"]) {
		who.Consents[topic] = true
	}
	return who
}

func (r row) country() string {
	for prefix, country := range map[string]string{
		"America/New_York": "US", "America/Chicago": "US", "America/Denver": "US", "America/Phoenix": "US", "America/Los_Angeles": "US",
		"Europe/London": "GB", "Asia/Shanghai": "CN",
	} {
		if r["time_zone"] == prefix {
			return country
		}
	}
	return ""
}

// slowYear is the second implementation for the customers of one zone.
type slowYear struct {
	wall []wallMinute
	next map[string][]int32 // by what decides it: for each hour the first minute that is allowed, or never
}

const never = -1

// wallMinute is what clock and calendar on the wall show in one minute.
type wallMinute struct {
	weekday time.Weekday
	minute  int // since midnight
	date    string
}

func wallOf(z *time.Location) []wallMinute {
	wall := make([]wallMinute, minutesToLook)
	date, day := "", 0
	for m := range wall {
		at := theYear.Add(time.Duration(m) * time.Minute).In(z)
		if at.Day() != day { // spares half a million texts
			date, day = at.Format(time.DateOnly), at.Day()
		}
		wall[m] = wallMinute{weekday: at.Weekday(), minute: at.Hour()*60 + at.Minute(), date: date}
	}
	return wall
}

// compare asks both about one customer at every hour of the year.
func (y slowYear) compare(t *testing.T, policy contact.Policy, r row, number int) {
	t.Helper()
	who := r.profile(t)
	topics := []string{"service", "care", "marketing"}
	slow := [3]slowAnswers{y.slowly(r, "service"), y.slowly(r, "care"), y.slowly(r, "marketing")}
	for hour := range hoursOfYear {
		turn := (hour + hour/24 + number) % 3
		q := contact.Question{Topic: topics[turn], At: theYear.Add(time.Duration(hour) * time.Hour), Templates: customer.Channels}
		answer := policy.Decide(who, q)
		channel, minute := slow[turn].channel, slow[turn].at(hour)
		at := theYear.Add(time.Duration(minute) * time.Minute)
		switch {
		case minute == never && answer.Verdict == contact.Skip:
		case minute == hour*60 && answer.Verdict == contact.Send && string(answer.Channel) == channel:
		case minute > hour*60 && answer.Verdict == contact.Hold && string(answer.Channel) == channel && answer.At.Equal(at):
		default:
			t.Fatalf("%s about %s at %v: the policy says %+v, the slow one minute %d (%v) by %s", who.ID, q.Topic, q.At.In(who.Zone), answer, minute, at.In(who.Zone), channel)
		}
	}
}

// slowAnswers are those to one customer about one topic at every hour of the year.
type slowAnswers struct {
	channel string
	next    []int32 // none when the touch is skipped whatever the hour
}

// at is the first allowed minute of the year at or after an hour.
func (a slowAnswers) at(hour int) int {
	if a.next == nil {
		return never
	}
	return int(a.next[hour])
}

func (y slowYear) slowly(r row, topic string) slowAnswers {
	if !strings.Contains(" "+r["consents"]+" ", " "+topic+" ") {
		return slowAnswers{}
	}
	channel := ""
	columns := map[string]string{"sms": "phone", "email": "email", "slack": "slack"}
	for preferred := range strings.SplitSeq(r["channels"], ">") {
		if r[columns[preferred]] != "" {
			channel = preferred
			break
		}
	}
	if channel == "" {
		return slowAnswers{}
	}
	law := topic == "marketing" && channel == "sms" || r.country() == "GB" // as testdata/good/contact-policy.yaml has it
	key := fmt.Sprint(r["contact_windows"], "|", law, "|", topic == "service")
	if y.next[key] == nil {
		y.next[key] = y.look(r["contact_windows"], law, topic != "service", r.country())
	}
	return slowAnswers{channel: channel, next: y.next[key]}
}

// look goes through the minutes backwards.
func (y slowYear) look(windows string, law, rests bool, country string) []int32 {
	hours := readHours(windows)
	if windows == "" {
		hours = readHours("sun-sat 09:00-20:00")
	}
	legal := readHours("sun-sat 08:00-21:00")
	first := make([]int32, hoursOfYear)
	next := int32(never)
	for m, wall := range slices.Backward(y.wall) {
		if hours[wall.weekday][wall.minute] && (!law || legal[wall.weekday][wall.minute]) && (!rests || !restDays(country)[wall.date]) {
			next = int32(m)
		}
		if m%60 == 0 && m/60 < hoursOfYear {
			first[m/60] = next
		}
	}
	return first
}

// readHours reads hours as the table writes them into a table of the minutes of a week.
func readHours(text string) *[7][1440]bool {
	var open [7][1440]bool
	names := "sunmontuewedthufrisat"
	for part := range strings.SplitSeq(text, ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		day, last := strings.Index(names, words[0][:3])/3, strings.Index(names, words[0][len(words[0])-3:])/3
		for {
			for minute := clock(words[1][:5]); minute%1440 != clock(words[1][6:])%1440; minute++ {
				open[(day+minute/1440)%7][minute%1440] = true
			}
			if day == last {
				break
			}
			day = (day + 1) % 7
		}
	}
	return &open
}

func clock(text string) int {
	hour, errHour := strconv.Atoi(text[:2])
	minute, errMinute := strconv.Atoi(text[3:])
	if errHour != nil || errMinute != nil {
		panic(text)
	}
	return hour*60 + minute
}

// restDays are the public holidays of 2026 and the first weeks of 2027, typed in a second time.
func restDays(country string) map[string]bool {
	return map[string]map[string]bool{
		"US": usRestDays, "GB": gbRestDays, "CN": cnRestDays,
	}[country]
}

var (
	usRestDays = dates("2026: 0101 0119 0216 0525 0619 0703 0704 0907 1012 1111 1126 1225; 2027: 0101 0118")
	gbRestDays = dates("2026: 0101 0403 0406 0504 0525 0831 1225 1226 1228; 2027: 0101")
	cnRestDays = dates("2026: 0101 0102 0103 0215 0216 0217 0218 0219 0220 0221 0222 0223 0404 0405 0406 0501 0502 0503 0504 0505 " +
		"0619 0620 0621 0925 0926 0927 1001 1002 1003 1004 1005 1006 1007; 2027: 0101")
)

func dates(text string) map[string]bool {
	all := map[string]bool{}
	for year := range strings.SplitSeq(text, "; ") {
		number, days, _ := strings.Cut(year, ": ")
		for day := range strings.FieldsSeq(days) {
			all[number+"-"+day[:2]+"-"+day[2:]] = true
		}
	}
	return all
}
