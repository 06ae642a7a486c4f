package store_test

import (
	"testing"

	"perennial/deploy/stack/stacktest"
	"perennial/store"
)

func TestSchemaTellsWhatAMigrationWouldDo(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), stacktest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	has, wants, err := s.Schema(t.Context())
	if err != nil || has != 0 || wants == 0 {
		t.Errorf("before: has %d, wants %d, %v", has, wants, err)
	}
	if _, to, err := s.Migrate(t.Context()); err != nil || to != wants {
		t.Errorf("migrated to %d, %v; it wanted %d", to, err, wants)
	}
	if has, _, err = s.Schema(t.Context()); err != nil || has != wants {
		t.Errorf("after: has %d, %v", has, err)
	}
}
