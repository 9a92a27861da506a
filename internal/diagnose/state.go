package diagnose

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/create"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// StateTrouble is why the state directory cannot be used.
type StateTrouble struct {
	Obstacle      // Cause is "" when it can be used
	Useless  bool // nothing may be read or made there; otherwise only nothing can be written
	NoHome   bool // the home directory is missing
}

// elsewhere is the hint where the directory is not this user's to change.
const elsewhere = "set XDG_STATE_HOME to a directory of your own"

// FindStateTrouble looks at the state directory, and at what is above it where it is missing. It costs two system calls
// where all is well. A backup in a directory of another user could be a login of theirs; a file system where all files
// have one mode or one owner cannot tell, and the directory is used there as the client uses its own.
func FindStateTrouble(p paths.Paths) StateTrouble {
	dir := p.StateDir
	info, err := os.Stat(dir)
	trouble := func(useless bool, remedy, format string, args ...any) StateTrouble {
		return StateTrouble{Obstacle: Obstacle{Cause: fmt.Sprintf(format, args...), Remedy: remedy}, Useless: useless}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return missingState(p)
	case errors.Is(err, unix.ENOTDIR):
		return trouble(true, elsewhere, "%s cannot be made: a file is in the way", dir)
	case err != nil:
		return closedState(p, err)
	case !info.IsDir():
		return trouble(true, "move "+inShell(dir)+" away", "%s is a file, not a directory", dir)
	}
	uid, me := info.Sys().(*syscall.Stat_t).Uid, os.Geteuid()
	foreign := me != 0 && int(uid) != me && !ownsAll(p.Ledger(), uid)
	switch {
	case foreign && uid == 0:
		return trouble(true, run(fmt.Sprintf("sudo chown -R %d", me), dir)+", or "+elsewhere, "%s belongs to root", dir)
	case foreign:
		return trouble(true, elsewhere, "%s belongs to another user", dir)
	case info.Mode().Perm()&0o002 != 0 && keepsModes(p.Ledger()):
		return trouble(true, "look at what is in it, then "+run("chmod 700", dir), "%s can be written by all users", dir)
	}
	switch err := unix.Access(dir, unix.W_OK|unix.X_OK); {
	case errors.Is(err, unix.EROFS):
		return trouble(false, elsewhere, "%s is on a read-only file system", dir)
	case err != nil:
		return trouble(false, run("chmod u+rwx", dir), "%s cannot be written", dir)
	}
	return StateTrouble{}
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
	if uid, ok := ownerOf(dir); ok && uid == 0 && p.Home != "" && dir != p.Home && strings.HasPrefix(dir, p.Home) {
		remedy = run(fmt.Sprintf("sudo chown -R %d", os.Geteuid()), dir) + ", or " + elsewhere
	}
	cause := fmt.Sprintf("%s cannot be used: %s: %v", p.StateDir, dir, bareReason(err))
	return StateTrouble{Obstacle: Obstacle{Cause: cause, Remedy: remedy}, Useless: true}
}

// missingState finds out whether the state directory can be made. A home that is not there is not made.
func missingState(p paths.Paths) StateTrouble {
	dir := p.StateDir
	parent := existing(dir)
	below := strings.HasPrefix(dir, strings.TrimRight(p.Home, "/")+"/")
	where := elsewhere
	if below && p.StorageDir == filepath.Join(p.Home, claude.ConfigDir) {
		where += ", and " + claude.EnvConfigDir + " too"
	}
	if _, err := os.Stat(p.Home); below && errors.Is(err, fs.ErrNotExist) {
		cause := "the home directory " + p.Home + " does not exist"
		return StateTrouble{Obstacle: Obstacle{Cause: cause, Remedy: where}, Useless: true, NoHome: true}
	}
	switch err := unix.Access(parent, unix.W_OK|unix.X_OK); {
	case errors.Is(err, unix.EROFS):
		cause := fmt.Sprintf("%s cannot be made: %s is on a read-only file system", dir, parent)
		return StateTrouble{Obstacle: Obstacle{Cause: cause, Remedy: where}, Useless: true}
	case err != nil:
		switch uid, ok := ownerOf(parent); {
		case ok && int(uid) == os.Geteuid():
			where = run("chmod u+rwx", parent) + ", or " + elsewhere
		case ok && uid == 0 && below && parent != p.Home: // as root has made it
			where = run(fmt.Sprintf("sudo chown -R %d", os.Geteuid()), parent) + ", or " + elsewhere
		}
		cause := fmt.Sprintf("%s cannot be made: %s cannot be written", dir, parent)
		return StateTrouble{Obstacle: Obstacle{Cause: cause, Remedy: where}, Useless: true}
	}
	info, err := os.Stat(parent)
	if err == nil && os.Geteuid() != 0 && !create.MayAdd(info.Sys().(*syscall.Stat_t)) {
		cause := fmt.Sprintf("%s cannot be made: %s belongs to another user", dir, parent)
		return StateTrouble{Obstacle: Obstacle{Cause: cause, Remedy: where}, Useless: true}
	}
	return StateTrouble{}
}

// Because is t where something in the directory could not be read or made, which the look of the directory did not tell.
func (t StateTrouble) Because(p paths.Paths, err error) StateTrouble {
	if t.Cause == "" {
		t.Obstacle = first(p, unusableState, fullState)
	}
	if t.Cause == "" {
		t.Cause = err.Error()
	}
	return t
}

// bareReason is an error without the path that the text around it has already.
func bareReason(err error) error {
	if wrapped := (*fs.PathError)(nil); errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// spareState is the room that the state directory should have, in bytes.
const spareState = 16 << 10

// stateDir says what keeps the program from writing its records and backups.
func (d *Doctor) stateDir(context.Context) Finding {
	const expected = "a directory for backups and ledger"
	dir := d.Paths.StateDir
	trouble := FindStateTrouble(d.Paths)
	if trouble.Cause == "" {
		trouble.Obstacle = first(d.Paths, unusableState, hungState, fullState)
	}
	if trouble.Cause != "" {
		return wrong(trouble.Cause, expected, trouble.Remedy)
	}
	if _, err := os.Stat(dir); err != nil {
		return fine("%s is not made yet", dir)
	}
	loose := looseBelow(dir)
	if len(loose) == 0 {
		return fine("%s", dir)
	}
	if !keepsModes(d.Paths.Ledger()) {
		if d.sameFileSystem() { // said of the credentials file
			return fine("%s", dir)
		}
		return note(private, "%s", noPermissions(dir, loose[0].mode))
	}
	found := fmt.Sprintf("mode %04o of %s: others may read the backups' tokens", loose[0].mode, loose[0].path)
	return wrong(found, "mode 0700 for directories, 0600 for files", run("chmod -R go-rwx", dir)).fixedBy(func() error {
		var failed []error
		for _, l := range loose {
			failed = append(failed, os.Chmod(l.path, l.mode&^0o077))
		}
		return errors.Join(failed...)
	})
}

// stateFiles are the files of the state directory that are written where they are, and so must be this user's.
func stateFiles(p paths.Paths) []string {
	return []string{p.Key(), p.Ledger(), p.LedgerLock(), p.AttemptLock(), p.RenewLock()}
}

// unusableState finds a file of the state directory that this user cannot use.
func unusableState(p paths.Paths) Obstacle {
	for _, name := range stateFiles(p) {
		info, err := os.Lstat(name)
		switch {
		case err != nil:
		case !info.Mode().IsRegular():
			return Obstacle{Cause: name + " is not a regular file", Remedy: "move " + inShell(name) + " away"}
		case unix.Access(name, unix.R_OK|unix.W_OK) != nil:
			remedy := run("chmod u+rw", name)
			if uid, ok := ownerOf(name); ok && int(uid) != os.Geteuid() {
				remedy = run(fmt.Sprintf("sudo chown -R %d", os.Geteuid()), p.StateDir)
			}
			return Obstacle{Cause: name + " cannot be read and written", Remedy: remedy}
		}
	}
	return Obstacle{}
}

// hungState finds a process that keeps the ledger's lock. Writing takes a millisecond.
func hungState(p paths.Paths) Obstacle {
	const looks = 4
	for range looks {
		if _, held := ledger.AttemptHolder(p.LedgerLock()); !held {
			return Obstacle{}
		}
		time.Sleep(lockPoll)
	}
	holder, held := ledger.AttemptHolder(p.LedgerLock())
	if !held {
		return Obstacle{}
	}
	return Obstacle{Cause: fmt.Sprintf("%s is held by %s", p.LedgerLock(), holder), Remedy: holder.Remedy()}
}

// fullState finds a full disk and a quota that is used up, by a trial.
func fullState(p paths.Paths) Obstacle {
	if _, err := os.Stat(p.StateDir); err != nil {
		return Obstacle{}
	}
	if err := atomicfile.Probe(filepath.Join(p.StateDir, "trial"), spareState); err != nil {
		return Obstacle{
			Cause:  fmt.Sprintf("nothing can be written into %s: %v", p.StateDir, bareReason(err)),
			Remedy: "free some space, or " + elsewhere,
		}
	}
	return Obstacle{}
}
