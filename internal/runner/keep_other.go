//go:build !linux

package runner

import "golang.org/x/sys/unix"

func openUnnamed(string) (int, error) { return -1, unix.ENOSYS }
