package runner

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// spoolInMemory is how much input is kept in memory before a file is used, in bytes.
const spoolInMemory = 1 << 20

// spool holds the input that a repeat would need. It belongs to one goroutine at a time; Stdin's mutex sees to that.
type spool struct {
	dir  string
	mem  []byte
	file *os.File // has no name; holds everything once memory is full
	size int64
}

// add appends p.
func (k *spool) add(p []byte) error {
	if k.file == nil && len(k.mem)+len(p) > spoolInMemory {
		f, err := UnnamedFile(k.dir)
		if err != nil {
			return err
		}
		k.file, k.size, p, k.mem = f, 0, append(k.mem, p...), nil
	}
	k.size += int64(len(p))
	if k.file == nil {
		k.mem = append(k.mem, p...)
		return nil
	}
	_, err := k.file.Write(p)
	return err
}

// ReadAt is io.ReaderAt over what was kept.
func (k *spool) ReadAt(p []byte, off int64) (int, error) {
	if off >= k.size {
		return 0, io.EOF
	}
	if k.file != nil {
		return k.file.ReadAt(p[:min(int64(len(p)), k.size-off)], off)
	}
	return copy(p, k.mem[off:]), nil
}

func (k *spool) drop() {
	if k.file != nil {
		k.file.Close()
	}
	k.mem, k.file, k.size = nil, nil, 0
}

// UnnamedFile makes a file that no other process can open and that is gone with its descriptor, however this process
// ends.
func UnnamedFile(dir string) (*os.File, error) {
	if dir == "" {
		dir = os.TempDir()
	}
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
