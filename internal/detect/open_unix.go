package detect

import (
	"fmt"
	"os"
	"syscall"
)

// openRegular opens a regular file for reading, without ever waiting: not on
// a FIFO that somebody put in its place.
func openRegular(path string) (*os.File, int64, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("open %s: not a regular file", path)
	}
	if err != nil {
		_ = f.Close() // the first error says more
		return nil, 0, err
	}
	return f, info.Size(), nil
}
