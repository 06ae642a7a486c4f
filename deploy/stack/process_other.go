//go:build !linux

package stack

import "syscall"

// attributes put the process into its own group; only Linux can signal it when we die.
func attributes(c Command) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: c.owner.credential()}
}
