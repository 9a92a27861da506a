package lock

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/unix"
)

// setAttribute sets an extended attribute. Where the file system has none, or not for users, or no room for one, the
// error is errUnsupported: a lock can do without.
func setAttribute(path, name string, value []byte) error {
	err := ignoringEINTR(func() error { return unix.Setxattr(path, name, value, 0) })
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.ENOTSUP), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EPERM), errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT), errors.Is(err, unix.E2BIG):
		return errUnsupported
	}
	return &fs.PathError{Op: "set an attribute of", Path: path, Err: err}
}

// getAttribute reads an extended attribute of at most limit bytes, not following a link.
func getAttribute(path, name string, limit int) ([]byte, error) {
	value := make([]byte, limit)
	var size int
	err := ignoringEINTR(func() (err error) {
		size, err = unix.Lgetxattr(path, name, value)
		return err
	})
	if err != nil {
		return nil, err
	}
	return value[:size], nil
}
