// Package cache keeps results in small files of the state directory, so that they need not be worked out again: the
// output of `status` (Answer), and what other packages can recreate at any time.
//
// Package early imports it, so it imports no package with much initialisation: not fmt, strings or encoding/json. A
// test of package early checks that.
package cache

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strconv"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/create"
)

// Stamp identifies the content of a file: every write and every rename changes it. The zero Stamp is that of a file
// that does not exist.
type Stamp struct {
	Inode   uint64
	Size    int64 // -1 when the file cannot be examined
	Changed int64 // nanoseconds since 1970
}

// StampOf returns the stamp of the file name. It follows links.
func StampOf(name string) Stamp {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return Stamp{}
	case err != nil:
		return Stamp{Size: -1}
	}
	return StampIn(info)
}

// StampIn returns the stamp in what os.Stat or os.Lstat has returned.
func StampIn(info fs.FileInfo) Stamp {
	st := info.Sys().(*syscall.Stat_t) // always, on Unix
	return Stamp{Inode: uint64(st.Ino), Size: st.Size, Changed: changeTime(st)}
}

var errNotOurs = errors.New("not a small file of this user")

// maxSize is the largest file that is read, in bytes.
const maxSize = 64 << 10

// Read reads a file that only this user can have written. It does not wait for a FIFO. It avoids os.File, which would
// set up polling.
func Read(name string) (string, error) {
	fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	defer syscall.Close(fd) // nothing was written
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		return "", err
	}
	ours := int(st.Uid) == os.Geteuid() && st.Mode&0o022 == 0
	if st.Mode&syscall.S_IFMT != syscall.S_IFREG || st.Size > maxSize || !ours {
		return "", errNotOurs
	}
	text := make([]byte, st.Size)
	n, err := syscall.Read(fd, text)
	if err != nil || n < len(text) { // the file is never written in place
		return "", errNotOurs
	}
	return string(text), nil
}

// Replace replaces the content of the file name atomically. The file has mode 0600 from the start, and the modification
// time unless that is zero. A missing directory is created. Nothing is synced: after a power cut the file may
// be empty or old, which its readers notice and replace.
func Replace(name string, data []byte, modified time.Time) error {
	tmp, err := createTemporary(name)
	if errors.Is(err, fs.ErrNotExist) {
		if err := create.Dirs(path.Dir(name)); err != nil {
			return err
		}
		tmp, err = createTemporary(name)
	}
	if err != nil {
		return err
	}
	if err = create.Give(tmp); err == nil {
		_, err = tmp.Write(data)
	}
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil && !modified.IsZero() {
		err = os.Chtimes(tmp.Name(), modified, modified)
	}
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		_ = os.Remove(tmp.Name()) // the first error counts
		return err
	}
	removeAbandoned(name)
	return nil
}

// triesForName bounds the search for an unused temporary name.
const triesForName = 100

// createTemporary creates name.tmp.<pid>.<n>. It skips the files that a killed process with the same pid has left.
func createTemporary(name string) (*os.File, error) {
	prefix := name + ".tmp." + strconv.Itoa(os.Getpid()) + "."
	for i := 0; ; i++ {
		file, err := os.OpenFile(prefix+strconv.Itoa(i), os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
		if err == nil || !errors.Is(err, fs.ErrExist) || i == triesForName {
			return file, err
		}
	}
}

// removeAbandoned removes the temporary files of killed processes. It may also remove one of a running process in
// another pid namespace; that process does not replace the file then.
func removeAbandoned(name string) {
	dir, err := os.Open(path.Dir(name))
	if err != nil {
		return // the files do no harm
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1) // as many as could be read
	prefix := path.Base(name) + ".tmp."
	for _, other := range names {
		if len(other) <= len(prefix) || other[:len(prefix)] != prefix {
			continue
		}
		number := other[len(prefix):]
		pid, err := strconv.Atoi(number[:len(number)-len(path.Ext(number))])
		if err == nil && pid > 1 && syscall.Kill(pid, 0) == syscall.ESRCH {
			_ = os.Remove(path.Join(path.Dir(name), other))
		}
	}
}
