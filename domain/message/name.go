package message

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"perennial/domain/customer"
	"perennial/domain/problem"
)

// id says which text a template file holds.
type id struct {
	name     string
	channel  customer.Channel
	language string
}

// suffix is what the name of every template file ends in.
const suffix = ".liquid"

var templateName = regexp.MustCompile(`^[a-z][a-z0-9]*([-_][a-z0-9]+)*$`)

// parseFileName reads NAME.CHANNEL.LANGUAGE.liquid. On a mistake it returns what is wrong and what to write instead, beside the three parts where
// there are three.
func parseFileName(file string) (of id, what, mend string) {
	parts := strings.Split(strings.TrimSuffix(file, suffix), ".")
	if len(parts) != 3 {
		return id{}, "this is no name for a template file", "name it NAME.CHANNEL.LANGUAGE" + suffix + ", such as welcome.sms.en" + suffix
	}
	name, channel, written := parts[0], customer.Channel(parts[1]), parts[2]
	of = id{name: name, channel: channel, language: written}
	if !templateName.MatchString(name) {
		return of, name + " is no name for a template", "write lower-case words joined by hyphens or underscores"
	}
	if !slices.Contains(customer.Channels, channel) {
		return of, fmt.Sprintf("%s is no channel", channel), problem.Suggest(string(channel), channelNames())
	}
	tag, err := language.Parse(written)
	if err != nil {
		return of, written + " is no language", "write a language tag such as en or zh-CN"
	}
	if tag.String() != written {
		return of, "the language " + written + " is spelled otherwise", "write " + tag.String()
	}
	return of, "", ""
}

// FileName is the name of the file in which a template is written.
func FileName(name string, channel customer.Channel, language string) string {
	return name + "." + string(channel) + "." + language + suffix
}

func channelNames() []string {
	var names []string
	for _, c := range customer.Channels {
		names = append(names, string(c))
	}
	return names
}
