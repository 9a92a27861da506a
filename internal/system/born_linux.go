package system

import (
	"time"

	"golang.org/x/sys/unix"
)

// Born returns when a file was made, which no program can set. It is zero where the file system does not say. Of the
// root of an overlay, and so of a container, it is when the writable layer was made.
func Born(path string) time.Time {
	var st unix.Statx_t
	if unix.Statx(unix.AT_FDCWD, path, 0, unix.STATX_BTIME, &st) != nil || st.Mask&unix.STATX_BTIME == 0 {
		return time.Time{}
	}
	if st.Btime.Sec == 0 { // some file systems say so of what they do not know
		return time.Time{}
	}
	return time.Unix(st.Btime.Sec, int64(st.Btime.Nsec))
}
