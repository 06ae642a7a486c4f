package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"perennial/domain/clock"
)

func TestDefaultsWorkOnOneMachine(t *testing.T) {
	t.Parallel()
	c, err := parse(map[string]string{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Public(), "http://127.0.0.1:8420"; got != want {
		t.Errorf("public base: got %s, want %s", got, want)
	}
	if c.Clock.Scaled() {
		t.Error("the clock is not real time")
	}
}

func TestMistakesAreSentencesToActOn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		environment map[string]string
		want        string
	}{
		"guessable":          {map[string]string{"GATEWAY_ADDRESS": "0.0.0.0:8420", "GATEWAY_TOKEN": "hidden"}, "can be guessed"},
		"guessable by all":   {map[string]string{"GATEWAY_ADDRESS": ":8420", "GATEWAY_TOKEN": "hidden"}, "starter tokens create"},
		"guessable by IPv6":  {map[string]string{"GATEWAY_ADDRESS": "[2001:db8::1]:8420", "GATEWAY_TOKEN": "hidden"}, "can be guessed"},
		"no proxy":           {map[string]string{"GATEWAY_PROXIES": "10.0.0.0/8, the one in front"}, "no address and no network"},
		"no public base":     {map[string]string{"GATEWAY_ADDRESS": ":8420"}, "PUBLIC_URL is not set"},
		"no port":            {map[string]string{"GATEWAY_ADDRESS": "127.0.0.1"}, "write it such as 127.0.0.1:8420"},
		"other database":     {map[string]string{"DATABASE_URL": "mysql://u:hidden@h/d"}, "write postgres://"},
		"local number":       {map[string]string{"TWILIO_FROM": "0170 1234567"}, "E.164"},
		"local WhatsApp":     {map[string]string{"TWILIO_WHATSAPP_FROM": "Willow"}, "TWILIO_WHATSAPP_FROM"},
		"lower-case country": {map[string]string{"TWILIO_FROM": "Willow", "TWILIO_FROM_BY_COUNTRY": "gb=+447700900123"}, "GB=+44"},
		"country twice":      {map[string]string{"TWILIO_FROM": "Willow", "TWILIO_FROM_BY_COUNTRY": "GB=A,GB=B"}, "GB twice"},
		"country alone":      {map[string]string{"TWILIO_FROM_BY_COUNTRY": "GB=+447700900123"}, "TWILIO_FROM is not"},
		"account alone":      {map[string]string{"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "x"}, "neither TWILIO_FROM"},
		"no Slack":           {map[string]string{"SLACK_API_URL": "slack.com/api"}, "SLACK_API_URL"},
		"plain unsubscribe":  {map[string]string{"MAIL_UNSUBSCRIBE_URL": "http://example.com/u"}, "mail programs take no other"},
		"unsigned":           {map[string]string{"MAIL_UNSUBSCRIBE_URL": "https://example.com/u"}, "MAIL_UNSUBSCRIBE_KEY is not"},
		"half of an account": {map[string]string{"TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_AUTH_TOKEN is not"},
		"mail without from":  {map[string]string{"SMTP_URL": "smtp://localhost:25"}, "MAIL_FROM is not"},
		"no mail server":     {map[string]string{"SMTP_URL": "localhost:25"}, "write smtp://"},
		"negative rate":      {map[string]string{"SMS_RATE": "-1"}, "below zero"},
		"no number":          {map[string]string{"SMS_RATE": "fast"}, "SMS_RATE"},
		"no format of logs":  {map[string]string{"LOG_FORMAT": "xml"}, "write text or json"},
		"no clock":           {map[string]string{"PERENNIAL_CLOCK": "fast"}, "RATE@ORIGIN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parse(test.environment)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want a sentence with %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "hidden") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func TestSMSComeFromASenderOfTheCountry(t *testing.T) {
	t.Parallel()
	if got, want := full(t).SMSSenders(), map[string]string{"GB": "+447700900123", "DE": "Willow"}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := (Config{}).SMSSenders(); got != nil {
		t.Errorf("none are set, and there are %v", got)
	}
}

func TestLoopbackNeedsNoToken(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"} {
		if _, err := parse(map[string]string{"GATEWAY_ADDRESS": address}); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	c := full(t)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("configuration", "config", c, "token", c.GatewayToken)
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for how, text := range map[string]string{
		"%v": fmt.Sprintf("%v", c), "%+v": fmt.Sprintf("%+v", c), "%#v": fmt.Sprintf("%#v", c),
		"String":  c.String(),
		"a field": fmt.Sprintf("%v %q %#v", c.SMTPURL, c.GatewayToken, c.TwilioAuthToken),
		"log":     log.String(), "JSON": string(asJSON),
	} {
		if strings.Contains(text, "hidden") {
			t.Errorf("%s shows a secret: %s", how, text)
		}
	}
	if !strings.Contains(c.String(), "db.example.com") {
		t.Errorf("the database's host is not shown: %s", c)
	}
}

func TestEnvironIsReadBackTheSame(t *testing.T) {
	t.Parallel()
	c := full(t)
	environment := map[string]string{}
	for _, line := range c.Environ() {
		name, value, _ := strings.Cut(line, "=")
		environment[name] = value
	}
	again, err := parse(environment)
	if err != nil {
		t.Fatal(err)
	}
	if again != c {
		t.Errorf("got\n%s\nwant\n%s", again, c)
	}
}

func TestTheGuideListsEveryVariable(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	defaults, err := parse(map[string]string{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range defaults.variables() {
		_, row, found := strings.Cut(string(guide), "\n| `"+v.name+"` |")
		row, _, _ = strings.Cut(row, "\n")
		if !found || !strings.Contains(row, v.value) {
			t.Errorf("docs/configuration.md has no row for %s with its default %q", v.name, v.value)
		}
	}
}

// full returns a configuration in which every variable is set.
func full(t *testing.T) Config {
	t.Helper()
	c := Config{
		DatabaseURL:      "postgres://someone:hidden@db.example.com:5432/perennial",
		TemporalAddress:  "temporal.example.com:7233",
		TemporalUIURL:    "https://temporal.example.com",
		GatewayAddress:   "0.0.0.0:8420",
		GatewayToken:     "hidden, and long enough",
		GatewayProxies:   "10.0.0.0/8,192.0.2.7",
		PublicURL:        "https://perennial.example.com",
		WorkerAddress:    "0.0.0.0:8421",
		TwilioAccountSID: "AC1",
		TwilioAuthToken:  "hidden",
		TwilioAPIURL:     "https://api.twilio.com",
		TwilioFrom:       "+12025550123",

		TwilioFromByCountry: "GB=+447700900123, DE=Willow",
		TwilioWhatsAppFrom:  "+12025550124",
		SlackBotToken:       "hidden",
		SlackAPIURL:         "https://slack.com/api/",
		SlackSigningSecret:  "hidden",
		MailUnsubscribeURL:  "https://perennial.example.com/unsubscribe",
		MailUnsubscribeKey:  "hidden",
		SlackRate:           5,
		WhatsAppRate:        80,

		SMTPURL:    "smtps://someone:hidden@mail.example.com:465",
		MailFrom:   "Perennial <care@example.com>",
		MailDomain: "example.com",
		SMSRate:    1.5,
		EmailRate:  20,
		OnCall:     "mei,jonas",
		LogFormat:  "json",
		Clock:      clock.Clock{Origin: time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC), Rate: 17280},
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhatTheEnvironmentLeavesUnsetIsTakenFromOthers(t *testing.T) {
	t.Setenv("GATEWAY_ADDRESS", "127.0.0.1:9000")
	t.Setenv("DATABASE_URL", "")
	c, err := LoadWith([]string{"GATEWAY_ADDRESS=127.0.0.1:8420", "DATABASE_URL=postgres://db.example.com/d"})
	if err != nil || c.GatewayAddress != "127.0.0.1:9000" || c.DatabaseURL.Reveal() != "postgres://db.example.com/d" {
		t.Errorf("got %s, %v", c, err)
	}
}
