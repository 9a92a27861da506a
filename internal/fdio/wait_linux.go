package fdio

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Wait waits for an event on one of fds, at most timeout milliseconds (-1: without limit), and returns how many of them
// have one.
func Wait(fds []unix.PollFd, timeout int) (int, error) {
	for {
		n, err := unix.Poll(fds, timeout)
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// ReadNow is Read for a non-blocking descriptor. It does not tell Go's scheduler about the call, which can't block: at
// a terminal's full speed telling it costs as much as scanning the output.
func ReadNow(fd int, p []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_READ,
			uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		default:
			return 0, errno
		}
	}
}
