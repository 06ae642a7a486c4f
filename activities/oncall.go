package activities

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"perennial/channel"
	"perennial/domain/customer"
	"perennial/store"
	"perennial/workflows"
)

// After how long those on call are told, in multiples of the time that a call may take, so that what mends itself at once wakes nobody: that a breaker is
// open after a minute, and that it is closed after five, where a call may take 30 seconds.
const (
	openTold   = 2
	closedTold = 10
)

// tellOnCall tells the colleagues on call which providers do not work, and which work again. Each is told once, by whoever finds that it is time: a process
// that dies then leaves it untold, as doctor and the metrics do not.
func (d *Deliveries) tellOnCall(ctx context.Context, patience workflows.Patience) error {
	if len(d.OnCall) == 0 {
		return nil
	}
	due, err := d.Store.TellBreakers(ctx, openTold*patience.Call(), closedTold*patience.Call())
	if err != nil || len(due) == 0 {
		return err
	}
	breakers, err := d.Store.Breakers(ctx)
	if err != nil {
		return err
	}
	can := slices.DeleteFunc(slices.Sorted(maps.Keys(d.Senders)), func(on customer.Channel) bool {
		return slices.ContainsFunc(breakers, func(b store.Breaker) bool { return b.Channel == on && b.Open() })
	})
	var failed []error
	for _, b := range due {
		for _, id := range d.OnCall {
			failed = append(failed, d.tellOne(ctx, id, b, can, patience))
		}
	}
	return errors.Join(failed...)
}

// tellOne tells one colleague, or whoever stands in, of one breaker: by the next channel where the first surely did not work.
func (d *Deliveries) tellOne(ctx context.Context, id string, b store.Breaker, can []customer.Channel, patience workflows.Patience) error {
	colleagues, err := d.Store.StandIns(ctx, id, d.now())
	if err != nil {
		return err
	}
	for can = slices.Clone(can); ; {
		who, on, ok := colleagues.OnCall(id, d.now(), can)
		if !ok {
			return errors.Join(fmt.Errorf("colleague %s, who is on call, is not known or can't be reached on a channel that works", id), err)
		}
		m := aboutBreaker(b)
		m.To, m.Country, m.Colleague = who.Addresses[on].Value, who.Country, true
		alive(ctx)
		calling, cancel := context.WithTimeout(ctx, min(patience.Call(), askedByTheWay))
		_, err = d.Senders[on].Send(calling, m)
		cancel()
		if err == nil || channel.AsError(err).Kind == channel.Unknown { // who may have been told is not told twice
			d.Log.Info("A colleague on call was told of a provider.", "colleague", who.ID, "channel", on, "about", b.Channel, "open", b.Open())
			return nil
		}
		can = slices.DeleteFunc(can, func(c customer.Channel) bool { return c == on })
	}
}

// aboutBreaker is what a colleague on call reads.
func aboutBreaker(b store.Breaker) channel.Message {
	m := channel.Message{Language: "en", Touch: fmt.Sprintf("breaker-%s-%d", b.Channel, max(b.OpenedAt.Unix(), b.ClosedAt.Unix()))}
	if b.Open() {
		m.Subject = fmt.Sprintf("Perennial: nothing goes out by %s", b.Channel)
		m.Text = strings.Join([]string{
			m.Subject, fmt.Sprintf("since %s UTC. %s.", b.OpenedAt.Format("2 Jan 15:04"), Answered(b)),
			"What is due waits until it expires. It is tried again by itself; `starter doctor` says how it stands.",
		}, " ")
		return m
	}
	m.Subject = fmt.Sprintf("Perennial: %s works again", b.Channel)
	m.Text = fmt.Sprintf("%s, since %s UTC. What has gathered goes out little by little.", m.Subject, b.ClosedAt.Format("2 Jan 15:04"))
	return m
}
