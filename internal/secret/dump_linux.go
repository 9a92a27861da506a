package secret

import "golang.org/x/sys/unix"

// KeepFromDumps keeps the memory of this process out of core dumps, and its memory and environment from other processes
// of the same user. It does not affect a program that this process starts or becomes, as a limit on the size of core
// files would.
func KeepFromDumps() {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) // cannot fail with this argument
}
