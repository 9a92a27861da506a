package fast

import "syscall"

// keepFromDumps is package secret's KeepFromDumps, without what that needs to be initialised.
func keepFromDumps() {
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_DUMPABLE, 0, 0) // cannot fail with this argument
}
