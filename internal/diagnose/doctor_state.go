package diagnose

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/flock"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// spareState is the room that the state directory should have, in bytes.
const spareState = 16 << 10

// stateDir says what keeps the program from writing its records and backups.
func (d *Doctor) stateDir(context.Context) Finding {
	const expected = "a directory for backups and history"
	dir := d.Paths.StateDir
	trouble := FindStateTrouble(d.Paths)
	if trouble.Cause == "" {
		trouble.Obstacle = first(d.Paths, unusableState, damagedKey, hungState, fullState)
	}
	if trouble.Cause != "" {
		return wrong(trouble.Cause, expected, trouble.Remedy)
	}
	if _, err := os.Stat(dir); err != nil {
		return fine("%s does not exist yet; claude-auth will create it", dir)
	}
	loose := looseBelow(dir)
	if len(loose) == 0 {
		return fine("%s", dir)
	}
	if !atomicfile.KeepsModes(d.Paths.Ledger()) {
		if d.sameFileSystem() { // said of the credentials file
			return fine("%s", dir)
		}
		return note(private, "%s", noPermissions(dir, loose[0].mode))
	}
	found := fmt.Sprintf("other users may read the logins in your backups (%s has mode %04o)",
		loose[0].path, loose[0].mode)
	return wrong(found, "directories with mode 0700, files with 0600", run("chmod -R go-rwx", dir)).fixedBy(func() error {
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
			return Obstacle{Cause: name + " is not a regular file", Remedy: run("mv", name, name+".old")}
		case unix.Access(name, unix.R_OK|unix.W_OK) != nil:
			remedy := run("chmod u+rw", name)
			if uid, ok := ownerOf(name); ok && int(uid) != os.Geteuid() {
				remedy = run(fmt.Sprintf("sudo chown -R %d", os.Geteuid()), p.StateDir)
			}
			return Obstacle{Cause: "you may not read and write " + name, Remedy: remedy}
		}
	}
	return Obstacle{}
}

// damagedKey finds a file of the fingerprints' key that holds something else.
func damagedKey(p paths.Paths) Obstacle {
	if _, err := os.Stat(p.Key()); err != nil {
		return Obstacle{}
	}
	if _, err := secret.LoadKey(p.Key()); err != nil {
		return Obstacle{
			Cause:  p.Key() + " is damaged: it should hold the key for fingerprints",
			Remedy: run("mv", p.Key(), p.Key()+".old") + ": claude-auth then makes a new one",
		}
	}
	return Obstacle{}
}

// hungState finds a process that keeps the ledger's lock. Writing takes a millisecond.
func hungState(p paths.Paths) Obstacle {
	const looks = 4
	for range looks {
		if _, held := flock.HeldBy(p.LedgerLock()); !held {
			return Obstacle{}
		}
		time.Sleep(lockPoll)
	}
	holder, held := flock.HeldBy(p.LedgerLock())
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
			Cause:  fmt.Sprintf("nothing can be written to %s: %v", p.StateDir, atomicfile.WithoutPath(err)),
			Remedy: "free some disk space, or " + elsewhere,
		}
	}
	return Obstacle{}
}

type looseFile struct {
	path string
	mode fs.FileMode
}

// looseBelow lists what other users may read in the state directory, whose backups hold tokens.
func looseBelow(dir string) []looseFile {
	var loose []looseFile
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // others cannot read what this user cannot
		}
		info, err := entry.Info()
		if err == nil && (info.Mode().IsRegular() || info.IsDir()) && info.Mode().Perm()&0o077 != 0 {
			loose = append(loose, looseFile{path, info.Mode().Perm()})
		}
		return nil
	})
	return loose
}
