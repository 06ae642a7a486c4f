package sandbox

import (
	"encoding/binary"
	"hash/fnv"
	"strconv"
	"sync"
)

// Fault is one way in which a provider misbehaves.
type Fault string

// The faults, and what the sender sees of each.
const (
	NoFault     Fault = ""
	Throttle    Fault = "throttle"     // 429 with Retry-After; e-mail: 450. Nothing is received
	ServerError Fault = "server_error" // 500; e-mail: 451. Nothing is received
	Cut         Fault = "cut"          // received, then the connection is closed without an answer
	Hang        Fault = "hang"         // not received, and no answer until the sender gives up
	Stall       Fault = "stall"        // received, and no answer until the sender gives up
	Late        Fault = "late"         // the connection is closed without an answer, and it is received only Config.Late later
	Unlisted    Fault = "unlisted"     // as Cut, and those who ask for what was received see it only Config.Late later
	BadAddress  Fault = "bad_address"  // 400 with code 21211; e-mail: 550; Slack: user_not_found. The answer quotes the address

	// Undelivered is Twilio's: 201, nothing is received, and the receipt says undelivered with code 30005. Elsewhere it is no fault.
	Undelivered Fault = "undelivered"

	// OptedOut is Twilio's: 400 with code 21610, as after a STOP that Twilio heard. Elsewhere it is no fault.
	OptedOut Fault = "opted_out"

	// InternalError is Slack's: 200 with ok:false and internal_error. Elsewhere it is the same as ServerError.
	InternalError Fault = "internal_error"
)

// Faults says how often, in percent of requests, the sandbox misbehaves. What happens to a request is a hash of the seed, its
// touch and how often this touch was tried before: the same in every run. No touch meets more than two faults in a row, so
// whoever tries again gets through. BadAddress is a hash of the seed and the address: such an address stays bad.
type Faults struct {
	// Seed tells one run from another. Defaults to 0.
	Seed uint64

	// Percent of requests, each. Default to 0.
	Throttle    float64
	ServerError float64
	Cut         float64
	Hang        float64

	// BadAddress is in percent of addresses. Defaults to 0.
	BadAddress float64
}

// faultsInARow is how many faults one touch meets at most before it gets through.
const faultsInARow = 2

// faults decides, and remembers how often each touch was tried.
type faults struct {
	Faults
	mu     *sync.Mutex
	tries  map[string]int
	orders map[string]*order
}

// order is a fault ordered for one address.
type order struct {
	fault Fault
	times int // how many more times; below 0: until told otherwise
}

func newFaults(f Faults) faults {
	return faults{Faults: f, mu: new(sync.Mutex), tries: make(map[string]int), orders: make(map[string]*order)}
}

// Everybody is the address of an order that holds for whoever has none of their own.
const Everybody = "*"

// SetFault orders a fault for the next requests to an address: that many times, or until told otherwise if times is 0. The address
// is as the request has it: +15005550123 is a phone's SMS, whatsapp:+15005550123 its WhatsApp, and [Everybody] is whoever has no order of their own.
// [NoFault] takes an order back.
func (s *Sandbox) SetFault(address string, fault Fault, times int) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	if fault == NoFault {
		delete(s.faults.orders, address)
		return
	}
	if times == 0 {
		times = -1
	}
	s.faults.orders[address] = &order{fault: fault, times: times}
}

// badAddress says whether requests to this address are refused because of it.
func (f *faults) badAddress(address string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if address, o := f.order(address); o != nil {
		if o.fault == BadAddress {
			f.use(address, o)
		}
		return o.fault == BadAddress
	}
	return draw(f.Seed, "address", address) < f.BadAddress
}

// next decides what happens to a request other than for its address. A request without a touch is known by its address.
func (f *faults) next(touch, address string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if address, o := f.order(address); o != nil {
		f.use(address, o)
		return o.fault
	}
	if touch == "" {
		touch = address
	}
	tries := f.tries[touch]
	fault := f.draw(touch, tries)
	if fault == NoFault {
		delete(f.tries, touch)
		return NoFault
	}
	f.tries[touch] = tries + 1
	return fault
}

func (f *faults) draw(touch string, tries int) Fault {
	if tries >= faultsInARow {
		return NoFault
	}
	at := draw(f.Seed, touch, strconv.Itoa(tries))
	for _, one := range []struct {
		fault   Fault
		percent float64
	}{
		{Throttle, f.Throttle},
		{ServerError, f.ServerError},
		{Cut, f.Cut},
		{Hang, f.Hang},
	} {
		if at < one.percent {
			return one.fault
		}
		at -= one.percent
	}
	return NoFault
}

// order is the one that holds for an address, and whose it is.
func (f *faults) order(address string) (whose string, o *order) {
	if o := f.orders[address]; o != nil {
		return address, o
	}
	return Everybody, f.orders[Everybody]
}

// use takes one off an order.
func (f *faults) use(address string, o *order) {
	if o.times < 0 {
		return
	}
	o.times--
	if o.times == 0 {
		delete(f.orders, address)
	}
}

// draw returns a number from 0 up to 100 that depends on nothing but its arguments.
func draw(seed uint64, words ...string) float64 {
	hash := fnv.New64a()
	var bytes [8]byte
	binary.BigEndian.PutUint64(bytes[:], seed)
	hash.Write(bytes[:])
	for _, word := range words {
		hash.Write([]byte(word))
		hash.Write([]byte{0})
	}
	return float64(mix(hash.Sum64())>>11) / (1 << 53) * 100
}

// mix spreads a hash over all its bits, as FNV leaves the high ones of short inputs alike (the finalizer of MurmurHash3).
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
