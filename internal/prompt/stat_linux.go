package prompt

import "syscall"

// mtime returns the modification time in nanoseconds since 1970.
func mtime(st *syscall.Stat_t) int64 { return st.Mtim.Nano() }
