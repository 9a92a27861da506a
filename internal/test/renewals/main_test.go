//go:build linux

package renewals

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// full is whether everything is to be tried, not a bounded part.
var full = os.Getenv("TORTURE") == "full"

// built is the directory of the program, built for this run.
var built string

// atOnce is how many tests run at once. They wait for most of their time, but each has two real clients, which take up
// to half a gigabyte, and two processors' time at their start.
const atOnce = "5"

func TestMain(m *testing.M) {
	if dir := os.Getenv(watcherOf); dir != "" {
		os.Exit(watchOver(dir))
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "renewals-")
	if err == nil {
		defer os.RemoveAll(dir)
		built = filepath.Join(dir, "bin")
		var endWatcher func() error
		if endWatcher, err = startWatcher(dir); err == nil {
			defer endWatcher()
		}
	}
	temporaries := filepath.Join(dir, "tmp")
	if err == nil {
		err = errors.Join(build(), os.Mkdir(temporaries, 0o700), os.Setenv("TMPDIR", temporaries),
			flag.Set("test.parallel", atOnce))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "renewals:", err)
		return 1
	}
	status := m.Run()
	results.print()
	return status
}

func build() error {
	out, err := exec.Command("go", "build", "-tags", "urfave_cli_no_docs", "-o", built+"/",
		"github.com/claude-auth/claude-auth/cmd/claude-auth").CombinedOutput()
	if err != nil {
		return fmt.Errorf("build claude-auth: %w\n%s", err, out)
	}
	return nil
}

// watcherOf names to a watcher the directory of the run that it watches.
const watcherOf = "CLAUDE_AUTH_TEST_WATCHER_OF"

// startWatcher starts a process that waits for this one to end, however it does, and then ends what the tests have
// started and left.
func startWatcher(dir string) (end func() error, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	watcher := exec.Command(self)
	watcher.Env, watcher.SysProcAttr = []string{watcherOf + "=" + dir}, &syscall.SysProcAttr{Setsid: true}
	watcher.Stderr = os.Stderr
	in, err := watcher.StdinPipe()
	if err == nil {
		err = watcher.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("start the watcher: %w", err)
	}
	return func() error { return errors.Join(in.Close(), watcher.Wait()) }, nil
}

// watchOver is the watcher's whole life.
func watchOver(dir string) int {
	_, _ = io.Copy(io.Discard, os.Stdin) // ends with the tests
	for range 100 {                      // what is killed may just have started another
		pids := inHomes(dir)
		if len(pids) == 0 {
			break
		}
		killAll(pids)
		time.Sleep(10 * time.Millisecond) // polls a condition, within the bound above
	}
	_ = os.RemoveAll(dir) // the tests have removed it, unless they were killed
	return 0
}

// inHomes lists the processes that were started with a home at dir or below: only tests give anything such a home.
func inHomes(dir string) []int {
	environments, _ := filepath.Glob("/proc/[0-9]*/environ") // the pattern is valid
	var pids []int
	for _, path := range environments {
		text, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(append([]byte{0}, text...), []byte("\x00HOME="+dir+"/")) {
			continue // another user's, or it has ended
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil && pid != os.Getpid() {
			pids = append(pids, pid)
		}
	}
	return pids
}

func killAll(pids []int) {
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
	}
}
