//go:build !linux

package modeless

import "errors"

// Available is false for other systems than Linux.
func Available() error { return errors.ErrUnsupported }

// Unmount is for Linux only.
func Unmount(string) error { return errors.ErrUnsupported }

// Serve is for Linux only.
func Serve(string, uint32, func()) error { return errors.ErrUnsupported }
