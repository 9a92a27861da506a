package transcript

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"syscall"
)

// entries gives the entries of the conversation in the transcript at path, the newest first. Only the end of the file
// is read, at most maxBack bytes of it. A missing file has none. The file is open while the loop runs.
func entries(path string) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		f, size, err := openRegular(path)
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			yield(entry{}, fmt.Errorf("reading the transcript: %w", err))
			return
		}
		defer f.Close() // read only: nothing can be lost
		for e, err := range newBackward(f, size).entries() {
			if err != nil {
				err = fmt.Errorf("reading the transcript %s: %w", path, err)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// openRegular opens a regular file for reading, without ever waiting: not on a FIFO that was put in its place.
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
