//go:build darwin || freebsd

package harness

import (
	"errors"

	"golang.org/x/sys/unix"
)

const getTermios = unix.TIOCGETA

// Freeze is for Linux.
func (t *Terminal) Freeze() error { return errors.ErrUnsupported }

// Still is for Linux.
func (t *Terminal) Still() error { return errors.ErrUnsupported }
