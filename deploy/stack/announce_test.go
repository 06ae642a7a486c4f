package stack

import (
	"path/filepath"
	"testing"
)

// Not in parallel: a process that another test starts holds every open file, and its lock, for the moment until it runs its program.
//
//nolint:paralleltest // for that
func TestAnAnnouncementHoldsWhileItsMakerLives(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", AnnouncementFile)
	if text, ok := Announced(path); ok {
		t.Errorf("nobody announced anything, and there is %q", text)
	}
	for _, want := range []string{"a long first one", "second"} {
		a, err := Announce(path, want)
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := Announced(path); !ok || text != want {
			t.Errorf("got %q, %v, want %q", text, ok, want)
		}
		if _, err := Announce(path, "another's"); err == nil {
			t.Error("two announce in one file")
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		if text, ok := Announced(path); ok {
			t.Errorf("its maker is gone, and there is %q", text)
		}
	}
}
