package config

import (
	"errors"
	"regexp"
	"strings"
)

// This file is whom SMS and WhatsApp messages come from.

var (
	number           = regexp.MustCompile(`^\+[1-9]\d{6,14}$`)
	messagingService = regexp.MustCompile(`^MG[0-9a-fA-F]{32}$`)
	senderName       = regexp.MustCompile(`^[A-Za-z0-9 &+_-]{1,11}$`)
	someLetter       = regexp.MustCompile(`[A-Za-z]`)
	country          = regexp.MustCompile(`^[A-Z]{2}$`)
)

func isSMSSender(text string) bool {
	return number.MatchString(text) || messagingService.MatchString(text) || senderName.MatchString(text) && someLetter.MatchString(text)
}

// readSenders reads TWILIO_FROM_BY_COUNTRY: countries and senders, COUNTRY=SENDER, with commas between them.
func readSenders(text string) (map[string]string, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	senders := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		code, sender, _ := strings.Cut(strings.TrimSpace(pair), "=")
		code, sender = strings.TrimSpace(code), strings.TrimSpace(sender)
		if !country.MatchString(code) || !isSMSSender(sender) {
			return nil, errors.New("TWILIO_FROM_BY_COUNTRY is not as it should be: write countries and their senders such as GB=+447700900123,US=MG…")
		}
		if _, twice := senders[code]; twice {
			return nil, errors.New("TWILIO_FROM_BY_COUNTRY has " + code + " twice: keep one")
		}
		senders[code] = sender
	}
	return senders, nil
}
