package demo

import (
	"fmt"

	"perennial/channel/sandbox"
)

// weather is how the providers do with the nth message to an address, from 0. It hangs on the address and on how many messages were received there
// before, and not on which request comes when, so that two runs with one seed have the same weather.
func weather(seed uint64, address string, nth int) sandbox.Fault {
	if (dice{seed: seed, about: address}).percent("is nobody's", 3) {
		return sandbox.BadAddress
	}
	d := dice{seed: seed, about: fmt.Sprintf("%s\x00%d", address, nth)}
	switch share := d.number("weather") % 100; {
	case share < 4:
		return sandbox.Throttle
	case share < 5:
		return sandbox.ServerError
	case share < 9:
		return sandbox.Cut
	}
	return sandbox.NoFault
}

// forecast orders the weather for the next message to an address.
func (b *business) forecast(address string) {
	switch fault := weather(b.Seed, address, b.received[address]); fault {
	case sandbox.NoFault:
	case sandbox.BadAddress:
		b.Sandbox.SetFault(address, fault, 0)
	default:
		b.Sandbox.SetFault(address, fault, 1)
	}
}
