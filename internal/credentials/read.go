package credentials

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

// A file that is no document is read again this often while it may still be in somebody's hands: the client renames
// a whole file into place, but editors, shells and backups write into it.
const (
	readAttempts = 12
	readPause    = 25 * time.Millisecond
	settledAfter = 2 * time.Second // a file not written for so long is not half-written any more
)

// Read implements Store.
func (f *FileStore) Read(ctx context.Context) (Snapshot, error) {
	var s Snapshot
	for attempt := 1; ; attempt++ {
		if err := ctx.Err(); err != nil {
			return Snapshot{Path: f.Path, Err: err}, err
		}
		s = readFile(f.Path)
		if !s.Corrupt() || attempt == readAttempts || f.now().Sub(s.ModTime).Abs() > settledAfter {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(readPause):
		}
	}
	if s.Err != nil && !s.Corrupt() {
		return s, s.Err
	}
	return s, nil
}

// readFile reads the file once. It opens nothing but a regular file: a FIFO would block, a device might act.
func readFile(path string) Snapshot {
	s := Snapshot{Path: path}
	data, info, err := readRegular(path, MaxSize)
	if errors.Is(err, fs.ErrNotExist) {
		s.Doc = Empty()
		return s
	}
	s.Exists = true
	if info != nil {
		s.Mode, s.ModTime, s.Size = info.Mode(), info.ModTime(), info.Size()
		if stat, ok := info.Sys().(*syscall.Stat_t); ok {
			s.UID = stat.Uid
		}
	}
	if err == nil {
		s.Data = data
		s.Doc, err = Parse(data)
	}
	if err != nil {
		s.Doc, s.Err = nil, fmt.Errorf("read %s: %w", path, err)
	}
	return s
}

// readRegular reads a regular file of up to most bytes, all of it from one moment: a file that changes while it is
// read is read again, a few times.
func readRegular(path string, most int64) ([]byte, fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, bare(err)
	}
	if !info.Mode().IsRegular() {
		return nil, info, &atomicfile.NotRegularError{Path: path, Mode: info.Mode().Type()}
	}
	// Between the look and the opening something else may have come in the file's place: hence O_NONBLOCK, and fstat.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, info, bare(err)
	}
	defer file.Close()
	for attempt := 1; ; attempt++ {
		before, err := file.Stat()
		if err != nil {
			return nil, info, bare(err)
		}
		if !before.Mode().IsRegular() {
			return nil, before, &atomicfile.NotRegularError{Path: path, Mode: before.Mode().Type()}
		}
		if before.Size() > most {
			return nil, before, &TooLargeError{Size: before.Size()}
		}
		data, err := readAll(file, before.Size(), most)
		if err != nil {
			return nil, before, bare(err)
		}
		after, err := file.Stat()
		if err != nil {
			return nil, before, bare(err)
		}
		if attempt == readAttempts || after.Size() == int64(len(data)) && after.ModTime().Equal(before.ModTime()) {
			return data, after, nil
		}
	}
}

// readAll reads the file from its beginning, one byte above most at most, so that what grew is seen to be too large.
func readAll(file *os.File, size, most int64) ([]byte, error) {
	var buffer bytes.Buffer
	buffer.Grow(int(size) + bytes.MinRead)
	_, err := io.Copy(&buffer, io.NewSectionReader(file, 0, most+1))
	return buffer.Bytes(), err
}

// bare takes the path out of a *fs.PathError: the caller names the file.
func bare(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
