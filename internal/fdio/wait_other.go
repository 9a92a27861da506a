//go:build !linux

package fdio

import "golang.org/x/sys/unix"

// Wait waits for an event on one of fds, at most timeout milliseconds (-1: without limit), and returns how many of them
// have one.
//
// It uses select, because poll does not work on the terminals of macOS. Select does not report Gone: a closed end
// counts as readable or writable, and the read or write then fails.
func Wait(fds []unix.PollFd, timeout int) (int, error) {
	for {
		var r, w unix.FdSet
		last := -1
		for _, f := range fds {
			if f.Fd >= 0 && f.Events&unix.POLLIN != 0 {
				r.Set(int(f.Fd))
			}
			if f.Fd >= 0 && f.Events&unix.POLLOUT != 0 {
				w.Set(int(f.Fd))
			}
			last = max(last, int(f.Fd))
		}
		var limit *unix.Timeval
		if timeout >= 0 {
			t := unix.NsecToTimeval(int64(timeout) * 1e6)
			limit = &t
		}
		n, err := unix.Select(last+1, &r, &w, nil, limit)
		if err == unix.EINTR {
			continue
		}
		for i, f := range fds {
			fds[i].Revents = 0
			if f.Fd >= 0 && r.IsSet(int(f.Fd)) {
				fds[i].Revents |= unix.POLLIN
			}
			if f.Fd >= 0 && w.IsSet(int(f.Fd)) {
				fds[i].Revents |= unix.POLLOUT
			}
		}
		return max(n, 0), err
	}
}

// ReadNow is Read; see its Linux version.
func ReadNow(fd int, p []byte) (int, error) { return Read(fd, p) }
