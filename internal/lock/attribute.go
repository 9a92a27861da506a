package lock

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
)

// setAttribute sets an extended attribute. The error is errUnsupported when the file system has no attributes, or none
// for users, or no room for one.
func setAttribute(path, name string, value []byte) error {
	err := atomicfile.IgnoringEINTR(func() error { return unix.Setxattr(path, name, value, 0) })
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.ENOTSUP), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EPERM),
		errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT), errors.Is(err, unix.E2BIG):
		return errUnsupported
	}
	return &fs.PathError{Op: "set an attribute of", Path: path, Err: err}
}

// getAttribute reads an extended attribute of path itself, not of what a link points to.
func getAttribute(path, name string) ([]byte, error) {
	value := make([]byte, claude.OwnerSize)
	size := 0
	err := atomicfile.IgnoringEINTR(func() (err error) {
		size, err = unix.Lgetxattr(path, name, value)
		return err
	})
	return value[:max(size, 0)], err
}

// noAttribute reports whether an error of getAttribute means that the attribute is missing or too long to be ours.
func noAttribute(err error) bool {
	return errors.Is(err, errNoAttribute) || errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ERANGE)
}
