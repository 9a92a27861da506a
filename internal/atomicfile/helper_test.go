package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The test binary is also the other processes of these tests: ATOMICFILE_TEST_HELPER says what it is to do.
func TestMain(m *testing.M) {
	if role := os.Getenv("ATOMICFILE_TEST_HELPER"); role != "" {
		fmt.Println(help(role, os.Args[1:]))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func help(role string, args []string) string {
	switch role {
	case "write":
		return classify(Write(args[0], []byte(args[1]), Options{}))
	case "rewrite for ever":
		for i := 0; ; i++ {
			if err := Write(args[0], document(i), Options{}); err != nil {
				return classify(err)
			}
		}
	case "rewrite in place for ever":
		for i := 0; ; i++ {
			if err := inPlace(args[0], pages(i), nil); err != nil {
				return classify(err)
			}
		}
	case "mounted":
		return helpMounted(args[0])
	case "fill":
		return helpFill(args[0])
	}
	return "unknown role " + role
}

// classify says what a caller can know about an error.
func classify(err error) string {
	switch {
	case err == nil:
		return "written"
	case errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT):
		return "no space"
	case errors.Is(err, unix.EROFS):
		return "read-only"
	case errors.Is(err, fs.ErrPermission):
		return "permission"
	}
	return err.Error()
}

// document is one of two contents, large enough that a write in place would be seen half done.
func document(i int) []byte {
	return bytes.Repeat([]byte{byte('a' + i%2)}, 256<<10)
}

func helper(role string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "ATOMICFILE_TEST_HELPER="+role)
	cmd.Stderr = os.Stderr
	return cmd
}

func output(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("helper %v: %v", cmd.Args[1:], err)
	}
	return strings.TrimSpace(string(out))
}

// newDir is a directory after symbolic links, so that paths can be compared.
func newDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func put(t *testing.T, path, content string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, path string) string {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := Write(path, []byte(content), Options{}); err != nil {
		t.Fatal(err)
	}
}

// want checks content and mode of what is at path itself: a regular file.
func want(t *testing.T, path, content string, mode fs.FileMode) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !info.Mode().IsRegular() || info.Mode() != mode || string(data) != content {
		t.Errorf("%s is %v with %.40q, want %v with %.40q", path, info.Mode(), data, mode, content)
	}
}

func wantLink(t *testing.T, path, to string) {
	t.Helper()
	if got, err := os.Readlink(path); err != nil || got != to {
		t.Errorf("%s is a link to %q, %v; want %q", path, got, err, to)
	}
}

// wantNames checks that a directory holds these names and no temporaries or other things.
func wantNames(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	slices.Sort(names)
	if !slices.Equal(got, names) {
		t.Errorf("%s holds %q, want %q", dir, got, names)
	}
}

// leftover is the path of a temporary such as a killed Write leaves, last written age ago.
func leftover(t *testing.T, path string, n int, age time.Duration) string {
	t.Helper()
	name := filepath.Join(filepath.Dir(path), temporaryPrefix+"01234567."+strings.Repeat(strconv.Itoa(n%10), 16))
	put(t, name, "half", 0o600)
	mtime := time.Now().Add(-age)
	if err := os.Chtimes(name, mtime, mtime); err != nil {
		t.Fatal(err)
	}
	return name
}

// device is a device that this test may lose. A broken Write or Remove that is run by root would take /dev/null from
// the whole machine: root makes a device of his own, and only a user whom the kernel would stop is given the real one.
func device(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		return os.DevNull
	}
	path := filepath.Join(newDir(t), "device")
	if err := unix.Mknod(path, unix.S_IFCHR|0o600, int(unix.Mkdev(1, 3))); err != nil {
		t.Fatalf("make a device: %v", err)
	}
	return path
}
