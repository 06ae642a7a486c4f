package stack

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// owner is the unprivileged user that PostgreSQL runs as when we are root: it refuses to run as root, and rightly so.
// A nil owner is ourselves.
type owner struct{ uid, gid int }

// databaseOwner returns nil unless we are root; then it is the user postgres, or nobody on a machine without one.
func databaseOwner() (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		who, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL can't run as root, and this machine has no user postgres or nobody: %w", err)
	}
	uid, err := strconv.Atoi(who.Uid)
	if err != nil {
		return nil, fmt.Errorf("user %s: %w", who.Username, err)
	}
	gid, err := strconv.Atoi(who.Gid)
	if err != nil {
		return nil, fmt.Errorf("user %s: %w", who.Username, err)
	}
	return &owner{uid: uid, gid: gid}, nil
}

func (o *owner) credential() *syscall.Credential {
	if o == nil {
		return nil
	}
	return &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)} //nolint:gosec // ids of the system's own table fit
}

// take makes the owner the owner of a file or folder.
func (o *owner) take(path string) error {
	if o == nil {
		return nil
	}
	return os.Chown(path, o.uid, o.gid)
}
