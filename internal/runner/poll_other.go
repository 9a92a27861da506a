//go:build !linux

package runner

import "golang.org/x/sys/unix"

// waitFDs waits until one of fds has what it wants, or for timeout milliseconds (-1: for ever), and returns how many have.
//
// It uses select, because poll on macOS does not know terminals. select has no word for "the other end is gone": that shows as
// readable or writable, and the read or write says it.
func waitFDs(fds []waitFD, timeout int) (int, error) {
	for {
		var r, w unix.FdSet
		last := -1
		for _, f := range fds {
			if f.fd < 0 {
				continue
			}
			if f.want&pollIn != 0 {
				r.Set(f.fd)
			}
			if f.want&pollOut != 0 {
				w.Set(f.fd)
			}
			last = max(last, f.fd)
		}
		var tv *unix.Timeval
		if timeout >= 0 {
			t := unix.NsecToTimeval(int64(timeout) * 1e6)
			tv = &t
		}
		n, err := unix.Select(last+1, &r, &w, nil, tv)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return 0, err
		}
		for i, f := range fds {
			fds[i].got = 0
			if f.fd < 0 {
				continue
			}
			if f.want&pollIn != 0 && r.IsSet(f.fd) {
				fds[i].got |= pollIn
			}
			if f.want&pollOut != 0 && w.IsSet(f.fd) {
				fds[i].got |= pollOut
			}
		}
		return n, nil
	}
}
