package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestMountedFile(t *testing.T) {
	if got := inOwnMounts(t, helper("mounted", newDir(t))); got != "ok" {
		t.Error(got)
	}
}

// helpMounted tries files that are mount points: of the same file system, of another that gets full, and read-only. It
// returns "ok" or what went wrong.
func helpMounted(dir string) string {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return "mount: " + err.Error()
	}
	small, same, path := filepath.Join(dir, "small"), filepath.Join(dir, "same"), filepath.Join(dir, "file")
	err := errors.Join(os.Mkdir(small, 0o700), unix.Mount("tmpfs", small, "tmpfs", 0, "size=64k,mode=0700"))
	if err != nil {
		return "mount: " + err.Error()
	}
	for _, source := range []string{same, filepath.Join(small, "other")} {
		err := errors.Join(os.WriteFile(source, []byte("old"), 0o600), os.WriteFile(path, nil, 0o600),
			unix.Mount(source, path, "", unix.MS_BIND, ""))
		if err != nil {
			return "mount: " + err.Error()
		}
		if got := tryMounted(path); got != "" {
			return source + ": " + got
		}
		if err := unix.Unmount(path, 0); err != nil {
			return "unmount: " + err.Error()
		}
	}
	return "ok"
}

func tryMounted(path string) string {
	if !IsMountPoint(path) || IsMountPoint(filepath.Dir(path)) {
		return "not known as a mount point"
	}
	p, err := openPlace(path, false)
	if err != nil {
		return err.Error()
	}
	defer p.close()
	if err := p.replace(path, []byte("new"), Options{Mode: 0o600}); !errors.Is(err, unix.EBUSY) {
		return "a rename over it: " + classify(err)
	}
	for _, text := range []string{"new and longer", "new"} {
		if err := Write(path, []byte(text), Options{}); err != nil {
			return err.Error()
		}
		if data, err := os.ReadFile(path); err != nil || string(data) != text {
			return "it has " + string(data)
		}
	}
	if err := Remove(path); !errors.Is(err, unix.EBUSY) {
		return "a removal: " + classify(err)
	}
	if got := tryFull(path); got != "" {
		return got
	}
	if err := unix.Mount("", path, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""); err != nil {
		return "mount: " + err.Error()
	}
	if got := classify(Write(path, []byte("old"), Options{})); got != "read-only" {
		return "a write to a read-only mount: " + got
	}
	if err := CheckReadOnly(path); err == nil || err.Mount != path || !err.IsFile {
		return "not known as read-only"
	}
	return leftOf(path, "new")
}

// tryFull writes more than fits on the small disk.
func tryFull(path string) string {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return err.Error()
	}
	if st.Blocks*uint64(st.Bsize) > 1<<20 {
		return ""
	}
	before, err := os.Stat(path)
	if err != nil {
		return err.Error()
	}
	if got := classify(Write(path, make([]byte, 1<<20), Options{})); got != "no space" {
		return "a write that is too large: " + got
	}
	after, err := os.Stat(path)
	if err != nil || !after.ModTime().Equal(before.ModTime()) {
		return "another time after it"
	}
	return leftOf(path, "new")
}

// leftOf says what is wrong when the file has not that content, or its directory has anything of ours.
func leftOf(path, content string) string {
	if data, err := os.ReadFile(path); err != nil || string(data) != content {
		return "the file has " + string(data)
	}
	names, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".claude-auth.*"))
	if err != nil || names != nil {
		return "left: " + names[0]
	}
	return ""
}
