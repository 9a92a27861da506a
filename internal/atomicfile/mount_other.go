//go:build !linux

package atomicfile

// isMountRoot does not know: the system has no call that tells of one file.
func isMountRoot(int, string) bool { return false }
