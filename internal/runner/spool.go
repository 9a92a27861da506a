package runner

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// spoolInMemory is how much input is kept in memory before a file is used, in bytes.
const spoolInMemory = 1 << 20

// spoolMost is how much input is kept at most, in bytes. The directory of temporary files may be small, and in memory.
const spoolMost = 256 << 20

// errTooLarge says that there is more input than is kept.
var errTooLarge = fmt.Errorf("it is larger than %d MiB", spoolMost>>20)

// spool holds the input that a repeat would need. It belongs to one goroutine at a time; Stdin's mutex sees to that.
type spool struct {
	dir  string
	most int64 // how much it takes
	size int64
	mem  []byte
	file *os.File // has no name; holds everything once memory is full
}

// add appends p. After an error a part of the input is missing.
func (k *spool) add(p []byte) error {
	if k.size += int64(len(p)); k.size > k.most {
		return errTooLarge
	}
	if k.file == nil && len(k.mem)+len(p) > spoolInMemory {
		f, err := UnnamedFile(k.dir)
		if err != nil {
			return err
		}
		k.file, p, k.mem = f, append(k.mem, p...), nil
	}
	if k.file == nil {
		k.mem = append(k.mem, p...)
		return nil
	}
	_, err := k.file.Write(p)
	return err
}

// reader reads everything that was kept.
func (k *spool) reader() io.Reader {
	if k.file != nil {
		return io.NewSectionReader(k.file, 0, math.MaxInt64)
	}
	return bytes.NewReader(k.mem)
}

func (k *spool) drop() {
	if k.file != nil {
		k.file.Close()
	}
	k.mem, k.file = nil, nil
}

// UnnamedFile makes a file on the disk of dir that no other process can open. It is gone with its descriptor, however
// this process ends.
func UnnamedFile(dir string) (*os.File, error) {
	if fd, err := openUnnamed(dir); err == nil {
		return os.NewFile(uintptr(fd), dir+"/(standard input)"), nil
	}
	f, err := os.CreateTemp(dir, ".claude-auth-stdin-*") // O_EXCL, 0600
	if err != nil {
		return nil, err
	}
	if err := unix.Unlink(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
