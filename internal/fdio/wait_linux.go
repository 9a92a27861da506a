package fdio

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Wait waits until one of fds has what is awaited, or for timeout milliseconds (-1: for ever), and returns how many
// have.
func Wait(fds []unix.PollFd, timeout int) (int, error) {
	for {
		n, err := unix.Poll(fds, timeout)
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// ReadNow is Read for a non-blocking descriptor. It does not tell Go's scheduler about the call, which cannot block:
// at a terminal's full speed that costs as much as scanning the output.
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
