package main

import (
	"context"
	"errors"
	"log/slog"
	"net"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"perennial/channel/sandbox"
	"perennial/config"
	"perennial/deploy/stack"
	"perennial/gateway"
)

// sandboxAddresses are what to set so that messages go to a sandbox.
type sandboxAddresses struct {
	Page       string `json:"page"`
	AccountSID string `json:"twilio_account_sid"`
	AuthToken  string `json:"twilio_auth_token"`
	APIURL     string `json:"twilio_api_url"`
	SMTPURL    string `json:"smtp_url"`
	SlackToken string `json:"slack_bot_token"`
	SlackURL   string `json:"slack_api_url"`
	SlackSign  string `json:"slack_signing_secret"`
}

func newSandbox(c *console) *cobra.Command {
	var web, mail string
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Run the sandbox: it stands in for the providers, and shows what each phone and inbox received",
		Long: `Run the sandbox until it is told to stop. It speaks Twilio's API, Slack's and SMTP, sends nothing to anybody, and has a page that shows
what each phone and inbox received, where one can type an answer. It keeps messages in memory. Answers go to the gateway of the
configuration. It prints what to set so that messages go to it.`,
		Example: `  starter sandbox
  starter sandbox --http 127.0.0.1:9001 --smtp 127.0.0.1:9002`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := c.config()
			if err != nil {
				return err
			}
			listenHTTP, err := stack.Listen(web)
			if err != nil {
				return err
			}
			listenSMTP, err := stack.Listen(mail)
			if err != nil {
				return errors.Join(err, listenHTTP.Close())
			}
			logger := c.logger(settings)
			set := sandboxConfig(settings, logger)
			base := "http://" + listenHTTP.Addr().String()
			addresses := sandboxAddresses{
				base, set.AccountSID, set.AuthToken, base, "smtp://" + listenSMTP.Addr().String(), set.SlackToken, base + sandbox.SlackPath, set.SlackSecret,
			}
			if err := c.show(addresses, func(p *page) { writeAddresses(p, addresses) }); err != nil {
				return errors.Join(err, listenHTTP.Close(), listenSMTP.Close())
			}
			s := sandbox.New(set)
			defer s.Close()
			return serveSandbox(cmd.Context(), s, listenHTTP, listenSMTP, logger)
		},
	}
	cmd.Flags().StringVar(&web, "http", sandboxAddress, "`address` of Twilio's API, of Slack's and of the page")
	cmd.Flags().StringVar(&mail, "smtp", mailAddress, "`address` of the mail server")
	return cmd
}

// sandboxConfig is a sandbox whose answers and receipts go to the gateway of the configuration, and which takes its account.
func sandboxConfig(settings config.Config, logger *slog.Logger) sandbox.Config {
	return sandbox.Config{
		Clock: settings.Clock, AccountSID: settings.TwilioAccountSID, AuthToken: settings.TwilioAuthToken.Reveal(),
		SlackToken: settings.SlackBotToken.Reveal(), SlackSecret: settings.SlackSigningSecret.Reveal(), SlackEvents: settings.Public() + gateway.SlackPath,
		InboundSMS: settings.Public() + gateway.SMSPath, GatewayURL: settings.Public(), GatewayToken: settings.GatewayToken.Reveal(),
		Receipts: true, Logger: logger,
	}.WithDefaults()
}

// serveSandbox serves a sandbox on two listeners until the context ends.
func serveSandbox(ctx context.Context, s *sandbox.Sandbox, web, mail net.Listener, logger *slog.Logger) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return serveHTTP(ctx, web, s.Handler(), logger) })
	group.Go(func() error { return s.ServeSMTP(ctx, mail) })
	return group.Wait()
}

func writeAddresses(p *page, a sandboxAddresses) {
	p.line("The sandbox shows on %s what each phone and inbox received.", a.Page)
	p.line("So that messages go to it, set this for the worker and the gateway:")
	p.line("")
	p.line("  export TWILIO_API_URL=%s TWILIO_ACCOUNT_SID=%s TWILIO_AUTH_TOKEN=%s TWILIO_FROM=%s TWILIO_WHATSAPP_FROM=%s",
		a.APIURL, a.AccountSID, a.AuthToken, sandboxSender, sandboxSender)
	p.line("  export SLACK_API_URL=%s SLACK_BOT_TOKEN=%s SLACK_SIGNING_SECRET=%s", a.SlackURL, a.SlackToken, a.SlackSign)
	p.line("  export SMTP_URL=%s MAIL_FROM=care@example.com", a.SMTPURL)
}
