package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// TooLargeError says that a file, or the text for one, has more bytes than the limit for reading it.
type TooLargeError struct{ Size, Limit int64 }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("it is too large: it has %d bytes, and the limit is %d", e.Size, e.Limit)
}

// OpenRegular opens a regular file for reading, and never waits, whatever path names. The info is that of the opened
// file.
//
// The error is a *NotRegularError for a directory, a FIFO, a device and a socket. The info is then set, and also for a
// file that may not be opened. It is nil when nothing is there.
func OpenRegular(path string) (*os.File, fs.FileInfo, error) {
	info, err := os.Stat(path) // only a look: to open a FIFO would wake its writer, and a device may act
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, info, &NotRegularError{Path: path, Mode: info.Mode().Type()}
	}
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	if err != nil {
		return nil, info, err
	}
	info, err = file.Stat() // another file may have taken its place
	if err == nil && !info.Mode().IsRegular() {
		err = &NotRegularError{Path: path, Mode: info.Mode().Type()}
	}
	if err != nil {
		_ = file.Close() // the first error says more
		return nil, info, err
	}
	return file, info, nil
}

// rereads bounds how often ReadRegular reads a file again because another process wrote it meanwhile.
const rereads = 12

// ReadRegular reads a regular file of at most limit bytes, following links. When another process writes the file
// meanwhile it reads again, a few times. It never waits. The error is that of OpenRegular, or wraps a *TooLargeError
// for a larger file.
func ReadRegular(path string, limit int64) ([]byte, fs.FileInfo, error) {
	file, info, err := OpenRegular(path)
	if err != nil {
		return nil, info, err
	}
	defer file.Close()
	for attempt := 0; ; attempt++ {
		data, err := readAll(file, info.Size(), limit)
		if err != nil {
			return nil, info, &fs.PathError{Op: "read", Path: path, Err: err}
		}
		before := info
		if info, err = file.Stat(); err != nil {
			return nil, before, err
		}
		if attempt == rereads || info.Size() == int64(len(data)) && info.ModTime().Equal(before.ModTime()) {
			return data, info, nil
		}
	}
}

// readAll reads the file from its beginning to its end. Size is what it had a moment ago.
func readAll(file *os.File, size, limit int64) ([]byte, error) {
	if size > limit {
		return nil, &TooLargeError{Size: size, Limit: limit}
	}
	var data bytes.Buffer
	data.Grow(int(size) + bytes.MinRead) // so that ReadFrom meets the end without growing the buffer
	n, err := data.ReadFrom(io.NewSectionReader(file, 0, limit+1))
	if n > limit {
		return nil, &TooLargeError{Size: n, Limit: limit}
	}
	return data.Bytes(), err
}
