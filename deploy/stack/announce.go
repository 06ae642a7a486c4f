package stack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// AnnouncementFile is the name of an announcement in the folder of a stack's data.
const AnnouncementFile = "env"

// Announcement tells other programs of this machine where a stack is. It holds for as long as it is open: whoever made it holds a lock on its
// file, which ends with the process, however that ends.
type Announcement struct{ file *os.File }

// Announce writes a text for other programs into a file that only its owner can read: there may be secrets in it. It must be closed.
func Announce(path, text string) (*Announcement, error) {
	held, err := lock(path, false)
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("%s is in use by another starter: stop that one first", filepath.Dir(path))
	}
	if err != nil {
		return nil, err
	}
	if err := held.Truncate(0); err != nil {
		return nil, errors.Join(fmt.Errorf("announce what runs here: %w", err), held.Close())
	}
	if _, err := held.WriteString(text); err != nil {
		return nil, errors.Join(fmt.Errorf("announce what runs here: %w", err), held.Close())
	}
	return &Announcement{held}, nil
}

// Close ends the announcement. The file stays, and nobody goes by it any more.
func (a *Announcement) Close() error { return a.file.Close() }

// Announced returns what is announced in a file; not ok where there is none, or whoever made it is gone.
func Announced(path string) (text string, ok bool) {
	file, err := os.Open(path)
	if err != nil {
		return "", false
	}
	defer func() { _ = file.Close() }() // it was only read
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
		return "", false
	}
	read, err := os.ReadFile(path)
	return string(read), err == nil
}
