package atomicfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func FuzzTarget(f *testing.F) {
	f.Add("file", "link")
	f.Add("../a/./b/..", "x")
	f.Add("link/..", "link")
	f.Fuzz(func(t *testing.T, to, name string) {
		if strings.ContainsAny(name, "/\x00") || name == "" || name == "." || name == ".." || len(name) > 255 {
			return
		}
		dir := newDir(t)
		mkdir(t, filepath.Join(dir, "a", "b"))
		path := filepath.Join(dir, name)
		if os.Symlink(to, path) != nil {
			return
		}
		target, err := Target(path)
		if err != nil {
			return
		}
		// The reference is the kernel: what it finds by both names must be the same.
		a, errA := os.Stat(path)
		b, errB := os.Lstat(target)
		if (errA == nil) != (errB == nil) || errA == nil && !os.SameFile(a, b) {
			t.Errorf("%q -> %q: Target says %q; %v, %v", name, to, target, errA, errB)
		}
	})
}
