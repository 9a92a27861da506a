package diagnose

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// On a file system that keeps no modes (see atomicfile.KeepsModes) the program works without them, and doctor says so
// once.

const (
	narrower = "mount it with umask=077 (in WSL, a Windows drive: with metadata)"
	private  = "set XDG_STATE_HOME to a directory on another file system, where backups are private"
)

// withoutModes is the finding about a credentials file with that mode on a file system without modes.
func (d *Doctor) withoutModes(mode fs.FileMode) Finding {
	if mode&0o077 == 0 {
		return fine("mode %04o, like all files on this file system", mode)
	}
	remedy := narrower
	if d.sameFileSystem() {
		remedy += ", or " + private
	}
	return note(remedy, "%s", noPermissions(d.Paths.StorageDir, mode))
}

func noPermissions(dir string, mode fs.FileMode) string {
	return fmt.Sprintf("the file system of %s keeps no permissions: every file has mode %04o, "+
		"so other users may read your tokens", dir, mode)
}

// sameFileSystem reports whether the state directory is on the credentials file's file system.
func (d *Doctor) sameFileSystem() bool {
	state, err1 := os.Stat(existing(d.Paths.StateDir))
	store, err2 := os.Stat(existing(d.Paths.StorageDir))
	return err1 == nil && err2 == nil && state.Sys().(*syscall.Stat_t).Dev == store.Sys().(*syscall.Stat_t).Dev
}
