// Package cache keeps results in small files of the state directory, so that they need not be worked out again: what
// `status` printed (Answer), and for other packages whatever they can make again at any time.
//
// Package early imports it, so it imports nothing that has much to initialise: no fmt, no strings, no encoding/json. A
// test of package early keeps it so.
package cache

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strconv"
	"syscall"
	"time"
)

// Stamp tells one content of a file from the next: every write and every rename gives it another one. The zero Stamp is
// that of a file that does not exist.
type Stamp struct {
	Inode   uint64
	Size    int64 // -1: nobody may look at the file
	Changed int64 // nanoseconds since 1970
}

// StampOf returns the stamp of the file that name leads to.
func StampOf(name string) Stamp {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return Stamp{}
	case err != nil:
		return Stamp{Size: -1}
	}
	st := info.Sys().(*syscall.Stat_t) // always, on Unix
	return Stamp{Inode: uint64(st.Ino), Size: st.Size, Changed: changeTime(st)}
}

var errNotOurs = errors.New("not a small file of this user")

// maxSize is the largest file that is read, in bytes.
const maxSize = 64 << 10

// Read reads a file that nobody but this user can have written, and does not wait for a FIFO. os.File would set up
// polling for it.
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
	if err != nil || n < len(text) { // it is never written in place: there is no second part
		return "", errNotOurs
	}
	return string(text), nil
}

// Replace makes data the content of the file name, in one step and with mode 0600 from its first instant, and gives it
// the time of modification when that is not zero. It makes the directory (0700) when it is missing. Nothing is synced:
// a power cut may leave the file empty or old, which its readers notice, and it is made again.
func Replace(name string, data []byte, modified time.Time) error {
	tmp, err := createTemporary(name)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(path.Dir(name), 0o700); err != nil {
			return err
		}
		tmp, err = createTemporary(name)
	}
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
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
		_ = os.Remove(tmp.Name()) // the first error is the one to tell
		return err
	}
	removeAbandoned(name)
	return nil
}

// triesForName bounds the search for a temporary name that is free.
const triesForName = 100

// createTemporary creates name.tmp.<pid>.<n>. It passes over what a killed process of the same number left.
func createTemporary(name string) (*os.File, error) {
	prefix := name + ".tmp." + strconv.Itoa(os.Getpid()) + "."
	for i := 0; ; i++ {
		file, err := os.OpenFile(prefix+strconv.Itoa(i), os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
		if err == nil || !errors.Is(err, fs.ErrExist) || i == triesForName {
			return file, err
		}
	}
}

// removeAbandoned removes the temporaries of processes that were killed. It may take the one of a process in another
// pid namespace for such: then that process does not replace the file this time.
func removeAbandoned(name string) {
	dir, err := os.Open(path.Dir(name))
	if err != nil {
		return // they are in nobody's way
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1) // those that could be read
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
