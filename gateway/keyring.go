package gateway

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"perennial/store"
)

// How often the tokens are read again, so that one that was just made or revoked is known within seconds; how long that may take; and how often the
// use of one is noted. In real time.
const (
	keyringAge  = 2 * time.Second
	keyringWait = 2 * time.Second
	useAge      = time.Minute
)

// gatewayTokenID is what stands for GATEWAY_TOKEN, which is in no table. It is an operations token that never ends.
const gatewayTokenID = 0

// keyring knows the tokens.
type keyring struct {
	store *store.Store // nil where there is none, in which case there are no tokens in it
	log   *slog.Logger
	own   *store.Token // GATEWAY_TOKEN; nil where it is not set

	mu    sync.Mutex
	now   tokens
	read  time.Time // when; zero: never
	noted map[int64]time.Time
}

// tokens are those that are known, the good ones and the others.
type tokens []store.Token

func newKeyring(c Config) *keyring {
	k := &keyring{store: c.Store, log: c.Log, noted: map[int64]time.Time{}}
	if c.Token != "" {
		k.own = &store.Token{ID: gatewayTokenID, Name: "GATEWAY_TOKEN", Role: store.Operations, Hash: store.HashToken(c.Token)}
	}
	return k
}

// current are the tokens as they were within the last seconds. While the database does not answer, those that were known hold.
func (k *keyring) current(ctx context.Context) (tokens, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.read.IsZero() && time.Since(k.read) < keyringAge {
		return k.now, nil
	}
	all, err := k.all(ctx)
	if err != nil {
		k.log.Warn("The tokens can't be read.", "error", err)
		if k.read.IsZero() && k.own == nil {
			return nil, err
		}
		if k.read.IsZero() {
			return tokens{*k.own}, nil
		}
		all = k.now
	}
	k.now, k.read = all, time.Now()
	return all, nil
}

func (k *keyring) all(ctx context.Context) (tokens, error) {
	var all tokens
	if k.own != nil {
		all = append(all, *k.own)
	}
	if k.store == nil {
		return all, nil
	}
	// A caller who hangs up must not spoil it for the others.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keyringWait)
	defer cancel()
	made, err := k.store.Tokens(ctx)
	return append(all, made...), err
}

// used notes the use of a token, at most once a minute.
func (k *keyring) used(ctx context.Context, t store.Token) {
	now := time.Now()
	k.mu.Lock()
	due := t.ID != gatewayTokenID && now.Sub(k.noted[t.ID]) >= useAge
	if due {
		k.noted[t.ID] = now
	}
	k.mu.Unlock()
	if !due {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keyringWait)
	defer cancel()
	if err := k.store.NoteTokenUse(ctx, t.ID, now); err != nil {
		k.log.Warn("The use of a token was not noted.", "token", t.ID, "error", err)
	}
}

// empty says whether no token was ever made. Those that are good no more count: revoking the last one must open no door.
func (t tokens) empty() bool { return len(t) == 0 }

// find returns the good token that somebody carries. It looks at all of them, whichever it is.
func (t tokens) find(carried string) (found store.Token, good bool) {
	if carried == "" {
		return store.Token{}, false
	}
	hash, now := store.HashToken(carried), time.Now()
	for _, one := range t {
		if sameHash(one.Hash, hash) && one.Good(now) {
			found, good = one, true
		}
	}
	return found, good
}

// byID returns a good token.
func (t tokens) byID(id int64) (store.Token, bool) {
	now := time.Now()
	i := slices.IndexFunc(t, func(one store.Token) bool { return one.ID == id && one.Good(now) })
	if i < 0 {
		return store.Token{}, false
	}
	return t[i], true
}

// anyGood says whether somebody may come in.
func (t tokens) anyGood() bool {
	now := time.Now()
	return slices.ContainsFunc(t, func(one store.Token) bool { return one.Good(now) })
}
