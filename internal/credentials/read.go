package credentials

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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
	data, info, err := atomicfile.ReadRegular(path, MaxSize)
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
		s.Doc, s.Err = nil, fmt.Errorf("read %s: %w", path, bare(err))
	}
	return s
}

// bare takes the path out of a *fs.PathError: the caller names the file.
func bare(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
