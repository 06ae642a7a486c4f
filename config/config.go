package config

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"perennial/domain/clock"
)

// Config is everything that an installation decides. Read it with [Load].
type Config struct {
	// DatabaseURL is the PostgreSQL database, such as postgres://user:password@host:5432/perennial. `starter dev` and
	// `starter demo` bring a private one where it is not set; everything else needs it. Defaults to none.
	DatabaseURL Secret `env:"DATABASE_URL"`

	// TemporalAddress is the host and port of Temporal's frontend. `starter dev` and `starter demo` bring a Temporal of
	// their own where it is not set. TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS and all further variables of
	// Temporal's own tools hold too, as does their configuration file. Defaults to what that file says, and otherwise to
	// localhost:7233.
	TemporalAddress string `env:"TEMPORAL_ADDRESS"`

	// TemporalUIURL is where managers open Temporal's UI; links lead there. Defaults to http://127.0.0.1:8233.
	TemporalUIURL string `env:"TEMPORAL_UI_URL" envDefault:"http://127.0.0.1:8233"`

	// GatewayAddress is the host and port on which the gateway listens: events in, provider callbacks, the customer's
	// page. One that others can reach needs a token: one that `starter tokens create` made, or GATEWAY_TOKEN. Defaults
	// to 127.0.0.1:8420.
	GatewayAddress string `env:"GATEWAY_ADDRESS" envDefault:"127.0.0.1:8420"`

	// GatewayToken is a bearer token that the gateway takes beside those that `starter tokens create` makes, for
	// everything; and the one that `starter event` and the sandbox carry. Defaults to none. Where no token was made either,
	// the gateway asks for none, which is for loopback addresses only.
	GatewayToken Secret `env:"GATEWAY_TOKEN"`

	// GatewayProxies are the addresses and networks of the proxies before the gateway, such as 10.0.0.0/8,192.0.2.7: what
	// their X-Forwarded-For says of who calls is believed. Defaults to none.
	GatewayProxies string `env:"GATEWAY_PROXIES"`

	// PublicURL is the gateway's base as others see it: providers send callbacks there, and their signatures are made
	// over it. Defaults to http:// and GATEWAY_ADDRESS.
	PublicURL string `env:"PUBLIC_URL"`

	// WorkerAddress is the host and port of the worker's health and of what it counts: /healthz, /readyz and /metrics. They
	// ask for no token and hold no personal data; let only your own network reach them. Defaults to 127.0.0.1:8421.
	WorkerAddress string `env:"WORKER_ADDRESS" envDefault:"127.0.0.1:8421"`

	// TwilioAccountSID is the account that sends SMS and WhatsApp messages. Defaults to none, with which none is sent.
	TwilioAccountSID string `env:"TWILIO_ACCOUNT_SID"`

	// TwilioAuthToken is the account's secret: it signs in, and checks the signatures of callbacks. Defaults to none.
	TwilioAuthToken Secret `env:"TWILIO_AUTH_TOKEN"`

	// TwilioAPIURL is the base of Twilio's API; another one is for the sandbox or a proxy. Defaults to
	// https://api.twilio.com.
	TwilioAPIURL string `env:"TWILIO_API_URL" envDefault:"https://api.twilio.com"`

	// TwilioFrom is whom SMS come from: a number in E.164 such as +12025550123, a messaging service (MG and 32 hexadecimal
	// digits), or a name of up to 11 letters. Defaults to none, with which no SMS is sent.
	TwilioFrom string `env:"TWILIO_FROM"`

	// TwilioFromByCountry is whom SMS to customers of some countries come from, such as GB=+447700900123,CN=MG…, by the two
	// letters of ISO 3166. Defaults to none: all come from TWILIO_FROM.
	TwilioFromByCountry string `env:"TWILIO_FROM_BY_COUNTRY"`

	// TwilioWhatsAppFrom is the number, or the messaging service, that WhatsApp messages come from. Defaults to none, with
	// which none is sent.
	TwilioWhatsAppFrom string `env:"TWILIO_WHATSAPP_FROM"`

	// SlackBotToken is the token of the app that sends by Slack, xoxb-…. Defaults to none, with which nothing is sent by Slack.
	SlackBotToken Secret `env:"SLACK_BOT_TOKEN"`

	// SlackAPIURL is the base of Slack's Web API; another one is for the sandbox or a proxy. Defaults to
	// https://slack.com/api/.
	SlackAPIURL string `env:"SLACK_API_URL" envDefault:"https://slack.com/api/"`

	// SlackSigningSecret is the app's signing secret, by which the gateway knows what people write to the app from what others post.
	// Defaults to none, with which nothing is taken from Slack.
	SlackSigningSecret Secret `env:"SLACK_SIGNING_SECRET"`

	// SMTPURL is the mail server: smtp://user:password@host:587 (STARTTLS where offered) or smtps://user:password@host:465.
	// Defaults to none, with which no e-mail is sent.
	SMTPURL Secret `env:"SMTP_URL"`

	// MailFrom is the sender of e-mail, such as Perennial <care@example.com>. Defaults to none.
	MailFrom string `env:"MAIL_FROM"`

	// MailDomain is the domain of Message-IDs and bounce addresses. Defaults to the domain of MAIL_FROM.
	MailDomain string `env:"MAIL_DOMAIN"`

	// IMAPURL is the mailbox that the gateway reads: imaps://user:password@host:993/INBOX, to which mails bounce, complaints come and
	// customers answer. Defaults to none: such mails come in only as they are handed in.
	IMAPURL Secret `env:"IMAP_URL"`

	// MailUnsubscribeURL is the https address of a page of your own that the unsubscribe links of mails lead to, and that the buttons of mail
	// programs post to (RFC 8058); the touch and a signature are added to it. Defaults to /unsubscribe below PUBLIC_URL, which the
	// gateway serves; mail programs show no button where that is not https.
	MailUnsubscribeURL string `env:"MAIL_UNSUBSCRIBE_URL"`

	// MailUnsubscribeKey signs those links, so that nobody can unsubscribe somebody else. A page of your own needs it. Defaults to a key of
	// the database's own.
	MailUnsubscribeKey Secret `env:"MAIL_UNSUBSCRIBE_KEY"`

	// SMSRate is the most SMS a second that all workers together send; the task queue holds back the others. Defaults to
	// 0, which is no limit.
	SMSRate float64 `env:"SMS_RATE" envDefault:"0"`

	// EmailRate is the same for e-mail. Defaults to 0, which is no limit.
	EmailRate float64 `env:"EMAIL_RATE" envDefault:"0"`

	// SlackRate is the same for Slack, over all conversations. Defaults to 0, which is no limit.
	SlackRate float64 `env:"SLACK_RATE" envDefault:"0"`

	// WhatsAppRate is the same for WhatsApp. Defaults to 0, which is no limit.
	WhatsAppRate float64 `env:"WHATSAPP_RATE" envDefault:"0"`

	// Patience is how long a provider may take to answer, in real time. A touch whose sender does not come back is known to
	// be unconfirmed after one and a half times that long. Defaults to 30s.
	Patience time.Duration `env:"DELIVERY_PATIENCE" envDefault:"30s"`

	// OnCall are the colleagues who are told, at any hour, when a channel's provider does not work and when it works again: ids such
	// as mei,jonas, as in the file of colleagues. Whoever is absent is stood in for by their deputy. Defaults to none.
	OnCall string `env:"ON_CALL"`

	// LogFormat is how logs are written: text, or json for what collects them. Defaults to text.
	LogFormat string `env:"LOG_FORMAT" envDefault:"text"`

	// Clock is the clock of the whole stack, as RATE@ORIGIN: `starter demo` sets it so that weeks pass in a minute.
	// Defaults to 1, which is real time.
	Clock clock.Clock `env:"PERENNIAL_CLOCK" envDefault:"1"`
}

// Default returns the configuration where nothing is set.
func Default() (Config, error) { return parse(map[string]string{}) }

// Load reads the configuration from the environment and checks it. Its errors name variables, never their secrets.
func Load() (Config, error) {
	return parse(env.ToMap(os.Environ()))
}

// LoadWith is Load, but that what the environment leaves unset is taken from others, as NAME=value.
func LoadWith(others []string) (Config, error) {
	environment := env.ToMap(others)
	for name, value := range env.ToMap(os.Environ()) {
		if value != "" {
			environment[name] = value
		}
	}
	return parse(environment)
}

func parse(environment map[string]string) (Config, error) {
	c, err := env.ParseAsWithOptions[Config](env.Options{Environment: environment})
	if err != nil {
		return Config{}, fmt.Errorf("reading the configuration: %w", byVariable(err))
	}
	return c, c.Validate()
}

// byVariable names the variables that can't be read, where the library names the fields that they fill.
func byVariable(err error) error {
	all, ok := errors.AsType[env.AggregateError](err)
	if !ok {
		return err
	}
	var named []error
	for _, err := range all.Errors {
		parse, ok := errors.AsType[env.ParseError](err)
		field, known := reflect.TypeFor[Config]().FieldByName(parse.Name)
		if !ok || !known {
			named = append(named, err)
			continue
		}
		named = append(named, fmt.Errorf("%s: %w", field.Tag.Get("env"), parse.Err))
	}
	return errors.Join(named...)
}

// Public returns the gateway's base as others see it, without a slash at its end.
func (c Config) Public() string {
	base := c.PublicURL
	if base == "" {
		base = "http://" + c.GatewayAddress
	}
	return strings.TrimRight(base, "/")
}

// MessageDomain returns the domain of Message-IDs and bounce addresses.
func (c Config) MessageDomain() string {
	if c.MailDomain != "" {
		return c.MailDomain
	}
	from, err := mail.ParseAddress(c.MailFrom)
	if err != nil {
		return ""
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	return domain
}

// SMSSenders returns whom SMS come from by country: TWILIO_FROM_BY_COUNTRY, read.
func (c Config) SMSSenders() map[string]string {
	senders, _ := readSenders(c.TwilioFromByCountry) // its mistakes are Validate's to tell
	return senders
}

// Now returns the stack's time.
func (c Config) Now() time.Time { return c.Clock.At(time.Now()) }

// withoutPassword shows a URL without what is secret in it.
func withoutPassword(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return redacted
	}
	if u.RawQuery != "" { // PostgreSQL takes a password there, too
		u.RawQuery = url.QueryEscape(redacted)
	}
	return u.Redacted()
}
