package stack

import "syscall"

// attributes put the process into its own group and have the kernel signal it when we die.
func attributes(c Command) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: c.DeathSignal, Credential: c.owner.credential()}
}
