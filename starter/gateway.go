package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"perennial/activities"
	"perennial/channel/imap"
	"perennial/channel/slack"
	"perennial/config"
	"perennial/deploy/stack"
	"perennial/gateway"
	"perennial/store"
	"perennial/telemetry"
)

func newGateway(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "gateway",
		Short: "Run the gateway: events in, provider callbacks, the customer's page",
		Long: `Run the gateway on GATEWAY_ADDRESS until it is told to stop: POST /v1/events, the callbacks of providers, /unsubscribe,
/customers/ID, /healthz and /readyz; /openapi.json describes its API. It takes events also while Temporal is away, and they are routed later. With --json
it logs JSON.`,
		Example: `  starter gateway
  GATEWAY_ADDRESS=127.0.0.1:9000 starter gateway`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			s.Close() // it was there and up to date; the gateway opens its own
			options, err := c.temporalOptions(settings)
			if err != nil {
				return err
			}
			listener, err := stack.Listen(settings.GatewayAddress)
			if err != nil {
				return err
			}
			return serveGateway(cmd.Context(), settings, options, listener, c.logger(settings))
		},
	}
}

// serveGateway serves the gateway on a listener until the context ends, and then finishes what it has begun.
func serveGateway(ctx context.Context, settings config.Config, options client.Options, listener net.Listener, logger *slog.Logger) error {
	s, err := store.Open(ctx, settings.DatabaseURL.Reveal())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer s.Close()
	watched, err := telemetry.New(ctx, telemetry.Options{Service: "perennial-gateway", Clock: settings.Clock, Log: logger})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() {
		if err := watched.Close(ctx); err != nil {
			logger.Warn("The last metrics and traces were not sent.", "error", err)
		}
	}()
	if options, err = watched.Temporal(options); err != nil {
		return errors.Join(err, listener.Close())
	}
	options.Logger = log.NewStructuredLogger(logger)
	temporal, err := client.NewLazyClient(options)
	if err != nil {
		return errors.Join(fmt.Errorf("prepare to speak to Temporal: %w", err), listener.Close())
	}
	defer temporal.Close()
	mailKey, err := s.MailKey(ctx)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	speaker, err := slackSpeaker(settings)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	sessionKey, err := s.SessionKey(ctx)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	proxies, err := settings.Proxies()
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	events := &activities.Events{Entrance: entrance(settings, s, temporal, options.Namespace, logger)}
	handler, err := gateway.New(ctx, gateway.Config{
		Store: s, Dispatcher: events, Clock: settings.Clock, Log: logger, Address: listener.Addr().String(),
		Token: settings.GatewayToken.Reveal(), SessionKey: sessionKey, Proxies: proxies, PublicURL: settings.Public(), TwilioToken: settings.TwilioAuthToken.Reveal(),
		SlackSecret: settings.SlackSigningSecret.Reveal(), Slack: speaker,
		Policy: activities.NewPolicies(s).Current, BounceKey: mailKey, UnsubscribeKey: cmp.Or(settings.MailUnsubscribeKey.Reveal(), mailKey),
		TemporalUI: settings.TemporalUIURL, Namespace: options.Namespace,
		Ready: func(ctx context.Context) error {
			_, err := temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
			return errors.Join(err, s.Ping(ctx))
		},
		Telemetry: watched,
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer handler.Close()
	box, err := mailbox(settings, logger)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	serving, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	defer beside.Wait() // before the database is closed
	defer stop()
	beside.Go(func() { events.CarryOn(serving, watched.Dispatcher(events).Dispatch) })
	if box != nil {
		beside.Go(func() { handler.ReadMailbox(serving, box) })
	}
	logger.Info("The gateway listens.", "address", "http://"+listener.Addr().String())
	return serveHTTP(ctx, listener, handler, logger)
}

// mailbox is the mailbox that is read; nil where none is configured.
func mailbox(settings config.Config, logger *slog.Logger) (*imap.Mailbox, error) {
	if settings.IMAPURL == "" {
		return nil, nil
	}
	return imap.New(imap.Config{URL: settings.IMAPURL.Reveal(), Log: logger})
}

// slackSpeaker is who answers on Slack; nobody where no app is configured.
func slackSpeaker(settings config.Config) (gateway.Speaker, error) {
	if settings.SlackBotToken == "" {
		return nil, nil
	}
	return slack.New(slack.Config{Token: settings.SlackBotToken.Reveal(), BaseURL: settings.SlackAPIURL})
}
