package runner

import "golang.org/x/sys/unix"

// live carries the live input.
func (f *feed) live() {
	if f.exact() {
		_, _ = unix.FcntlInt(uintptr(f.w), unix.F_SETPIPE_SZ, bufferSize) // refused to who has many pipes: slower then
		f.readAhead()
	}
}

// exact carries the live input piece by piece, and reports whether there is more to carry.
func (f *feed) exact() bool {
	// One page: the pipe is writable only when the child has taken everything out of it. It is refused while there is more than a page in it, which is what was
	// kept, in a repeat: there the child is known to read.
	if _, err := unix.FcntlInt(uintptr(f.w), unix.F_SETPIPE_SZ, pieceSize); err != nil {
		return true
	}
	if !f.await(f.w, pollOut) {
		return false
	}
	buf := make([]byte, pieceSize)
	socket := isSocket(f.s.fd)
	for carried := 0; carried < exactMax; {
		if !f.await(f.s.fd, pollIn) {
			return false
		}
		n, err := f.look(buf, socket)
		if err == unix.EAGAIN {
			continue // somebody else reads the same input, and was faster
		}
		if err != nil || n == 0 {
			f.markEnd()
			return false
		}
		more := f.await(f.w, pollOut)
		taken := n - unread(f.w)
		if got, err := readFull(f.s.fd, buf[:taken]); err != nil || got < taken {
			taken = got
		}
		f.keepPiece(buf[:taken])
		if !more {
			return false
		}
		carried += taken
	}
	return true
}

// look copies the next piece into the child's pipe without taking it out of ours, and returns its size; 0 is the end.
func (f *feed) look(buf []byte, socket bool) (int, error) {
	for {
		if !socket {
			n, err := unix.Tee(f.s.fd, f.w, pieceSize, unix.SPLICE_F_NONBLOCK)
			if err == unix.EINTR {
				continue
			}
			return int(n), err
		}
		n, _, err := unix.Recvfrom(f.s.fd, buf, unix.MSG_PEEK|unix.MSG_DONTWAIT)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return 0, err
		}
		return n, writeFD(f.w, buf[:n], f.wake)
	}
}

// unread is how many bytes the child has left in its pipe.
func unread(w int) int {
	n, err := unix.IoctlGetInt(w, unix.TIOCINQ)
	if err != nil {
		return 0
	}
	return n
}

func isSocket(fd int) bool {
	var st unix.Stat_t
	return unix.Fstat(fd, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFSOCK
}

// readFull reads all of p, which is known to be there.
func readFull(fd int, p []byte) (int, error) {
	done := 0
	for done < len(p) {
		n, err := readFD(fd, p[done:])
		if err == unix.EAGAIN || n == 0 {
			return done, err
		}
		if err != nil {
			return done, err
		}
		done += n
	}
	return done, nil
}
