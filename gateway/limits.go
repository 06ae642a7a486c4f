package gateway

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often one may ask. Who proves who they are is bound by their token, or by their link, and by nothing that others do: an address is that of
// many where a proxy stands before us. Who proves nothing is bound by their address. What a provider signed is not bound here: it comes as often as
// there is something to tell, and is told once.

// Limits are how often one may ask, in requests a second and at once. Each defaults to what is given.
type Limits struct {
	Token, TokenBurst       int // of one token: 500, 1000
	Link, LinkBurst         int // of one unsubscribe link: 1, 20
	Stranger, StrangerBurst int // failed tries from one address: 1, 30
}

func (l Limits) withDefaults() Limits {
	if l == (Limits{}) {
		return Limits{Token: 500, TokenBurst: 1000, Link: 1, LinkBurst: 20, Stranger: 1, StrangerBurst: 30}
	}
	return l
}

// retryAfter is how long to wait once there was too much, in seconds.
const retryAfter = "5"

const strangersAreMany = "too many requests from this address failed to prove who they are; try again later"

// mostKnown is how many of one kind are told apart. Who comes over that shares one allowance: an attacker with a network of addresses must not fill
// our memory.
const mostKnown = 10_000

// limits are the allowances.
type limits struct {
	tokens, links, strangers *allowances
}

func newLimits(l Limits) *limits {
	l = l.withDefaults()
	return &limits{
		tokens:    newAllowances(l.Token, l.TokenBurst),
		links:     newAllowances(l.Link, l.LinkBurst),
		strangers: newAllowances(l.Stranger, l.StrangerBurst),
	}
}

// ofToken takes a request from the allowance of a token, and says whether there was one left.
func (l *limits) ofToken(id int64) bool { return l.tokens.take(id) }

// ofLink takes a request from the allowance of the link of a touch.
func (l *limits) ofLink(touch string) bool { return l.links.take(touch) }

// ofStranger takes a failed try from the allowance of an address.
func (l *limits) ofStranger(from netip.Addr) bool { return l.strangers.take(network(from)) }

// strangerMayTry says whether an address has a try left, without taking one.
func (l *limits) strangerMayTry(from netip.Addr) bool { return l.strangers.left(network(from)) }

// network is what an address is counted as: itself, and of IPv6 the network of 64 bits that one host has.
func network(from netip.Addr) netip.Prefix {
	bits := from.BitLen()
	if from.Is6() {
		bits = 64
	}
	of, _ := from.Prefix(bits) // the zero prefix stands for an address that can't be read
	return of
}

// allowances are those of many, each with its own.
type allowances struct {
	each  rate.Limit
	burst int

	mu     sync.Mutex
	known  map[any]*rate.Limiter
	shared *rate.Limiter // of all who came when there were too many to tell apart
}

func newAllowances(perSecond, burst int) *allowances {
	a := &allowances{each: rate.Limit(perSecond), burst: burst, known: map[any]*rate.Limiter{}}
	a.shared = rate.NewLimiter(a.each, a.burst)
	return a
}

func (a *allowances) take(who any) bool { return a.of(who).Allow() }

func (a *allowances) left(who any) bool { return a.of(who).Tokens() >= 1 }

func (a *allowances) of(who any) *rate.Limiter {
	a.mu.Lock()
	defer a.mu.Unlock()
	if of, known := a.known[who]; known {
		return of
	}
	if len(a.known) >= mostKnown {
		a.forget()
	}
	if len(a.known) >= mostKnown {
		return a.shared
	}
	of := rate.NewLimiter(a.each, a.burst)
	a.known[who] = of
	return of
}

// forget drops those who have their whole allowance again: they are as if they had never come.
func (a *allowances) forget() {
	now := time.Now()
	for who, of := range a.known {
		if of.TokensAt(now) >= float64(a.burst) {
			delete(a.known, who)
		}
	}
}

// remote is the address that a request comes from. What a proxy says of that is believed only of proxies that we were told of, and of what it says
// only the last that is none of them: the rest may be made up.
func (g *Gateway) remote(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	from := at.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !g.isProxy(from) {
			return from
		}
		before, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return from
		}
		from = before.Unmap().WithZone("")
	}
	return from
}

func (g *Gateway) isProxy(address netip.Addr) bool {
	return slices.ContainsFunc(g.Proxies, func(p netip.Prefix) bool { return p.Contains(address) })
}
