package runner

import (
	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
)

// live relays the live input.
func (r *stdinRelay) live() {
	if r.exact() {
		_, _ = unix.FcntlInt(uintptr(r.w), unix.F_SETPIPE_SZ, bufferSize) // refused to a user of many pipes: slower then
		r.readAhead()
	}
}

// exact relays the live input piece by piece, and reports whether there is more to relay.
func (r *stdinRelay) exact() bool {
	// One page: the pipe is writable only when the child has read everything from it. It is refused while there is more
	// than a page in it, which is what was kept, in a repeat: there the child is known to read.
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
		n, err := r.look(buf, socket)
		if err == unix.EAGAIN {
			continue // another process reads the same input, and was faster
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

// look copies the next piece into the child's pipe without consuming ours, and returns its size; 0 is the end.
func (r *stdinRelay) look(buf []byte, socket bool) (int, error) {
	for {
		n, err := r.peek(buf, socket)
		if err != unix.EINTR {
			return n, err
		}
	}
}

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

// readFull reads all of p, which is known to be there unless another process was faster, and returns how much it was.
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
