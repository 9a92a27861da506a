package fdio

import "golang.org/x/sys/unix"

// Gone are the events that Wait reports, also unasked, when the other end has closed: for the write end of a pipe, when
// the last reader has.
const Gone = unix.POLLERR | unix.POLLHUP | unix.POLLNVAL

// For makes Wait wait for events on fd: unix.POLLIN, unix.POLLOUT, or 0 for Gone alone. A negative fd is skipped.
func For(fd int, events int16) unix.PollFd { return unix.PollFd{Fd: int32(fd), Events: events} }

// Writable reports whether fd takes at least a byte now.
func Writable(fd int) bool {
	n, err := Wait([]unix.PollFd{For(fd, unix.POLLOUT)}, 0)
	return n > 0 && err == nil
}

// Readable reports whether fd can be read without waiting, within timeout milliseconds.
func Readable(fd, timeout int) bool {
	n, err := Wait([]unix.PollFd{For(fd, unix.POLLIN)}, timeout)
	return n > 0 && err == nil
}
