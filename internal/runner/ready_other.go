//go:build !linux

package runner

// readReady is readFD for a descriptor that is non-blocking.
func readReady(fd int, p []byte) (int, error) { return readFD(fd, p) }
