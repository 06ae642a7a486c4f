package store_test

import (
	"strings"
	"testing"

	"perennial/store"
)

// What can't be opened is not repeated with its password, wherever that stands.
func TestADatabaseThatCantBeOpenedKeepsItsPassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"postgres://u:hidden@127.0.0.1:1/d", "postgres://u:hidden@127.0.0.1:1/d?sslmode=perhaps", "postgres://u:hidden@h:port/d", "postgres://u:hid%zzhidden@h/d",
		"postgres://u:hidden@h/d?pool_max_conns=many", "postgres://h/d?password=hidden&sslmode=perhaps", "postgres://127.0.0.1:1/d?password=hidden&user=u",
		"host=127.0.0.1 port=1 password=hidden", "host=127.0.0.1 password='hidden", "password = hidden port=x", "u:hidden@h", "postgres://u:hidden hidden@h/d", "postgres://u:hidden@[h/d",
	} {
		s, err := store.Open(t.Context(), url)
		if err == nil {
			s.Close()
			t.Errorf("%s was opened", url)
			continue
		}
		if strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
