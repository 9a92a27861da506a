package secret

import "golang.org/x/sys/unix"

// KeepFromDumps keeps what this process holds out of core dumps, and its memory and environment from other processes of
// the same user that are not root's debuggers. It is for this process alone: a program that it starts or becomes is as
// it would be without it, which a limit on the size of core files would not be.
func KeepFromDumps() {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) // cannot fail with this argument
}
