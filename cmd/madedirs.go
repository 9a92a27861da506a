package cmd

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/create"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// Other programs use many of the directories that this one has to make, such as ~/.config. So uninstall removes only
// those that the record says were made by this program, and only while nothing is in them.

// noteDirs is called before files are written. The function that it returns is called afterwards: it records which
// directories on the way to them were made.
func (p *program) noteDirs(files ...string) (note func()) {
	var missing []string
	for _, file := range files {
		for dir := filepath.Dir(file); !isThere(dir); dir = filepath.Dir(dir) {
			missing = append(missing, dir+"/")
		}
	}
	return func() {
		made := slices.DeleteFunc(missing, func(dir string) bool { return !isThere(dir) })
		_ = p.record(made...) // without it only an empty directory stays
	}
}

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// madeDirs returns the directories that this program has made besides its own.
func (p *program) madeDirs() []string {
	list := slices.DeleteFunc(p.recorded(), func(path string) bool { return !strings.HasSuffix(path, "/") })
	for _, own := range []string{p.stateDir, p.paths.UserConfigDir} {
		text, _, err := atomicfile.ReadRegular(filepath.Join(own, create.Made), largestExtra)
		if err != nil {
			continue // nothing was made around it
		}
		for dir := range strings.Lines(string(text)) {
			if dir = strings.TrimSuffix(dir, "\n"); paths.IsBelow(own, dir) {
				list = append(list, dir+"/")
			}
		}
	}
	return list
}

// removeEmpty removes those of the directories in which nothing is, and returns those that stay.
func removeEmpty(dirs []string) (stay []string) {
	slices.Sort(dirs)
	for _, dir := range slices.Backward(slices.Compact(dirs)) { // those within it come first
		// Unlike os.Remove it removes nothing but an empty directory.
		err := syscall.Rmdir(strings.TrimSuffix(dir, "/"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			stay = append(stay, dir)
		}
	}
	return stay
}
