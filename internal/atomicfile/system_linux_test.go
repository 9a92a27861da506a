package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// nobody is an account that is not root, as which a part of these tests runs when they are run as root.
const nobody = 65534

// asUser makes cmd run as a user that the kernel refuses something.
func asUser(cmd *exec.Cmd) {
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
}

// userDir is a directory of that user, with the test binary where that user can read it.
func userDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "atomicfile")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700); os.RemoveAll(dir) })
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can make a file of another owner")
	}
}

// readable copies the test binary to where everybody may run it: go test builds it in a directory of its own user.
func readable(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	if os.Geteuid() != 0 {
		return cmd
	}
	data, err := os.ReadFile(cmd.Path)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Path = filepath.Join(userDir(t), "test")
	if err := os.WriteFile(cmd.Path, data, 0o755); err != nil {
		t.Fatal(err)
	}
	return cmd
}

func owner(t *testing.T, path string) (uid, gid uint32) {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		t.Fatal(err)
	}
	return st.Uid, st.Gid
}

func TestReadOnlyDirectory(t *testing.T) {
	dir := userDir(t)
	path := filepath.Join(dir, "file")
	put(t, path, "old", 0o644)
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	cmd := readable(t, helper("write", path, "new"))
	asUser(cmd)
	if got := output(t, cmd); got != "permission" {
		t.Errorf("the helper says %q", got)
	}
	want(t, path, "old", 0o644)
	wantNames(t, dir, "file")
}

func TestOwnerIsKept(t *testing.T) {
	needRoot(t)
	dir := newDir(t)
	path := filepath.Join(dir, "file")
	put(t, path, "old", 0o644)
	if err := os.Chown(path, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	write(t, path, "new")
	want(t, path, "new", 0o600)
	if uid, gid := owner(t, path); uid != nobody || gid != nobody {
		t.Errorf("it belongs to %d:%d", uid, gid)
	}
}

func TestRootMakesANewFileOfTheDirectorysOwner(t *testing.T) {
	needRoot(t)
	path := filepath.Join(userDir(t), "file")
	write(t, path, "new")
	if uid, gid := owner(t, path); uid != nobody || gid != nobody {
		t.Errorf("it belongs to %d:%d", uid, gid)
	}
}

func TestOwnerThatCannotBeKept(t *testing.T) {
	needRoot(t)
	dir := userDir(t)
	path := filepath.Join(dir, "file")
	put(t, path, "old", 0o644) // root's, in a directory where nobody may rename
	cmd := readable(t, helper("write", path, "new"))
	asUser(cmd)
	if got := output(t, cmd); got != "permission" {
		t.Errorf("the helper says %q", got)
	}
	want(t, path, "old", 0o644)
	if uid, _ := owner(t, path); uid != 0 {
		t.Errorf("it belongs to %d", uid)
	}
	wantNames(t, dir, "file")
}

// A group that this user cannot give is let go when the group may do nothing with the file, and else is an error.
func TestGroupThatCannotBeKept(t *testing.T) {
	needRoot(t)
	path := filepath.Join(userDir(t), "file")
	put(t, path, "old", 0o600)
	if err := os.Chown(path, nobody, 0); err != nil {
		t.Fatal(err)
	}
	cmd := readable(t, helper("write", path, "new"))
	asUser(cmd)
	if got := output(t, cmd); got != "written" {
		t.Errorf("the helper says %q", got)
	}
	want(t, path, "new", 0o600)
	if uid, gid := owner(t, path); uid != nobody || gid != nobody {
		t.Errorf("it belongs to %d:%d", uid, gid)
	}
}

func TestTemporariesOfOthersStay(t *testing.T) {
	needRoot(t)
	path := filepath.Join(newDir(t), "file")
	theirs := leftover(t, path, 1, time.Hour)
	if err := os.Chown(theirs, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	if removed := Clean(path, time.Now()); len(removed) != 0 {
		t.Errorf("removed %q", removed)
	}
}

func TestImmutableFile(t *testing.T) {
	needRoot(t)
	dir := newDir(t)
	path := filepath.Join(dir, "file")
	put(t, path, "old", 0o600)
	if err := setImmutable(path, true); err != nil {
		t.Skipf("this file system has no immutable files: %v", err)
	}
	t.Cleanup(func() { _ = setImmutable(path, false) })
	if err := Write(path, []byte("new"), Options{}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Write: %v", err)
	}
	if err := Remove(path); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Remove: %v", err)
	}
	want(t, path, "old", 0o600)
	wantNames(t, dir, "file")
}

// immutable is FS_IMMUTABLE_FL of linux/fs.h.
const immutable = 0x10

func setImmutable(path string, on bool) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	flags := 0
	if on {
		flags = immutable
	}
	return unix.IoctlSetPointerInt(int(file.Fd()), unix.FS_IOC_SETFLAGS, flags)
}

// inOwnMounts runs a helper in a mount namespace of its own, where it may mount what it likes.
func inOwnMounts(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	attr := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		attr.Cloneflags |= syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	cmd.SysProcAttr = attr
	out, err := cmd.Output()
	if errors.Is(err, syscall.EPERM) || strings.Contains(string(out), "mount: operation not permitted") {
		t.Skipf("this machine lets nobody make a mount namespace: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func TestFullDiskAndReadOnlyMount(t *testing.T) {
	if got := inOwnMounts(t, helper("fill", newDir(t))); got != "ok" {
		t.Error(got)
	}
}

// helpFill tries a file system that is too small, and then read-only; it returns "ok" or what went wrong.
func helpFill(dir string) string {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return "mount: " + err.Error()
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k,mode=0700"); err != nil {
		return "mount: " + err.Error()
	}
	path := filepath.Join(dir, "file")
	if err := Write(path, []byte("old"), Options{}); err != nil {
		return err.Error()
	}
	if got := classify(Write(path, make([]byte, 1<<20), Options{})); got != "no space" {
		return "a write that is too large: " + got
	}
	if got := left(dir, "old"); got != "" {
		return "after it: " + got
	}
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		return "mount: " + err.Error()
	}
	if got := classify(Write(path, []byte("new"), Options{})); got != "read-only" {
		return "a write to a read-only mount: " + got
	}
	if got := classify(Remove(path)); got != "read-only" {
		return "a removal from a read-only mount: " + got
	}
	if got := left(dir, "old"); got != "" {
		return "after it: " + got
	}
	return "ok"
}

func left(dir, content string) string {
	entries, err := os.ReadDir(dir)
	data, readErr := os.ReadFile(filepath.Join(dir, "file"))
	if err != nil || readErr != nil || len(entries) != 1 || string(data) != content {
		return fmt.Sprintf("%v %q %v %v", entries, data, err, readErr)
	}
	return ""
}
