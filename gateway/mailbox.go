package gateway

import (
	"context"
	"errors"
	"time"

	"perennial/channel/imap"
	"perennial/store"
)

// mailboxLock is the name under which one gateway of several reads the mailbox.
const mailboxLock = "mailbox"

// How long to wait, in real time, before the mailbox is tried again: at first, at most, and while another gateway reads it.
const (
	mailboxPause   = 5 * time.Second
	mailboxPatient = 5 * time.Minute
	mailboxTurn    = 10 * time.Second
)

// ReadMailbox takes the mails of a mailbox until the context ends. Of the gateways on one database one reads at a time; what two read nevertheless, as
// one may not know yet that it is alone no more, is taken once.
func (g *Gateway) ReadMailbox(ctx context.Context, box *imap.Mailbox) {
	g.Telemetry.MailboxLookedAt(ctx) // the metric is there from the start, so that one who never gets there is missed
	pause := mailboxPause
	for ctx.Err() == nil {
		began := time.Now()
		err := g.Store.Alone(ctx, mailboxLock, func(ctx context.Context) error {
			return box.Watch(ctx, func(ctx context.Context, m imap.Mail) error {
				_, err := g.TakeMail(ctx, m.Raw, "", m.Place)
				return err
			}, g.Telemetry.MailboxLookedAt)
		})
		wait := pause
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, store.ErrNotAlone):
			wait = mailboxTurn
		case time.Since(began) > mailboxPatient:
			wait, pause = mailboxPause, mailboxPause
		default:
			pause = min(2*pause, mailboxPatient)
		}
		if err != nil && !errors.Is(err, store.ErrNotAlone) {
			g.Log.Warn("The mailbox can't be read; it is tried again.", "in", wait, "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}
