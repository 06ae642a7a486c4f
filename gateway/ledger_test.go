package gateway_test

import (
	"time"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
)

// enroll enters a customer into a journey.
func (d *door) enroll(name, who, key string, at time.Time) store.Enrollment {
	d.Helper()
	_, _, err := d.store.Publish(d.Context(), store.Version{Journey: name, Hash: name, Plan: []byte("{}"), Catalogue: []byte("{}"), PublishedAt: monday}, nil)
	if err != nil {
		d.Fatal(err)
	}
	var e store.Enrollment
	err = d.store.InTx(d.Context(), func(tx *store.Tx) (err error) {
		e, _, err = tx.Enroll(d.Context(), store.NewEnrollment{Journey: name, Version: 1, Customer: who, Key: key, EnteredAt: at, Again: journey.Again{Rule: journey.Always}})
		return err
	})
	if err != nil {
		d.Fatal(err)
	}
	return e
}

// touch is the first touch of a step of an enrollment.
func touch(e store.Enrollment, step string, kind journey.Verb, channel customer.Channel, at time.Time) store.NewTouch {
	return store.NewTouch{
		TouchKey: store.TouchKey{Enrollment: e.ID, TouchKey: journey.TouchKey{Step: step, Occurrence: 1, Try: 1}},
		Customer: e.Customer, Channel: channel, Template: step, Topic: "service", Kind: kind, DueAt: at,
	}
}

// claim claims a touch.
func (d *door) claim(n store.NewTouch, at time.Time) store.Touch {
	d.Helper()
	var claimed store.Touch
	err := d.store.InTx(d.Context(), func(tx *store.Tx) (err error) {
		claimed, _, err = tx.Claim(d.Context(), n, at, time.Minute)
		return err
	})
	if err != nil {
		d.Fatal(err)
	}
	return claimed
}

// sent is a touch that the provider took.
func (d *door) sent(n store.NewTouch, at time.Time) store.Touch {
	d.Helper()
	claimed := d.claim(n, at)
	t, err := d.store.Sent(d.Context(), claimed.ID, "SM-"+claimed.ID, at)
	if err != nil {
		d.Fatal(err)
	}
	return t
}
