package runner

import (
	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
)

// live relays the live input.
func (r *stdinRelay) live() {
	if r.exact() {
		// The kernel refuses a large pipe to a user of many pipes: reading is slower then.
		_, _ = unix.FcntlInt(uintptr(r.w), unix.F_SETPIPE_SZ, bufferSize)
		r.readAhead()
	}
}

// exact relays the live input piece by piece, and reports whether there is more to relay.
func (r *stdinRelay) exact() bool {
	// A pipe of one page is writable only when the child has read everything in it. The kernel refuses that size while
	// the pipe holds more than a page of what was kept, in a repeat: then the child is known to read on.
	if _, err := unix.FcntlInt(uintptr(r.w), unix.F_SETPIPE_SZ, pieceSize); err != nil {
		return true
	}
	if !r.await(r.w, unix.POLLOUT) {
		return false
	}
	buf := make([]byte, pieceSize)
	socket := kindOf(r.s.fd) == unix.S_IFSOCK
	for relayed := 0; relayed < exactMax; {
		if !r.await(r.s.fd, unix.POLLIN) {
			return false
		}
		n, err := r.peek(buf, socket)
		if err == unix.EAGAIN || err == unix.EINTR {
			continue // another process that reads the same input was faster, or a signal came
		}
		if err != nil || n == 0 {
			r.markEnd()
			return false
		}
		more := r.await(r.w, unix.POLLOUT)
		taken := readFull(r.s.fd, buf[:n-unread(r.w)])
		r.keep(buf[:taken])
		if !more {
			return false
		}
		relayed += taken
	}
	return true
}

// peek copies the next piece into the child's pipe without consuming it, and returns its size; 0 is the end.
func (r *stdinRelay) peek(buf []byte, socket bool) (int, error) {
	if !socket {
		n, err := unix.Tee(r.s.fd, r.w, pieceSize, unix.SPLICE_F_NONBLOCK)
		return int(n), err
	}
	n, _, err := unix.Recvfrom(r.s.fd, buf, unix.MSG_PEEK|unix.MSG_DONTWAIT)
	if err != nil {
		return 0, err
	}
	return n, fdio.Write(r.w, buf[:n], r.wake)
}

// unread is how many bytes the child has left in its pipe.
func unread(w int) int {
	n, err := unix.IoctlGetInt(w, unix.TIOCINQ)
	if err != nil {
		return 0
	}
	return n
}

// readFull fills p and returns how much was there, which is less only when another process was faster.
func readFull(fd int, p []byte) (done int) {
	for done < len(p) {
		n, err := fdio.Read(fd, p[done:])
		if err != nil || n == 0 {
			break
		}
		done += n
	}
	return done
}
