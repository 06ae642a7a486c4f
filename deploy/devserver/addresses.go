package main

import (
	"fmt"
	"net"
	"net/netip"
)

// addresses are where everything listens: the frontend and the UI as asked, the inner services on free ports.
type addresses struct {
	frontend, ui              netip.AddrPort
	history, matching, worker netip.AddrPort
}

// addresses refuses what is not loopback: this server knows no authentication.
func (o options) addresses() (addresses, error) {
	var a addresses
	var err error
	if a.frontend, err = loopback("--frontend", o.frontend); err != nil {
		return addresses{}, err
	}
	if a.ui, err = loopback("--ui", o.ui); err != nil {
		return addresses{}, err
	}
	// The services listen one after the other, so all ports are held until all are chosen: no two can be the same.
	var held []net.Listener
	defer func() {
		for _, l := range held {
			_ = l.Close() // nobody ever connected to it
		}
	}()
	for _, at := range []*netip.AddrPort{&a.frontend, &a.ui, &a.history, &a.matching, &a.worker} {
		if !at.IsValid() {
			*at = netip.AddrPortFrom(a.frontend.Addr(), 0)
		}
		l, err := net.Listen("tcp", at.String())
		if err != nil {
			return addresses{}, fmt.Errorf("choosing ports: %w", err)
		}
		held = append(held, l)
		*at = netip.AddrPortFrom(at.Addr(), uint16(l.Addr().(*net.TCPAddr).Port)) //nolint:gosec // a TCP port fits
	}
	return a, nil
}

func loopback(flag, value string) (netip.AddrPort, error) {
	at, err := netip.ParseAddrPort(value)
	if err != nil || !at.Addr().IsLoopback() {
		return netip.AddrPort{}, fmt.Errorf("%s %q: write a loopback address and a port, such as 127.0.0.1:7233", flag, value)
	}
	return at, nil
}
