package runner

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
)

// NoFD stands for a descriptor of the null device.
const NoFD = -1

// StartDetached starts a command in a session of its own, so that what is typed, the end of the terminal, and the end
// of this process group do not reach it. Its standard error is the null device.
func StartDetached(command Command, in, out int) (*Child, error) {
	null, err := unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: os.DevNull, Err: err}
	}
	defer fdio.Close(null)
	stdio := [...]int{in, out}
	for i, fd := range stdio {
		if fd == NoFD {
			stdio[i] = null
		}
	}
	return Start(command, stdio[0], stdio[1], null, &syscall.SysProcAttr{Setsid: true})
}
