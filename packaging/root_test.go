package packaging

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/standin/service"
	"github.com/claude-auth/claude-auth/internal/test/harness"
	"github.com/claude-auth/claude-auth/internal/test/tools"
)

// A root is the file system of a machine that has busybox, and nothing else but what a test adds.
type root struct{ dir string }

func newRoot(t *testing.T) root {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has these roots")
	}
	if !tools.CanChroot() {
		t.Skip("this process may not mount a root of its own")
	}
	tools.Need(t, "busybox", "unshare")
	r := root{t.TempDir()}
	for _, name := range []string{"bin", "dev", "proc", "tmp", "root", "etc", "sbin", "usr/bin", "usr/sbin"} {
		if err := os.MkdirAll(r.file(name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r.copyProgram(t, "busybox", "bin")
	r.write(t, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\n", 0o644)
	r.write(t, "etc/hosts", "127.0.0.1 localhost\n", 0o644)
	if out, err := r.command("/bin/busybox --install -s").CombinedOutput(); err != nil {
		t.Fatalf("busybox --install: %v\n%s", err, out)
	}
	return r
}

func (r root) file(name string) string { return filepath.Join(r.dir, name) }

func (r root) write(t *testing.T, name, text string, mode fs.FileMode) {
	t.Helper()
	err := errors.Join(
		os.MkdirAll(filepath.Dir(r.file(name)), 0o755), os.WriteFile(r.file(name), []byte(text), mode))
	if err != nil {
		t.Fatal(err)
	}
}

// copyProgram copies a program of this machine into the directory dir, and the libraries that it is linked with.
func (r root) copyProgram(t *testing.T, name, dir string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		tools.Missing(t, name)
	}
	r.copyFile(t, path, filepath.Join(dir, name))
	out, _ := exec.Command("ldd", path).Output() // it fails for a program without libraries
	for _, library := range regexp.MustCompile(`/\S+\.so\S*`).FindAllString(string(out), -1) {
		r.copyFile(t, library, library)
	}
}

func (r root) copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	r.write(t, to, string(text), 0o755)
}

// command runs a command of sh in the root, in a clean environment and without a terminal. /proc and /dev are there
// while it runs. Whatever it leaves running is ended.
func (r root) command(script string, environment ...string) *exec.Cmd {
	const inside = `mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && cd / && exec chroot "$@"`
	args := []string{"-mpf", "--kill-child", "sh", "-c", inside, "sh", r.dir, "/bin/busybox", "env", "-i",
		"HOME=/root", "PATH=/root/.local/bin:/usr/bin:/bin", "TERM=dumb", "SHELL=/bin/bash"}
	args = append(append(args, environment...), "/bin/busybox", "sh", "-euc", script)
	ctx, cancel := context.WithTimeout(context.Background(), 2*harness.Patience)
	command := exec.CommandContext(ctx, "unshare", args...)
	command.Cancel = func() error { cancel(); return command.Process.Kill() }
	return command
}

// run fails the test unless the script ends with 0. It returns what the script has printed.
func (r root) run(t *testing.T, script string, environment ...string) string {
	t.Helper()
	out, err := r.command(script, environment...).CombinedOutput()
	t.Logf("$ %s\n%s", script, out)
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return string(out)
}

// addBash puts bash into the root.
func (r root) addBash(t *testing.T) {
	t.Helper()
	r.copyProgram(t, "bash", "usr/bin")
	r.run(t, "ln -s /usr/bin/bash /bin/bash")
}

// addClient puts Claude Code and a browser into the root, which the program itself plays, and a login that is rejected.
// It returns their environment.
func (r root) addClient(t *testing.T, program string) []string {
	t.Helper()
	r.write(t, "usr/bin/claude", "#!/bin/sh\nexec "+program+" __standin \"$@\"\n", 0o755)
	r.write(t, "usr/bin/browser", "#!/bin/sh\nexec "+program+" __browser \"$@\"\n", 0o755)
	s, err := service.Open(r.file("service"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	document, err := harness.Document("dead", s, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Set("token", "401"), s.Set("answer", "Yes, I am here.")); err != nil {
		t.Fatal(err)
	}
	r.write(t, "root/.claude/.credentials.json", string(document), 0o600)
	return []string{service.EnvDir + "=/service", "BROWSER=/usr/bin/browser", "CLAUDE_AUTH_MODE=auto"}
}

// tree describes each file of the root: its name, mode and content. What the stand-in, the package manager and the
// kernel keep is not ours, and Claude Code's own files stay.
func (r root) tree(t *testing.T) []string {
	t.Helper()
	var lines []string
	err := filepath.WalkDir(r.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, r.dir+"/")
		if name == "root/.claude.json" {
			return nil
		}
		if slices.Contains([]string{"service", "dev", "proc", "var/lib/dpkg", "var/log", "root/.claude"}, name) {
			return filepath.SkipDir
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		line := fmt.Sprint(name, " ", info.Mode())
		switch {
		case info.Mode().IsRegular():
			sum, err := checksum(path)
			if err != nil {
				return err
			}
			line += " " + sum
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			line += " " + target
		}
		lines = append(lines, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// same fails the test for each file that is not as it was.
func same(t *testing.T, before, after []string) {
	t.Helper()
	for _, line := range after {
		if !slices.Contains(before, line) {
			t.Errorf("left or changed: %s", line)
		}
	}
	for _, line := range before {
		if !slices.Contains(after, line) {
			t.Errorf("gone or changed: %s", line)
		}
	}
}

func checksum(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	return fmt.Sprintf("%x", sum.Sum(nil)), errors.Join(err, file.Close())
}
