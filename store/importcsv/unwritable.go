package importcsv

import (
	"errors"
	"io/fs"
	"syscall"
)

// unwritable says whether an error means that nothing can be written in a folder: not ours, or on a medium that is read only.
func unwritable(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}
