package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// IsMountPoint reports whether path names a file that is a mount point, which Write writes in place. Where the system
// does not tell, it reports false. Write notices by the error of its rename.
func IsMountPoint(path string) bool {
	target, err := Target(path)
	if err != nil {
		return false
	}
	info, err := os.Lstat(target)
	return err == nil && info.Mode().IsRegular() && isMountRoot(unix.AT_FDCWD, target)
}

// ReadOnlyError says that a file or a directory is on a file system that is mounted read-only.
type ReadOnlyError struct {
	Path   string
	Mount  string // where that is mounted; "" when unknown
	IsFile bool   // it is the file, and its directory can be written
}

func (e *ReadOnlyError) Error() string {
	switch {
	case e.IsFile:
		return e.Path + " is mounted read-only"
	case e.Mount == "":
		return e.Path + " is on a read-only file system"
	}
	return e.Path + " is on a read-only file system, mounted at " + e.Mount
}

func (e *ReadOnlyError) Unwrap() error { return unix.EROFS }

// CheckReadOnly returns an error when Write would fail because of a read-only mount. The directory may be on one, where
// Write makes the temporary, or the file may be one itself. For a missing directory the nearest one above it counts.
// CheckReadOnly returns nil for every other error, which Write reports.
func CheckReadOnly(path string) *ReadOnlyError {
	target, err := Target(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		target = path
	}
	dir := filepath.Dir(target)
	for dir != filepath.Dir(dir) && !exists(dir) {
		dir = filepath.Dir(dir)
	}
	for _, place := range []string{dir, target} {
		if errors.Is(unix.Access(place, unix.W_OK), unix.EROFS) {
			return &ReadOnlyError{Path: place, Mount: mountOf(place), IsFile: place == target}
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// mountOf returns where the file system of path is mounted, or "".
func mountOf(path string) string {
	for ; !isMountRoot(unix.AT_FDCWD, path); path = filepath.Dir(path) {
		if path == filepath.Dir(path) {
			return ""
		}
	}
	return path
}
