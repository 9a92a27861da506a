//go:build linux

package torture

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// adopt makes this process the parent of all orphans below it, so that it knows what its tests have left.
func adopt() error { return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// goodbye is how long what the tests have let go may take to end by itself.
const goodbye = 60 * time.Second

// left returns what the tests have left: processes that do not end, which it kills, by their number, and files in dir.
func left(dir string) error {
	var errs []error
	for deadline := time.Now().Add(goodbye); time.Since(deadline) < goodbye; {
		pids := children()
		if len(pids) == 0 {
			break
		}
		if time.Now().After(deadline) {
			for _, pid := range pids {
				errs = append(errs, fmt.Errorf("a process is left: %d %s", pid, commandLine(pid)))
				_ = unix.Kill(pid, unix.SIGKILL) // its children come to this process then, and the next turn ends them
			}
		}
		time.Sleep(10 * time.Millisecond) // polls a condition, within the bound above
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	errs = append(errs, err)
	for _, name := range names {
		errs = append(errs, fmt.Errorf("a temporary is left: %s, with %s", name, inside(name)))
	}
	return errors.Join(errs...)
}

// inside is a file below dir that says whose it is.
func inside(dir string) (name string) {
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error { // what cannot be read says nothing
		if err == nil && !entry.IsDir() {
			name = path
			return fs.SkipAll
		}
		return nil
	})
	return name
}

// children are the processes below this one that live; those that ended are waited for.
func children() []int {
	var alive []int
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		text, _ := os.ReadFile(list) // none when that thread is gone
		for _, field := range strings.Fields(string(text)) {
			pid, err := strconv.Atoi(field)
			if err != nil {
				continue
			}
			if ended, err := unix.Wait4(pid, nil, unix.WNOHANG, nil); ended == 0 && err == nil {
				alive = append(alive, pid)
			}
		}
	}
	return alive
}

func commandLine(pid int) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // none when it has just ended
	return strings.TrimSpace(strings.ReplaceAll(string(text), "\x00", " "))
}
