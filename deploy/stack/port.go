package stack

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// FreePort returns a TCP port of 127.0.0.1 that nobody listens on, for a program that can't choose one by itself.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}
	return port, nil
}

// Listen listens on a TCP address. Where the port is taken, the error names who holds it.
func Listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, taken(address)
	}
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", address, err)
	}
	return l, nil
}

// CheckPort says whether a program could listen on an address, and if not, who holds it.
func CheckPort(address string) error {
	l, err := Listen(address)
	if err != nil {
		return err
	}
	return l.Close()
}

// ErrTaken is that another program listens on an address.
var ErrTaken = errors.New("stop it, or choose another address")

func taken(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("address %s: %w", address, err)
	}
	if who := holder(port); who != "" {
		return fmt.Errorf("%s is taken by %s: %w", address, who, ErrTaken)
	}
	return fmt.Errorf("%s is taken by another program: %w", address, ErrTaken)
}
