package stack

import (
	"path/filepath"
	"testing"
)

func TestAnAnnouncementHoldsWhileItsMakerLives(t *testing.T) {
	t.Parallel()
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
