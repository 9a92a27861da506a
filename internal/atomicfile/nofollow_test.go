package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestNoFollow: a link in the file's place stays, and so does what it leads to. A link on the way to the directory is
// no obstacle.
func TestNoFollow(t *testing.T) {
	dir := newDir(t)
	theirs := filepath.Join(dir, "theirs")
	if err := os.WriteFile(theirs, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	shared := mkdir(t, filepath.Join(dir, "shared"))
	if err := os.Symlink(shared, filepath.Join(dir, "way")); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"link": theirs, "dangling": filepath.Join(dir, "new")} {
		path := filepath.Join(dir, "way", name)
		if err := os.Symlink(to, path); err != nil {
			t.Fatal(err)
		}
		if err := Write(path, []byte("x"), Options{NoFollow: true}); !errors.Is(err, errIsLink) {
			t.Errorf("%s: %v", name, err)
		}
		if now, err := os.Readlink(path); now != to {
			t.Errorf("%s is a link to %q, %v", name, now, err)
		}
	}
	wantNames(t, dir, "shared", "theirs", "way")
	if text, err := os.ReadFile(theirs); string(text) != "precious" {
		t.Errorf("%q, %v", text, err)
	}
	path := filepath.Join(dir, "way", "file")
	for range 2 {
		if err := Write(path, []byte("x"), Options{NoFollow: true}); err != nil {
			t.Error(err)
		}
	}
	t.Chdir(dir)
	if err := Write("way/file", []byte("y"), Options{NoFollow: true}); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(path); string(text) != "y" {
		t.Errorf("%q, %v", text, err)
	}
}
