package main

import (
	"context"
	"slices"
	"strings"

	"perennial/channel"
	"perennial/channel/slack"
	"perennial/channel/smtp"
	"perennial/channel/twilio"
	"perennial/config"
)

// examineProviders says of each provider that is configured whether it takes our credentials. Nothing is sent.
func examineProviders(ctx context.Context, settings config.Config) []finding {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found := []finding{examineTwilio(ctx, settings), examineMailServer(ctx, settings)}
	if settings.SlackBotToken != "" {
		found = append(found, examineSlack(ctx, settings))
	}
	return found
}

func examineTwilio(ctx context.Context, settings config.Config) finding {
	const about = "sms"
	if settings.TwilioAccountSID == "" || settings.TwilioFrom == "" {
		return finding{warn, about, "no provider is configured here: no SMS is sent", "set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM, or run `starter sandbox`"}
	}
	client, err := twilio.New(twilio.Config{
		AccountSID: settings.TwilioAccountSID, AuthToken: settings.TwilioAuthToken.Reveal(), From: settings.TwilioFrom, BaseURL: settings.TwilioAPIURL,
	})
	if err != nil {
		return finding{bad, about, err.Error(), "mend Twilio's variables"}
	}
	defer client.Close()
	if err := client.Check(ctx); err != nil {
		return notLetIn(about, err, "mend TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN", "see to TWILIO_API_URL and to Twilio's status page")
	}
	return finding{Level: ok, About: about, What: "sent through " + settings.TwilioAPIURL + ", which takes our credentials"}
}

func examineMailServer(ctx context.Context, settings config.Config) finding {
	const about = "email"
	if settings.SMTPURL == "" {
		return finding{warn, about, "no mail server is configured here: no e-mail is sent", "set SMTP_URL and MAIL_FROM, or run `starter sandbox`"}
	}
	client, err := smtp.New(smtp.Config{URL: settings.SMTPURL.Reveal(), From: settings.MailFrom, Domain: settings.MessageDomain()})
	if err != nil {
		return finding{bad, about, err.Error(), "mend SMTP_URL and MAIL_FROM"}
	}
	defer client.Close()
	if err := client.Check(ctx); err != nil {
		return notLetIn(about, err, "mend SMTP_URL: user, password or TLS", "see to SMTP_URL and to the mail server")
	}
	return finding{Level: ok, About: about, What: "the mail server can be reached and lets us in; mails are from " + settings.MailFrom}
}

func examineSlack(ctx context.Context, settings config.Config) finding {
	const about = "slack"
	client, err := slack.New(slack.Config{Token: settings.SlackBotToken.Reveal(), BaseURL: settings.SlackAPIURL})
	if err != nil {
		return finding{bad, about, err.Error(), "mend SLACK_BOT_TOKEN"}
	}
	missing, err := client.Check(ctx)
	if err != nil {
		return notLetIn(about, err, "mend SLACK_BOT_TOKEN: is the app still installed?", "see to SLACK_API_URL and to Slack's status page")
	}
	if len(missing) == 0 {
		return finding{Level: ok, About: about, What: "Slack takes our token, and the app has the scopes that it needs"}
	}
	level, do := warn, "grant the app what it lacks and install it anew"
	if slices.Contains(missing, slack.ScopeWrite) || slices.Contains(missing, slack.ScopeOpen) {
		level = bad
	}
	without := map[string]string{
		slack.ScopeWrite:   "nothing can be sent",
		slack.ScopeOpen:    "no conversation can be opened",
		slack.ScopeHistory: "a message that got no answer can't be asked about, and answers don't come in",
		slack.ScopeEmail:   "people can't be found by e-mail address",
	}
	var what []string
	for _, scope := range missing {
		what = append(what, "without the scope "+scope+" "+without[scope])
	}
	return finding{level, about, strings.Join(what, "; "), do}
}

// notLetIn is a finding about a provider that does not take what we say, or can't be asked.
func notLetIn(about string, err error, credentials, otherwise string) finding {
	if channel.AsError(err).Kind == channel.Misconfigured {
		return finding{bad, about, err.Error(), credentials}
	}
	return finding{bad, about, channel.AsError(err).Provider + ": it can't be asked whether it takes our credentials", otherwise}
}
