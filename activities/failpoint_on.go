//go:build sabotage

package activities

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// arrived is how many touches are at the failpoint.
var arrived atomic.Int64

// reached ends the process without warning once as many touches as told are at the failpoint that PERENNIAL_FAILPOINT names, such as "calling@4". Those that are
// there before the last one wait for it.
func reached(at failpoint) {
	name, touches, _ := strings.Cut(os.Getenv("PERENNIAL_FAILPOINT"), "@")
	if name != string(at) {
		return
	}
	if most, _ := strconv.ParseInt(touches, 10, 64); arrived.Add(1) >= most {
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
	}
	select {}
}
