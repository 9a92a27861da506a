package schedule

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

// metricsStart begins every file of metrics that this program has written.
const metricsStart = "# HELP claude_auth_"

// CheckTextfile returns why the metrics can't be written to path, which is left as it is: nothing but an older file of
// metrics is ever replaced.
func CheckTextfile(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return atomicfile.WithoutPath(err)
	case info.Mode()&fs.ModeSymlink != 0:
		return errors.New("it is a symbolic link")
	case !info.Mode().IsRegular():
		return &atomicfile.NotRegularError{Mode: info.Mode().Type()}
	case !isMetrics(path):
		return fmt.Errorf("it is not a file of claude-auth: it does not begin with %q", metricsStart)
	}
	return unix.Access(filepath.Dir(path), unix.W_OK)
}

// isMetrics reports whether path is a regular file of metrics that this program has written.
func isMetrics(path string) bool {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	file, _, err := atomicfile.OpenRegular(path)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, len(metricsStart))
	_, err = io.ReadFull(file, head)
	return err == nil && string(head) == metricsStart
}

// removeTextfile returns the step that removes a file of metrics, which would say for ever that the schedule has not
// run. Anything else stays. done is what is true although the file can't be removed.
func removeTextfile(path, done string) []Step {
	if path == "" || !isMetrics(path) {
		return nil
	}
	return []Step{{Remove: path, done: done}}
}
