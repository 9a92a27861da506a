package atomicfile_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

func TestReadRegular(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if _, info, err := atomicfile.ReadRegular(path, 4); !errors.Is(err, fs.ErrNotExist) || info != nil {
		t.Errorf("nothing there: %v, %v", info, err)
	}
	if err := os.WriteFile(path, []byte("1234"), 0o600); err != nil {
		t.Fatal(err)
	}
	data, info, err := atomicfile.ReadRegular(path, 4)
	if err != nil || string(data) != "1234" || info.Size() != 4 || info.Mode() != 0o600 {
		t.Errorf("read %q, %v, %v", data, info, err)
	}
	var large *atomicfile.TooLargeError
	if _, _, err := atomicfile.ReadRegular(path, 3); !errors.As(err, &large) ||
		*large != (atomicfile.TooLargeError{Size: 4, Limit: 3}) {
		t.Errorf("four bytes with a limit of three: %v", err)
	}
}

func TestReadRegularRefuses(t *testing.T) {
	dir, err := os.MkdirTemp("", "read") // the path of a socket has at most 104 bytes
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "f")
	for name, make := range map[string]func() error{
		"a directory": func() error { return os.Mkdir(path, 0o700) },
		"a FIFO":      func() error { return syscall.Mkfifo(path, 0o600) },
		"a device":    func() error { return os.Symlink("/dev/zero", path) },
		"a socket": func() error {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
			if err == nil {
				t.Cleanup(func() { l.Close() })
			}
			return err
		},
	} {
		if err := make(); err != nil {
			t.Fatal(err)
		}
		var irregular *atomicfile.NotRegularError
		_, info, err := atomicfile.ReadRegular(path, 100)
		if !errors.As(err, &irregular) || info == nil || info.Mode().Type() != irregular.Mode {
			t.Errorf("%s: %v, %v; want a *NotRegularError", name, info, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReadRegularOfNoSize reads a file whose size is 0 until it is read.
func TestReadRegularOfNoSize(t *testing.T) {
	const path = "/proc/self/status"
	if _, err := os.Stat(path); err != nil {
		t.Skip(err)
	}
	var large *atomicfile.TooLargeError
	if _, _, err := atomicfile.ReadRegular(path, 10); !errors.As(err, &large) {
		t.Errorf("more than the limit: %v", err)
	}
}

// TestReadRegularLeavesWritersAlone: a program that waits in a FIFO for its reader goes on waiting.
func TestReadRegularLeavesWritersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	opened := make(chan error, 1)
	go func() { // ends with the reader at the end of the test
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err == nil {
			err = f.Close()
		}
		opened <- err
	}()
	for range 1000 { // the writer waits in the kernel by the last of them
		if _, _, err := atomicfile.ReadRegular(path, 100); err == nil {
			t.Fatal("a FIFO was read")
		}
		time.Sleep(20 * time.Microsecond)
	}
	select {
	case err := <-opened:
		t.Fatalf("the writer was woken: %v", err)
	default:
	}
	reader, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := <-opened; err != nil {
		t.Error(err)
	}
}
