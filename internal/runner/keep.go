package runner

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// keepInMemory is how much input is kept in memory before a file is used, in bytes.
const keepInMemory = 1 << 20

// keep holds the input that a repeat would need. It belongs to one goroutine at a time; Stdin's mutex sees to that.
type keep struct {
	dir  string
	mem  []byte
	file *os.File // has no name; holds everything once memory is full
	size int64
}

// add appends p.
func (k *keep) add(p []byte) error {
	if k.file == nil && len(k.mem)+len(p) <= keepInMemory {
		k.mem = append(k.mem, p...)
		k.size += int64(len(p))
		return nil
	}
	if k.file == nil {
		f, err := unnamedFile(k.dir)
		if err != nil {
			return err
		}
		if _, err := f.Write(k.mem); err != nil {
			f.Close()
			return fmt.Errorf("keep standard input: %w", err)
		}
		k.file, k.mem = f, nil
	}
	if _, err := k.file.WriteAt(p, k.size); err != nil {
		return fmt.Errorf("keep standard input: %w", err)
	}
	k.size += int64(len(p))
	return nil
}

// readAt is io.ReaderAt over what was kept.
func (k *keep) readAt(p []byte, off int64) (int, error) {
	if off >= k.size {
		return 0, io.EOF
	}
	if k.file != nil {
		return k.file.ReadAt(p[:min(int64(len(p)), k.size-off)], off)
	}
	return copy(p, k.mem[off:]), nil
}

func (k *keep) drop() {
	if k.file != nil {
		k.file.Close()
	}
	k.mem, k.file, k.size = nil, nil, 0
}

// unnamedFile makes a file that nobody else can open and that is gone with its descriptor, however this process ends.
func unnamedFile(dir string) (*os.File, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	if fd, err := openUnnamed(dir); err == nil {
		return os.NewFile(uintptr(fd), dir+"/(standard input)"), nil
	}
	f, err := os.CreateTemp(dir, ".claude-auth-stdin-*") // O_EXCL, 0600
	if err != nil {
		return nil, fmt.Errorf("keep standard input: %w", err)
	}
	if err := unix.Unlink(f.Name()); err != nil {
		f.Close()
		return nil, fmt.Errorf("keep standard input: %w", err)
	}
	return f, nil
}
