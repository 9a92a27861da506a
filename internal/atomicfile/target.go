package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/create"
)

// maxLinks is how many links a chain may have, as on Linux.
const maxLinks = 40

// Target returns the absolute path that path leads to through all symbolic links. The last part need not exist: for a
// dangling link it is what the link points to. The error wraps fs.ErrNotExist when the directory does not exist, and
// ELOOP when the links form a loop.
func Target(path string) (string, error) { return resolve(path, false) }

// resolve is Target, and creates missing directories when mkdir is set.
func resolve(path string, mkdir bool) (string, error) {
	current, err := filepath.Abs(path)
	if err != nil {
		return "", Failed("cannot follow "+path, err)
	}
	for range maxLinks {
		dir, base := splitLast(current)
		if dir, err = resolveDir(dir, mkdir); err != nil {
			return "", err
		}
		here := filepath.Join(dir, base) // may drop a `..` from the text, because dir has no links any more
		link, err := os.Readlink(here)
		switch {
		case errors.Is(err, unix.EINVAL), errors.Is(err, fs.ErrNotExist): // no link, or nothing there
			return here, nil
		case err != nil:
			return "", Failed("cannot follow "+path, err)
		}
		// Not with filepath.Join, which drops `..` from the text together with the part before it, even if that is a link.
		if current = link; !filepath.IsAbs(link) {
			current = dir + "/" + link
		}
	}
	return "", &fs.PathError{Op: "follow", Path: path, Err: unix.ELOOP}
}

func resolveDir(dir string, mkdir bool) (string, error) {
	resolved, err := filepath.EvalSymlinks(dir)
	if mkdir && errors.Is(err, fs.ErrNotExist) {
		if err := create.Dirs(dir); err != nil {
			return "", Failed("cannot create the directory "+dir, err)
		}
		resolved, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return "", Failed("cannot find the directory "+dir, err)
	}
	return resolved, nil
}

// splitLast cuts an absolute path before its last part, without cleaning it. Slashes at the end do not count.
func splitLast(path string) (dir, base string) {
	path = strings.TrimRight(path, "/")
	cut := strings.LastIndexByte(path, '/')
	if cut < 0 {
		return "/", "."
	}
	return path[:cut+1], path[cut+1:]
}
