package runner

import (
	"syscall"
	"unsafe"
)

// readReady is readFD for a descriptor that is non-blocking, without telling Go's scheduler of a call that cannot block: at a
// terminal's full speed that costs as much as the looking.
func readReady(fd int, p []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		default:
			return 0, errno
		}
	}
}
