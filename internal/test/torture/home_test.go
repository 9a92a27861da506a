//go:build linux

package torture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/standin"
	"github.com/claude-auth/claude-auth/internal/standin/service"
	"github.com/claude-auth/claude-auth/internal/test/harness"
	"github.com/claude-auth/claude-auth/internal/test/keychain"
)

// patience is how long one command may take before it counts as hung. The machine may be loaded.
const patience = 120 * time.Second

// home is a home directory in which the program is run.
type home struct {
	root string // holds home, the service's state, and copies
	dir  string
	env  []string
	uid  uint32 // who runs the programs, when it is not this process's user

	keychain string // the stand-in keychain; "" where the login is in a file

	mounted bool // each program finds a credentials file that is a mount of its own
}

func newHome(t *testing.T, root string) *home {
	t.Helper()
	h := &home{root: root, dir: filepath.Join(root, "home")}
	h.env = []string{
		"HOME=" + h.dir, "PATH=" + programs + ":/usr/bin:/bin", "USER=pat", "TERM=dumb", "LANG=C.UTF-8",
		"BROWSER=" + filepath.Join(programs, "fake-browser"),
		service.EnvDir + "=" + filepath.Join(root, "service"), standin.EnvVersion + "=" + claude.Newest.String(),
	}
	must(t, os.MkdirAll(h.config(), 0o700))
	return h
}

func (h *home) config() string { return filepath.Join(h.dir, ".claude") }
func (h *home) credentials() string {
	if h.keychain != "" {
		return keychain.ItemPath(h.keychain, claude.KeychainService, "pat")
	}
	return filepath.Join(h.config(), ".credentials.json")
}
func (h *home) state() string { return filepath.Join(h.dir, ".local", "state", "claude-auth") }

// fixture writes a saved login in the given state and returns its bytes.
func (h *home) fixture(t *testing.T, kind string) []byte {
	t.Helper()
	s, err := service.Open(filepath.Join(h.root, "service"), time.Now)
	must(t, err)
	document, err := harness.Document(kind, s, time.Now())
	must(t, err)
	must(t, os.WriteFile(h.credentials(), document, 0o600))
	return document
}

// result is how a command ended.
type result struct {
	status   int // 128 and the number of the signal for one that was killed
	out, err string
	hung     bool
}

func (r result) String() string {
	return fmt.Sprintf("status %d\n\tout: %s\n\terr: %s", r.status, r.out, r.err)
}

// run runs a program without a terminal and waits until nobody has its output open any more: also a client that
// outlived it.
func (h *home) run(name string, args ...string) result { return h.runWith(nil, name, args...) }

func (h *home) runWith(env []string, name string, args ...string) result {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	path := name
	if !filepath.IsAbs(name) {
		path = filepath.Join(programs, name)
	}
	line := append([]string{path}, args...)
	if h.mounted {
		line = append([]string{"unshare", "-m", "sh", "-c", `mount --bind "$0" "$0" && exec "$@"`, h.credentials()}, line...)
	}
	command := exec.CommandContext(ctx, line[0], line[1:]...)
	var out, stderr bytes.Buffer
	command.Env = append(slices.Clip(h.env), env...)
	command.Dir, command.Stdout, command.Stderr = h.dir, &out, &stderr
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal, even if the tests have one
	if h.uid != 0 {
		command.SysProcAttr.Credential = &syscall.Credential{Uid: h.uid, Gid: h.uid}
	}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = 5 * time.Second // for what has left its group and holds the output: leftProcesses ends that
	err := command.Run()
	r := result{out: out.String(), err: stderr.String(), hung: ctx.Err() != nil}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		wait := exit.Sys().(syscall.WaitStatus)
		if r.status = wait.ExitStatus(); wait.Signaled() {
			r.status = 128 + int(wait.Signal())
		}
	case err != nil:
		r.status, r.err = -1, r.err+err.Error()
	}
	return r
}

func (h *home) tool(args ...string) result {
	if h.keychain != "" {
		return h.run("keychain/claude-auth", args...)
	}
	return h.run("claude-auth", args...)
}

// save keeps the home as it is under root/name; restore brings it back, at the same path.
func (h *home) save(t *testing.T, name string) {
	t.Helper()
	copyTree(t, h.dir, filepath.Join(h.root, name, "home"))
	copyTree(t, filepath.Join(h.root, "service"), filepath.Join(h.root, name, "service"))
}

func (h *home) restore(t *testing.T, name string) {
	t.Helper()
	for _, part := range []string{"home", "service"} {
		must(t, os.RemoveAll(filepath.Join(h.root, part)))
		copyTree(t, filepath.Join(h.root, name, part), filepath.Join(h.root, part))
	}
}

// copyTree copies directories and files with mode, owner and times. It is done thousands of times: cp would take longer
// than what is tested.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(to), 0o700))
	must(t, copyEntry(from, to))
}

func copyEntry(from, to string) error {
	info, err := os.Lstat(from)
	if err != nil {
		return err
	}
	switch {
	case info.IsDir():
		err = copyEntries(from, to)
	case info.Mode().IsRegular():
		var data []byte
		if data, err = os.ReadFile(from); err == nil {
			err = os.WriteFile(to, data, 0o600)
		}
	case info.Mode()&os.ModeSymlink != 0:
		var link string
		if link, err = os.Readlink(from); err == nil {
			err = os.Symlink(link, to)
		}
		stat := info.Sys().(*syscall.Stat_t)
		return errors.Join(err, os.Lchown(to, int(stat.Uid), int(stat.Gid)))
	default:
		err = fmt.Errorf("%s is neither a directory nor a file", from)
	}
	stat := info.Sys().(*syscall.Stat_t)
	return errors.Join(err, os.Lchown(to, int(stat.Uid), int(stat.Gid)), os.Chmod(to, info.Mode()),
		os.Chtimes(to, info.ModTime(), info.ModTime()))
}

func copyEntries(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	err = os.Mkdir(to, 0o700)
	for _, entry := range entries {
		err = errors.Join(err, copyEntry(filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())))
	}
	return err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
