package hooks

import (
	"os"

	"golang.org/x/sys/unix"
)

// ParentName returns the name of the process that started this one, or "" when it cannot be known.
func ParentName() string {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", os.Getppid())
	if err != nil {
		return "" // a parent that has just ended: $SHELL decides
	}
	return unix.ByteSliceToString(info.Proc.P_comm[:])
}
