package runner

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// Null stands for a descriptor of the null device.
const Null = -1

// StartDetached starts a command in a session of its own, so that what is typed, and the end of the terminal, do not
// reach it. Its standard error is the null device.
func StartDetached(command Command, in, out int) (*Child, error) {
	null, err := unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: os.DevNull, Err: err}
	}
	defer fdio.Close(null)
	stdio := [...]int{in, out}
	for i, fd := range stdio {
		if fd == Null {
			stdio[i] = null
		}
	}
	return Start(command, stdio[0], stdio[1], null, &syscall.SysProcAttr{Setsid: true})
}

// Self is a command of this program itself, exe, on the same credentials file, to be started in the background.
func Self(exe string, p paths.Paths, env paths.Env, args ...string) Command {
	env = env.Without(paths.EnvInside)
	if p.FileNamed { // with the variable alone it would use the keychain, where there is one
		args = append([]string{"--file", p.Credentials}, args...)
	} else {
		env = env.With(paths.EnvFile, p.Credentials)
	}
	return Command{Path: exe, Args: args, Env: env.Environ()}
}
