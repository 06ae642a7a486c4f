package gateway

import (
	"context"
	"encoding/json"
	"fmt"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
)

// grant does what the customers of an address want: everybody who shares it, since nobody knows who of them wrote.
func (g *Gateway) grant(ctx context.Context, m message, wants wish, word string, customers []customer.Profile) (understood, error) {
	u, err := m.of(customers[0].ID, string(wants))
	if err != nil {
		return understood{}, err
	}
	u.from.wantsMore = wants == startWish
	for _, who := range customers {
		changed, err := g.changes(ctx, m, wants, word, who.ID)
		if err != nil {
			return understood{}, err
		}
		u.events = append(u.events, changed...)
	}
	if wants == startWish && len(u.events) == 1 { // there is nothing to give back, and they want something
		u.unread = &store.Reply{ID: m.id, Customer: customers[0].ID, Channel: m.channel, At: m.at}
		return u, nil
	}
	u.say = sentenceIn(customers[0].Language, g.business(ctx), wants)
	return u, nil
}

// changes are the consents of one customer that a wish changes. No more takes back every topic that they agreed to; again gives back what they had
// taken back by such a word, and not what they said no to in another way.
func (g *Gateway) changes(ctx context.Context, m message, wants wish, word, who string) ([]store.Event, error) {
	if wants == helpWish {
		return nil, nil
	}
	standing, err := g.Store.LatestConsents(ctx, who)
	if err != nil {
		return nil, err
	}
	var events []store.Event
	for _, c := range standing {
		granted := wants == startWish
		if c.Granted == granted || granted && c.Source != store.SourceReply {
			continue
		}
		word := store.Consent{Topic: c.Topic, Granted: granted, Source: store.SourceReply, Channel: m.channel, Wording: word}
		data, err := consentData(word)
		if err != nil {
			return nil, err
		}
		events = append(events, store.Event{ID: m.derivedID(string(wants), who, c.Topic), Type: journey.ConsentChanged, Customer: who, At: m.at, Data: data})
	}
	return events, nil
}

// consentData is what an event says of a word that a customer gave to us.
func consentData(c store.Consent) (json.RawMessage, error) {
	said := map[string]any{"topic": c.Topic, "granted": c.Granted, "how": c.Source, "channel": c.Channel}
	if c.Wording != "" {
		said["wording"] = c.Wording
	}
	data, err := json.Marshal(said)
	if err != nil {
		return nil, fmt.Errorf("write down a consent on %s: %w", c.Topic, err)
	}
	return data, nil
}

// business is the name under which customers know us; empty where the profile catalogue gives none, or can't be read: nobody's wish is to fail
// for the want of it.
func (g *Gateway) business(ctx context.Context) string {
	catalogue, err := g.catalogue(ctx)
	if err != nil {
		g.Log.Warn("The name of the business can't be read from the newest profile catalogue.", "error", err)
	}
	for _, constant := range catalogue.Business {
		if constant.Name == "name" {
			return constant.Value
		}
	}
	return ""
}
