package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Validate checks every variable that is set, and what must be set along with it. All mistakes come in one error, each a
// sentence that says what to write.
func (c Config) Validate() error {
	return errors.Join(
		c.validateDatabase(),
		web("TEMPORAL_UI_URL", c.TemporalUIURL),
		c.validateGateway(),
		listens("WORKER_ADDRESS", c.WorkerAddress),
		c.validateTwilio(),
		c.validateSlack(),
		c.validateEmail(),
		c.validateLog(),
	)
}

// RequireDatabase says what to set for a command that can't do without a database.
func (c Config) RequireDatabase() error {
	if c.DatabaseURL == "" {
		return errors.New("DATABASE_URL is not set: read the variables of `starter dev` with `. .state/env`, or write postgres://user:password@host:5432/database")
	}
	return nil
}

func (c Config) validateDatabase() error {
	if c.DatabaseURL == "" {
		return nil
	}
	return schemes("DATABASE_URL", c.DatabaseURL.Reveal(), "postgres://user:password@host:5432/database", "postgres", "postgresql")
}

func (c Config) validateGateway() error {
	if err := listens("GATEWAY_ADDRESS", c.GatewayAddress); err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(c.GatewayAddress)
	if err != nil {
		return err
	}
	if !loopback(host) && c.GatewayToken != "" && len(c.GatewayToken) < shortestToken {
		return fmt.Errorf("GATEWAY_ADDRESS %s can be reached by others, and GATEWAY_TOKEN can be guessed: write a random word of %d characters or more, or make a token with `starter tokens create` instead",
			c.GatewayAddress, shortestToken)
	}
	if _, err := c.Proxies(); err != nil {
		return err
	}
	if c.PublicURL == "" && unspecified(host) {
		return fmt.Errorf("PUBLIC_URL is not set, and GATEWAY_ADDRESS %s names no host: write the base that others use, such as https://perennial.example.com", c.GatewayAddress)
	}
	if c.PublicURL == "" {
		return nil
	}
	return web("PUBLIC_URL", c.PublicURL)
}

// ColleaguesOnCall returns the ids in ON_CALL.
func (c Config) ColleaguesOnCall() []string {
	return strings.FieldsFunc(c.OnCall, func(r rune) bool { return r == ',' || r == ' ' })
}

// shortestToken is how long a GATEWAY_TOKEN is at least, where others can try one after another.
const shortestToken = 16

// Proxies returns the networks of the proxies before the gateway: GATEWAY_PROXIES, read.
func (c Config) Proxies() ([]netip.Prefix, error) {
	var proxies []netip.Prefix
	for text := range strings.FieldsFuncSeq(c.GatewayProxies, func(r rune) bool { return r == ',' || r == ' ' }) {
		network, err := netip.ParsePrefix(text)
		if address, errAddress := netip.ParseAddr(text); errAddress == nil {
			network, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("GATEWAY_PROXIES: %q is no address and no network: write such as 10.0.0.0/8,192.0.2.7", text)
		}
		proxies = append(proxies, network)
	}
	return proxies, nil
}

func (c Config) validateTwilio() error {
	_, sendersErr := readSenders(c.TwilioFromByCountry)
	errs := []error{web("TWILIO_API_URL", c.TwilioAPIURL), rate("SMS_RATE", c.SMSRate), rate("WHATSAPP_RATE", c.WhatsAppRate), sendersErr}
	if c.TwilioFrom != "" && !isSMSSender(c.TwilioFrom) {
		errs = append(errs, errors.New("TWILIO_FROM is no sender of SMS: write a number in E.164 such as +12025550123, a messaging service MG…, or a name of up to 11 letters"))
	}
	if c.TwilioWhatsAppFrom != "" && !number.MatchString(c.TwilioWhatsAppFrom) && !messagingService.MatchString(c.TwilioWhatsAppFrom) {
		errs = append(errs, errors.New("TWILIO_WHATSAPP_FROM is no sender of WhatsApp messages: write a number in E.164 such as +12025550123, or a messaging service MG…"))
	}
	if c.TwilioFromByCountry != "" && c.TwilioFrom == "" {
		errs = append(errs, errors.New("TWILIO_FROM_BY_COUNTRY is set and TWILIO_FROM is not: write whom SMS to all other countries come from"))
	}
	if c.TwilioAccountSID == "" {
		return errors.Join(errs...)
	}
	if c.TwilioAuthToken == "" {
		errs = append(errs, errors.New("TWILIO_ACCOUNT_SID is set and TWILIO_AUTH_TOKEN is not: write the account's auth token"))
	}
	if c.TwilioFrom == "" && c.TwilioWhatsAppFrom == "" {
		errs = append(errs, errors.New("TWILIO_ACCOUNT_SID is set, and neither TWILIO_FROM nor TWILIO_WHATSAPP_FROM: write whom SMS or WhatsApp messages come from"))
	}
	return errors.Join(errs...)
}

func (c Config) validateSlack() error {
	return errors.Join(web("SLACK_API_URL", c.SlackAPIURL), rate("SLACK_RATE", c.SlackRate))
}

func (c Config) validateEmail() error {
	errs := []error{rate("EMAIL_RATE", c.EmailRate)}
	if c.MailFrom != "" {
		if _, err := mail.ParseAddress(c.MailFrom); err != nil {
			errs = append(errs, errors.New("MAIL_FROM is not an e-mail address: write it such as Perennial <care@example.com>"))
		}
	}
	if c.MailUnsubscribeURL != "" {
		errs = append(errs, schemes("MAIL_UNSUBSCRIBE_URL", c.MailUnsubscribeURL, "https://host/path: mail programs take no other", "https"))
	}
	if c.MailUnsubscribeURL != "" && c.MailUnsubscribeKey == "" {
		errs = append(errs, errors.New("MAIL_UNSUBSCRIBE_URL is set and MAIL_UNSUBSCRIBE_KEY is not: write a long random word, which signs the links"))
	}
	if c.IMAPURL != "" {
		errs = append(errs, schemes("IMAP_URL", c.IMAPURL.Reveal(), "imaps://user:password@host:993/INBOX, with an @ in the user's name as %40", "imap", "imaps"))
	}
	if c.SMTPURL == "" {
		return errors.Join(errs...)
	}
	errs = append(errs, schemes("SMTP_URL", c.SMTPURL.Reveal(), "smtp://user:password@host:587 or smtps://user:password@host:465", "smtp", "smtps"))
	if c.MailFrom == "" {
		errs = append(errs, errors.New("SMTP_URL is set and MAIL_FROM is not: write the sender, such as Perennial <care@example.com>"))
	}
	return errors.Join(errs...)
}

func (c Config) validateLog() error {
	if c.LogFormat != "" && c.LogFormat != "text" && c.LogFormat != "json" {
		return fmt.Errorf("LOG_FORMAT is %q: write text or json", c.LogFormat)
	}
	return nil
}

func web(name, value string) error {
	if u, err := url.Parse(value); err == nil && u.User != nil {
		return fmt.Errorf("%s has a name or a password in it, and is shown to people: write it without", name)
	}
	return schemes(name, value, "https://host/path", "http", "https")
}

// schemes checks a URL; its error does not repeat the value, which may hold a password.
func schemes(name, value, example string, allowed ...string) error {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || !slices.Contains(allowed, u.Scheme) {
		return fmt.Errorf("%s is not such a URL as it needs: write %s", name, example)
	}
	return nil
}

func listens(name, value string) error {
	host, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err != nil {
		return fmt.Errorf("%s %q is not a host and a port: write it such as 127.0.0.1:8420", name, value)
	}
	if host != "" && host != "localhost" {
		if _, err := netip.ParseAddr(host); err != nil {
			return fmt.Errorf("%s %q does not begin with an IP address: write it such as 127.0.0.1:8420", name, value)
		}
	}
	return nil
}

func loopback(host string) bool {
	at, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && at.IsLoopback()
}

func unspecified(host string) bool {
	at, err := netip.ParseAddr(host)
	return host == "" || err == nil && at.IsUnspecified()
}

func rate(name string, value float64) error {
	if value < 0 {
		return fmt.Errorf("%s %v is below zero: write messages a second, or 0 for no limit", name, value)
	}
	return nil
}
