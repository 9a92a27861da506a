//go:build darwin || freebsd

package cache

import "syscall"

// changeTime returns the time of change in nanoseconds since 1970.
func changeTime(st *syscall.Stat_t) int64 { return st.Ctimespec.Nano() }
