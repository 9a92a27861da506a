package runner

import "golang.org/x/sys/unix"

// waitFDs waits until one of fds has what it wants, or for timeout milliseconds (-1: for ever), and returns how many have.
func waitFDs(fds []waitFD, timeout int) (int, error) {
	var buf [4]unix.PollFd
	p := buf[:len(fds)]
	for i, f := range fds {
		p[i] = unix.PollFd{Fd: int32(f.fd)}
		if f.want&pollIn != 0 {
			p[i].Events |= unix.POLLIN
		}
		if f.want&pollOut != 0 {
			p[i].Events |= unix.POLLOUT
		}
	}
	n, err := unix.Poll(p, timeout)
	for err == unix.EINTR {
		n, err = unix.Poll(p, timeout)
	}
	if err != nil {
		return 0, err
	}
	for i := range fds {
		fds[i].got = 0
		if p[i].Revents&unix.POLLIN != 0 {
			fds[i].got |= pollIn
		}
		if p[i].Revents&unix.POLLOUT != 0 {
			fds[i].got |= pollOut
		}
		if p[i].Revents&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) != 0 {
			fds[i].got |= pollGone
		}
	}
	return n, nil
}
