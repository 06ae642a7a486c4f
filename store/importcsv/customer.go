package importcsv

import (
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"perennial/domain/customer"
	"perennial/store"
)

// customerFields are what a row can say of a customer.
func customerFields() []field {
	return []field{
		{name: "id", columns: []string{"customer", "customer_id", "id"}, required: true},
		{name: "name", columns: []string{"name"}},
		{name: "sms", columns: []string{"phone", "sms", "mobile"}},
		{name: "email", columns: []string{"email", "e-mail"}},
		{name: "slack", columns: []string{"slack"}},
		{name: "whatsapp", columns: []string{"whatsapp"}},
		{name: "language", columns: []string{"language"}},
		{name: "zone", columns: []string{"time_zone", "timezone", "zone"}},
		{name: "country", columns: []string{"country"}},
		{name: "channels", columns: []string{"channels"}},
		{name: "contact_windows", columns: []string{"contact_windows"}},
		{name: "consents", columns: []string{"consents"}},
		{name: "owner", columns: []string{"owner"}},
		{name: "star", columns: []string{"star"}},
		{name: "birthday", columns: []string{"birthday"}},
	}
}

// customerReader reads rows of customers.
type customerReader struct {
	options    Options
	attributes attributes
	zones      zones
}

// read reads one customer. Addresses that can't be used and attributes that are not of their type are noted; anything else that can't be read
// rejects the row.
func (c customerReader) read(r row) (store.CustomerRow, []store.Problem, *store.Problem) {
	out := store.CustomerRow{Line: r.line, Name: r.get("name"), Owner: r.get("owner"), Attributes: map[string]any{}}
	bad := r.read([]cell{
		{"id", func(s string) error { out.ID = s; return store.CheckID(s) }},
		{"language", func(s string) (err error) { out.Language, err = readLanguage(s); return err }},
		{"zone", func(s string) error { out.Zone = s; return c.zones.check(s) }},
		{"country", func(s string) (err error) { out.Country, err = readCountry(s); return err }},
		{"channels", func(s string) (err error) { out.Channels, err = readChannels(s, customer.Channels); return err }},
		{"contact_windows", func(s string) (err error) { out.Windows, err = readWindows(s); return err }},
		{"consents", func(s string) error { out.Consents = readTopics(s); return nil }},
		{"star", func(s string) (err error) { out.Star, err = readStar(s); return err }},
		{"birthday", func(s string) error { out.Attributes["birthday"] = s; return checkPast(s, c.options.Now) }},
	}, "id")
	if bad != nil {
		return out, nil, bad
	}
	notes := append(c.readAddresses(r, &out), c.attributes.read(r, out.Attributes)...)
	return out, notes, nil
}

func (c customerReader) readAddresses(r row, out *store.CustomerRow) (notes []store.Problem) {
	region := out.Country
	if region == "" {
		region = c.options.Region
	}
	out.Addresses = map[customer.Channel]string{}
	for _, channel := range customer.Channels {
		text := r.get(string(channel))
		if text == "" {
			continue
		}
		address, err := readAddress(channel, text, region)
		if err != nil {
			notes = append(notes, store.Problem{Field: string(channel), Why: err.Error()})
			continue
		}
		out.Addresses[channel] = address
	}
	return notes
}

var slackUser = regexp.MustCompile(`^[UW][A-Z0-9]+$`)

func readAddress(channel customer.Channel, text, region string) (string, error) {
	switch channel {
	case customer.SMS, customer.WhatsApp:
		return phone(text, region)
	case customer.Email:
		return readEmail(text)
	case customer.Slack:
		if !slackUser.MatchString(text) {
			return "", errors.New("this is no Slack user id, such as U012AB3CD")
		}
		return text, nil
	}
	return "", fmt.Errorf("addresses on %s can't be imported", channel)
}

func readEmail(text string) (string, error) {
	address, err := mail.ParseAddress(text)
	if err != nil || address.Address != text {
		return "", errors.New("this is no e-mail address")
	}
	at := strings.LastIndexByte(text, '@')
	return text[:at] + strings.ToLower(text[at:]), nil
}

func readLanguage(text string) (string, error) {
	tag, err := language.Parse(text)
	if err != nil {
		return "", errors.New("this is no language; write a tag such as en or zh-CN")
	}
	return tag.String(), nil
}

// zones are those that are known to be good: looking one up reads a file.
type zones map[string]bool

func (z zones) check(text string) error {
	if z[text] {
		return nil
	}
	if _, err := time.LoadLocation(text); err != nil || text == "Local" {
		return errors.New("this is no time zone; write an IANA name such as Europe/Paris")
	}
	z[text] = true
	return nil
}

func readCountry(text string) (string, error) {
	region, err := language.ParseRegion(text)
	if err != nil || !region.IsCountry() || len(region.String()) != 2 {
		return "", errors.New("this is no country; write two letters such as US")
	}
	return region.String(), nil
}

// readChannels reads an order of preference such as "sms>email".
func readChannels(text string, all []customer.Channel) ([]customer.Channel, error) {
	var channels []customer.Channel
	for part := range strings.SplitSeq(text, ">") {
		c := customer.Channel(strings.ToLower(strings.TrimSpace(part)))
		if !slices.Contains(all, c) {
			return nil, fmt.Errorf("one of these is no channel here; write an order such as %s>%s of %s", all[0], all[1], strings.Join(words(all), ", "))
		}
		if slices.Contains(channels, c) {
			return nil, fmt.Errorf("%s is there twice", c)
		}
		channels = append(channels, c)
	}
	return channels, nil
}

func words(channels []customer.Channel) []string {
	words := make([]string, len(channels))
	for i, c := range channels {
		words[i] = string(c)
	}
	return words
}

func readWindows(text string) (string, error) {
	windows, err := customer.ParseWindows(text)
	return windows.String(), err
}

// readTopics reads the topics that a customer agreed to, separated by spaces, commas or semicolons.
func readTopics(text string) []string {
	topics := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;\t", r) })
	slices.Sort(topics)
	return slices.Compact(topics)
}

func readStar(text string) (int, error) {
	star, err := strconv.Atoi(text)
	if err != nil || star < 1 || star > 5 {
		return 0, errors.New("write a whole number from 1 to 5")
	}
	return star, nil
}

// checkPast wants a date in the past.
func checkPast(text string, now time.Time) error {
	date, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return errors.New("this is no date; write it as 1981-10-02")
	}
	if date.After(now) {
		return errors.New("this date has not come yet")
	}
	return nil
}
