package diagnose

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/create"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// StateTrouble is why the state directory cannot be used.
type StateTrouble struct {
	Obstacle      // Cause is "" when it can be used
	Useless  bool // nothing may be read or made there; otherwise only nothing can be written
	NoHome   bool // the home directory is missing
}

// elsewhere is the hint where this user cannot change the directory.
const elsewhere = "set XDG_STATE_HOME to a directory of your own"

// FindStateTrouble looks at the state directory, and at what is above it where it is missing. It costs two system calls
// where all is well. A backup in a directory of another user could be a login of theirs; a file system where all files
// have one mode or one owner cannot tell, and the directory is used there as the client uses its own.
func FindStateTrouble(p paths.Paths) StateTrouble {
	dir := p.StateDir
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return missingState(p)
	case errors.Is(err, unix.ENOTDIR):
		return useless(elsewhere, "%s cannot be created: a file is in the way", dir)
	case err != nil:
		return closedState(p, err)
	case !info.IsDir():
		return useless(run("mv", dir, dir+".old"), "%s is a file, not a directory", dir)
	}
	uid, me := info.Sys().(*syscall.Stat_t).Uid, os.Geteuid()
	foreign := me != 0 && int(uid) != me && !atomicfile.OwnsAll(p.Ledger(), uid)
	switch {
	case foreign && uid == 0 && (isOurs(p, dir) || !paths.IsBelow(dir, p.Home)):
		return useless(run(fmt.Sprintf("sudo chown -R %d", me), dir)+", or "+elsewhere, "%s belongs to root", dir)
	case foreign:
		return useless(elsewhere, "%s belongs to another user", dir)
	case info.Mode().Perm()&0o002 != 0 && atomicfile.KeepsModes(p.Ledger()):
		return useless("look at what is in it, then "+run("chmod 700", dir), "all users may write to %s", dir)
	}
	switch err := unix.Access(dir, unix.W_OK|unix.X_OK); {
	case errors.Is(err, unix.EROFS):
		return unwritten(elsewhere, "%s is on a read-only file system", dir)
	case err != nil:
		return unwritten(run("chmod u+rwx", dir), "you may not write to %s", dir)
	}
	return StateTrouble{}
}

// unwritten is the trouble with a directory in which nothing can be written.
func unwritten(remedy, format string, args ...any) StateTrouble {
	return StateTrouble{Obstacle: Obstacle{Cause: fmt.Sprintf(format, args...), Remedy: remedy}}
}

// useless is the trouble with a directory in which nothing may be read or made.
func useless(remedy, format string, args ...any) StateTrouble {
	t := unwritten(remedy, format, args...)
	t.Useless = true
	return t
}

// closedState says which directory on the way to the state directory is closed to this user. Earlier versions of this
// program made some, as root in the home of another user.
func closedState(p paths.Paths, err error) StateTrouble {
	dir := filepath.Dir(p.StateDir)
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, closed := os.Lstat(dir); closed == nil {
			break
		}
	}
	remedy := elsewhere
	if uid, ok := ownerOf(dir); ok && uid == 0 && isOurs(p, dir) {
		remedy = run(fmt.Sprintf("sudo chown -R %d", os.Geteuid()), dir) + ", or " + elsewhere
	}
	return useless(remedy, "%s cannot be used: you may not open %s", p.StateDir, dir)
}

// missingState finds out whether the state directory can be made. A home that is not there is not made.
func missingState(p paths.Paths) StateTrouble {
	dir := p.StateDir
	parent := existing(dir)
	below := paths.IsBelow(dir, p.Home)
	where := elsewhere
	if below && p.StorageDir == filepath.Join(p.Home, claude.ConfigDir) {
		where += ", and " + claude.EnvConfigDir + " too"
	}
	if err := p.CheckHome(dir); err != nil {
		t := useless(where, "%v", err)
		t.NoHome = true
		return t
	}
	switch err := unix.Access(parent, unix.W_OK|unix.X_OK); {
	case errors.Is(err, unix.EROFS):
		return useless(where, "%s cannot be created: %s is on a read-only file system", dir, parent)
	case err != nil:
		switch uid, ok := ownerOf(parent); {
		case ok && int(uid) == os.Geteuid():
			where = run("chmod u+rwx", parent) + ", or " + elsewhere
		case ok && uid == 0 && isOurs(p, parent): // as root has made it
			where = run(fmt.Sprintf("sudo chown -R %d", os.Geteuid()), parent) + ", or " + elsewhere
		}
		return useless(where, "%s cannot be created: you may not write to %s", dir, parent)
	}
	info, err := os.Stat(parent)
	if err == nil && os.Geteuid() != 0 && !create.MayAdd(info.Sys().(*syscall.Stat_t)) {
		return useless(where, "%s cannot be created: %s belongs to another user", dir, parent)
	}
	return StateTrouble{}
}

// Because adds why a file in the directory could not be read or made, where the directory itself looks well.
func (t StateTrouble) Because(p paths.Paths, err error) StateTrouble {
	if t.Cause == "" {
		t.Obstacle = first(p, unusableState, damagedKey, fullState)
	}
	if t.Cause == "" {
		t.Obstacle = Obstacle{Cause: err.Error(), Remedy: "run 'claude-auth doctor'"}
	}
	return t
}
