package fdio

import "golang.org/x/sys/unix"

// Gone is what a Wait finds, asked for or not, where the other end has closed (for the write end of a pipe: the
// last reader has).
const Gone = unix.POLLERR | unix.POLLHUP | unix.POLLNVAL

// For is one descriptor to await for events: unix.POLLIN, unix.POLLOUT, or 0 for Gone alone. A negative one is skipped.
func For(fd int, events int16) unix.PollFd { return unix.PollFd{Fd: int32(fd), Events: events} }

// Readable reports whether fd can be read without waiting, within timeout milliseconds.
func Readable(fd, timeout int) bool {
	n, err := Wait([]unix.PollFd{For(fd, unix.POLLIN)}, timeout)
	return n > 0 && err == nil
}
