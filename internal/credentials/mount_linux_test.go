package credentials

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// mountFile makes the file of a store a mount of its own.
func mountFile(t *testing.T, f *FileStore) {
	t.Helper()
	if err := unix.Mount(f.Path, f.Path, "", unix.MS_BIND, ""); err != nil {
		t.Skipf("nothing can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(f.Path, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

func replaceBy(t *testing.T, f *FileStore, data []byte) error {
	t.Helper()
	return f.Replace(t.Context(), func(Snapshot) ([]byte, error) { return data, nil })
}

// A mount point cannot be removed: what is left has no login.
func TestMountedFile(t *testing.T) {
	f := newStore(t, `{"a":"one"}`)
	mountFile(t, f)
	for _, c := range []struct {
		data []byte
		left string
	}{{[]byte(`{"a":"longer"}`), `{"a":"longer"}`}, {nil, claude.EmptyCredentials}, {nil, claude.EmptyCredentials}} {
		if err := replaceBy(t, f, c.data); err != nil || readText(t, f.Path) != c.left {
			t.Errorf("%v; the file has %q, want %q", err, readText(t, f.Path), c.left)
		}
	}
}

func TestReadOnlyMount(t *testing.T) {
	const text = `{"a":"one"}`
	f := newStore(t, text)
	mountFile(t, f)
	if err := unix.Mount("", f.Path, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	var readOnly *ReadOnlyError
	for _, data := range [][]byte{nil, []byte("{}")} {
		if err := replaceBy(t, f, data); !errors.As(err, &readOnly) || readOnly.Mount != f.Path || !readOnly.IsFile {
			t.Errorf("%v", err)
		}
	}
	if entries, err := os.ReadDir(filepath.Dir(f.Path)); err != nil || len(entries) != 1 || readText(t, f.Path) != text {
		t.Errorf("%v, %v", entries, err)
	}
}
