package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"perennial/deploy/stack/stacktest"
	"perennial/store"
)

func TestOfATokenOnlyItsHashIsInTheDatabase(t *testing.T) {
	t.Parallel()
	url := stacktest.Postgres(t)
	s, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if _, _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, token, err := s.CreateToken(t.Context(), "shop", store.Ingest, noon(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	var row string
	if err := conn.QueryRow(t.Context(), "select t::text || encode(t.hash, 'escape') from tokens t").Scan(&row); err != nil {
		t.Fatal(err)
	}
	if secret := strings.TrimPrefix(token, "perennial_"); len(secret) < 26 || strings.Contains(row, secret) {
		t.Errorf("the row of %s is %s", token, row)
	}
	all, err := s.Tokens(t.Context())
	if err != nil || len(all) != 1 || all[0].Hash != store.HashToken(token) {
		t.Errorf("got %+v, %v", all, err)
	}
}

func TestATokenIsGoodUntilItEndsOrIsRevoked(t *testing.T) {
	t.Parallel()
	s := open(t)
	create := func(expires time.Time) int64 {
		t.Helper()
		id, _, err := s.CreateToken(t.Context(), "shop", store.Ingest, noon(), expires)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	forever, hour, revoked := create(time.Time{}), create(noon().Add(time.Hour)), create(time.Time{})
	for _, at := range []time.Duration{time.Minute, time.Hour} { // the first time stays
		if err := s.RevokeToken(t.Context(), revoked, noon().Add(at)); err != nil {
			t.Fatal(err)
		}
	}
	for _, at := range []time.Duration{2 * time.Minute, time.Minute} { // late news of an earlier use changes nothing
		if err := s.NoteTokenUse(t.Context(), forever, noon().Add(at)); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.Tokens(t.Context())
	if err != nil || len(all) != 3 || all[0].ID != forever || all[1].ID != hour {
		t.Fatal(all, err)
	}
	good := func(i int, after time.Duration) bool { return all[i].Good(noon().Add(after)) }
	if !good(0, 1e6*time.Hour) || !good(1, time.Hour-1) || good(1, time.Hour) || good(2, time.Minute) {
		t.Errorf("they are good as they should not be: %+v", all)
	}
	if !all[2].RevokedAt.Equal(noon().Add(time.Minute)) || !all[0].UsedAt.Equal(noon().Add(2*time.Minute)) {
		t.Errorf("revoked %v, used %v", all[2].RevokedAt, all[0].UsedAt)
	}
	if err := s.RevokeToken(t.Context(), 99, noon()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of one that is not there: %v", err)
	}
	if _, _, err := s.CreateToken(t.Context(), "shop", store.Ingest, noon(), noon()); err == nil {
		t.Error("one that has ended was made")
	}
}
