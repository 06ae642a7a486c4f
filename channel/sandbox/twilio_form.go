package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"perennial/channel/twilio"
)

// This file is what a form that creates a message may hold: the fields of Twilio's published schema, and what Twilio answers to
// those it would refuse.

var (
	e164      = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	shortCode = regexp.MustCompile(`^[0-9]{3,8}$`)
	alphaName = regexp.MustCompile(`^[A-Za-z0-9 &+_-]{1,11}$`)
)

// longestBody is in characters, over all segments.
const longestBody = 1600

// fields is the published schema of the form: each field and what its value must be.
var fields = map[string]func(string) bool{
	"AddressRetention":    oneOf("retain", "obfuscate"),
	"ApplicationSid":      sid("AP"),
	"Attempt":             isInteger,
	"Body":                isText,
	"ContentRetention":    oneOf("retain", "discard"),
	"ContentSid":          sid("HX"),
	"ContentVariables":    isText,
	"FallbackFrom":        isText,
	"ForceDelivery":       isBoolean,
	"From":                isText,
	"MaxPrice":            isNumber,
	"MediaUrl":            isText,
	"MessagingServiceSid": sid("MG"),
	"PersistentAction":    isText,
	"ProvideFeedback":     isBoolean,
	"RiskCheck":           oneOf("enable", "disable"),
	"ScheduleType":        oneOf("fixed"),
	"SendAsMms":           isBoolean,
	"SendAt":              isInstant,
	"ShortenUrls":         isBoolean,
	"SmartEncoded":        isBoolean,
	"StatusCallback":      isText,
	"To":                  isText,
	"TrafficType":         oneOf("free"),
	"ValidityPeriod":      isInteger,
}

// repeatable fields are arrays; any other comes once.
var repeatable = []string{"MediaUrl", "PersistentAction"}

// checkForm returns what Twilio would refuse the form with, or nil.
func checkForm(form url.Values) *twilioError {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		check, known := fields[name]
		if !known {
			return &twilioError{400, 20001, fmt.Sprintf("Unknown parameter: %s", name)}
		}
		if len(form[name]) > 1 && !slices.Contains(repeatable, name) {
			return &twilioError{400, 20422, fmt.Sprintf("Invalid Parameter: %s was given more than once", name)}
		}
		if slices.ContainsFunc(form[name], func(value string) bool { return !check(value) }) {
			return &twilioError{400, 20422, fmt.Sprintf("Invalid Parameter: %s", name)}
		}
	}
	return checkValues(form)
}

func checkValues(form url.Values) *twilioError {
	to, from, body := bare(form.Get("To")), bare(form.Get("From")), form.Get("Body")
	switch {
	case to == "":
		return &twilioError{400, 21604, "A 'To' phone number is required."}
	case !e164.MatchString(to):
		e := invalidTo(form.Get("To"))
		return &e
	case from == "" && form.Get("MessagingServiceSid") == "":
		return &twilioError{400, 21603, "A 'From' phone number is required."}
	case from != "" && !e164.MatchString(from) && !shortCode.MatchString(from) && !alphaName.MatchString(from):
		return &twilioError{400, 21212, fmt.Sprintf("The 'From' number %s is not a valid phone number, shortcode, or alphanumeric sender ID.", from)}
	case from != "" && channelIn(form) == WhatsApp != strings.HasPrefix(form.Get("From"), twilio.WhatsAppPrefix):
		return &twilioError{400, 21910, "Invalid From and To pair. From and To should be of the same channel"}
	case from == to:
		return &twilioError{400, 21266, "'To' and 'From' number cannot be the same."}
	case form.Has("ContentVariables") && form.Get("ContentSid") == "":
		return &twilioError{400, 21654, "ContentSid Required"}
	case form.Has("ContentVariables") && !areVariables(form.Get("ContentVariables")):
		return &twilioError{400, 21656, "The Content Variables Parameter is invalid."}
	case body == "" && form.Get("MediaUrl") == "" && form.Get("ContentSid") == "":
		return &twilioError{400, 21602, "Message body is required."}
	case utf8.RuneCountInString(body) > longestBody:
		return &twilioError{400, 21617, "The concatenated message body exceeds the 1600 character limit."}
	case form.Has("StatusCallback") && !isWebhook(form.Get("StatusCallback")):
		return &twilioError{400, 21609, "The 'StatusCallback' URL is not a valid URL."}
	case form.Has("ValidityPeriod") && !withinHours(form.Get("ValidityPeriod")):
		return &twilioError{400, 20422, "Invalid Parameter: ValidityPeriod must be from 1 to 36000"}
	}
	return nil
}

// variablesIn reads what stands for the placeholders of content; empty is nothing.
func variablesIn(text string) (variables map[string]string, err error) {
	if text == "" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(text), &variables)
	return variables, err
}

// areVariables: a JSON object of texts, none of them empty or with line breaks, tabs or long runs of spaces.
func areVariables(text string) bool {
	variables, err := variablesIn(text)
	if err != nil || variables == nil {
		return false
	}
	for name, value := range variables {
		if name == "" || value == "" || strings.ContainsAny(value, "\n\r\t") || strings.Contains(value, "     ") {
			return false
		}
	}
	return true
}

func isText(value string) bool { return utf8.ValidString(value) }

func isBoolean(value string) bool { return value == "true" || value == "false" }

func isInteger(value string) bool {
	_, err := strconv.Atoi(value)
	return err == nil
}

func isNumber(value string) bool {
	_, err := strconv.ParseFloat(value, 64)
	return err == nil
}

func isInstant(value string) bool {
	_, err := time.Parse(time.RFC3339, value)
	return err == nil
}

func oneOf(values ...string) func(string) bool {
	return func(value string) bool { return slices.Contains(values, value) }
}

func sid(prefix string) func(string) bool {
	pattern := regexp.MustCompile("^" + prefix + "[0-9a-fA-F]{32}$")
	return pattern.MatchString
}

// isWebhook: a valid host name has no underscore, says Twilio.
func isWebhook(value string) bool {
	u, err := url.Parse(value)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && !strings.Contains(u.Hostname(), "_")
}

func withinHours(value string) bool {
	seconds, err := strconv.Atoi(value)
	return err == nil && seconds >= 1 && seconds <= 36000
}
