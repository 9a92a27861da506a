package prompt

import (
	"errors"
	"os"
	"path"
	"strconv"
	"syscall"
	"time"
)

// ErrTooLarge says that a file has more bytes than its reader wants.
var ErrTooLarge = errors.New("the file is too large")

var errNotRegular = errors.New("not a regular file")

// ReadSmall reads a regular file of at most limit bytes and returns it with what fstat says of the very file that was
// read. It never blocks: a FIFO or a device in the file's place is an error.
func ReadSmall(path string, limit int) (data []byte, st syscall.Stat_t, err error) {
	var fd int
	err = retry(func() (e error) {
		fd, e = syscall.Open(path, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
		return e
	})
	if err != nil {
		return nil, st, err
	}
	defer syscall.Close(fd) // nothing was written
	if err := retry(func() error { return syscall.Fstat(fd, &st) }); err != nil {
		return nil, st, err
	}
	switch {
	case st.Mode&syscall.S_IFMT != syscall.S_IFREG:
		return nil, st, errNotRegular
	case st.Size > int64(limit):
		return nil, st, ErrTooLarge
	}
	data, err = readAll(fd, int(st.Size), limit)
	return data, st, err
}

// readAll reads until the end: the size may have changed since it was asked for.
func readAll(fd, size, limit int) ([]byte, error) {
	data := make([]byte, 0, size+1) // one more, so that the end is met without growing
	for {
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
		var n int
		err := retry(func() (e error) {
			n, e = syscall.Read(fd, data[len(data):cap(data)])
			return e
		})
		if err != nil {
			return nil, err
		}
		if n <= 0 {
			return data, nil
		}
		if data = data[:len(data)+n]; len(data) > limit {
			return nil, ErrTooLarge
		}
	}
}

// retry calls again what a signal has interrupted.
func retry(call func() error) error {
	for {
		if err := call(); err != syscall.EINTR {
			return err
		}
	}
}

// triesForName bounds the search for a temporary name that is free.
const triesForName = 100

// replace makes data the content of the file name, in one step and with mode 0600 from its first instant, and gives it
// the time stamp when that is not nil. It makes the directory (0700) when it is missing. Nothing is synced: a
// power cut may leave the file empty or old, which its readers notice, and it is made again.
func replace(name string, data []byte, stamp *time.Time) error {
	dir := path.Dir(name)
	tmp, err := createTemporary(name)
	if errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
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
	if err == nil && stamp != nil {
		err = os.Chtimes(tmp.Name(), *stamp, *stamp)
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

// removeAbandoned removes the temporaries of processes that were killed. One of another pid namespace may be taken for
// such: then its file is not replaced this time.
func removeAbandoned(name string) {
	dir, err := os.Open(path.Dir(name))
	if err != nil {
		return // they are in nobody's way
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1) // those that could be read
	for _, other := range names {
		if pid := temporaryOf(other, path.Base(name)); pid > 1 && syscall.Kill(pid, 0) == syscall.ESRCH {
			_ = os.Remove(path.Join(path.Dir(name), other))
		}
	}
}

// temporaryOf returns whose temporary for the file base this is; 0 when it is none. Package strings would need more to be
// initialised before an answer can be given.
func temporaryOf(name, base string) int {
	prefix := base + ".tmp."
	if len(name) <= len(prefix) || name[:len(prefix)] != prefix {
		return 0
	}
	number := fields{text: name[len(prefix):]}
	pid, err := strconv.Atoi(number.cut('.', false))
	if err != nil || number.bad {
		return 0
	}
	return pid
}

// createTemporary creates name.tmp.<pid>.<n>. What a killed process left under such a name is passed over; the next
// process of that number takes the next free name.
func createTemporary(name string) (*os.File, error) {
	prefix := name + ".tmp." + strconv.Itoa(os.Getpid()) + "."
	for i := 0; ; i++ {
		file, err := os.OpenFile(prefix+strconv.Itoa(i), os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
		if err == nil || !errors.Is(err, os.ErrExist) || i == triesForName {
			return file, err
		}
	}
}
