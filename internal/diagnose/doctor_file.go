package diagnose

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/credentials"
)

func (d *Doctor) file(context.Context) Finding {
	const expected = "a file that you can read"
	s, file := d.Snapshot, d.Paths.Credentials
	switch {
	case credentials.IsKeychainShut(s.Err):
		return note("", "%v: see the check of the keychain", s.Err)
	case s.Err != nil && !s.Corrupt() && credentials.IsPermission(s.Err):
		found := file + " cannot be read: " + Reason(s.Err, file)
		if uid, ok := ownerOf(existing(file)); ok && uid != uint32(os.Geteuid()) {
			o := foreign(d.Paths, existing(file), uid)
			return wrong(o.Cause+", and you cannot read it", expected, o.Remedy)
		}
		f := wrong(found, expected, run("chmod 600", file))
		if _, err := os.Stat(file); err == nil {
			return f.fixedBy(func() error { return os.Chmod(file, 0o600) })
		}
		return f
	case s.Err != nil && !s.Corrupt():
		return wrong(file+" cannot be read: "+Reason(s.Err, file), expected, run("ls -l", file))
	case !s.Exists && !s.Console.IsZero():
		return fine("%s does not exist; a Console sign-in needs none", s.Place())
	case !s.Exists:
		return note("", "%s does not exist: no login is saved", s.Place())
	}
	if s.Item != "" {
		return fine("%s, %d bytes", s.Place(), s.Size)
	}
	if atomicfile.IsMountPoint(file) && atomicfile.CheckReadOnly(file) == nil {
		return note("to sign out, run 'claude-auth wipe': 'claude auth logout' leaves the login in such a file",
			"%s is a mount point, so Claude Code and claude-auth write it in place", s.Path)
	}
	return d.link()
}

func (d *Doctor) mode(context.Context) Finding {
	file, dir := d.Paths.Credentials, d.Paths.StorageDir
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() {
		return fine("there is no file")
	}
	mode := info.Mode().Perm()
	if mode&^0o600 != 0 && !atomicfile.KeepsModes(file) {
		return d.withoutModes(mode)
	}
	if mode&^0o600 != 0 {
		found := fmt.Sprintf("other users may read or change the tokens (mode %04o)", mode)
		return d.wrongMode(found, "mode 0600", file, "chmod 600", 0o600)
	}
	if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o022 != 0 && info.Mode()&fs.ModeSticky == 0 {
		mode := info.Mode().Perm()
		found := fmt.Sprintf("other users may replace the file, because they may write to %s (mode %04o)", dir, mode)
		return d.wrongMode(found, "a directory that only you may write to", dir, "chmod go-w", mode&^0o022)
	}
	return fine("only you may read the file (mode %04o)", mode)
}

// wrongMode is the finding about a file or directory whose mode lets others at the login. Only its owner, and root, can
// change that.
func (d *Doctor) wrongMode(found, expected, path, command string, mode fs.FileMode) Finding {
	me := os.Geteuid()
	if uid, ok := ownerOf(path); ok && me != 0 && int(uid) != me {
		return wrong(found, expected, ownerRemedy(d.Paths, path))
	}
	return wrong(found, expected, run(command, path)).fixedBy(func() error { return os.Chmod(path, mode) })
}

func (d *Doctor) owner(context.Context) Finding {
	me := uint32(os.Geteuid())
	for _, path := range []string{d.Paths.Credentials, d.Paths.StorageDir} {
		uid, ok := ownerOf(path)
		switch {
		case !ok || uid == me || atomicfile.OwnsAll(d.Paths.Credentials, uid):
		case me == 0 && !isOurs(d.Paths, path): // what root makes there belongs to the owner too
		case isOurs(d.Paths, path):
			return wrong(fmt.Sprintf("%s belongs to uid %d", path, uid), you(me),
				ownerRemedy(d.Paths, path)+" (or run Claude Code as its owner, without sudo)")
		default:
			o := foreign(d.Paths, path, uid)
			return wrong(o.Cause, you(me), o.Remedy)
		}
	}
	return fine("%s", you(me))
}

// you names the user who runs this program.
func you(uid uint32) string { return fmt.Sprintf("uid %d (you)", uid) }

func (d *Doctor) json(context.Context) Finding {
	const repair = "run 'claude-auth recover' to keep a backup of the file and sign in again"
	s := d.Snapshot
	switch {
	case errors.As(s.Err, new(*credentials.HexItemError)):
		return note("", "%v: see the check of the keychain", s.Err)
	case s.Corrupt():
		return wrong("the file is damaged: "+Reason(s.Err, s.Place()), "one JSON object", repair)
	case s.Err != nil:
		return note("", "the file could not be read")
	case !s.Exists:
		return fine("there is no file")
	}
	login, ok := s.Doc.Login()
	if login.Duplicate != nil {
		return wrong(login.Duplicate.Error(), "each key once", repair)
	}
	if len(login.Problems) > 0 {
		var list []string
		for _, problem := range login.Problems {
			list = append(list, problem.String())
		}
		return note("run 'claude-auth login' if Claude Code does not work with it",
			"Claude Code did not write it like this, but tolerates it: %s", strings.Join(list, "; "))
	}
	if !ok {
		return fine("valid, without a login in it")
	}
	return fine("valid, and the login is as Claude Code writes it")
}

// renewal tells of a renewal that was interrupted. It is a note, because the login may work: the client may have been
// ended before it sent the refresh token.
func (d *Doctor) renewal(context.Context) Finding {
	switch {
	case d.Cut == nil:
		return fine("none was interrupted since the login was saved")
	case !d.State.Usable():
		return note("", "the last one %s", Interrupted(d.Cut.At, d.Cut.By))
	}
	return note("run 'claude -p hi' to see whether the login still works",
		"the last one %s; the login may not work any more", Interrupted(d.Cut.At, d.Cut.By))
}

func (d *Doctor) writable(context.Context) Finding {
	if o := first(d.Paths, unwritable, fullDisk); o.Cause != "" {
		return wrong(o.Cause, "a place where a new login can be stored", o.Remedy)
	}
	return fine("a new login can be stored in %s", existing(d.Paths.StorageDir))
}

// lastFailure tells of the failure that Claude Code's transcripts end with. It is a note, because it may be an outage:
// the other checks say what it means for the login.
func (d *Doctor) lastFailure(context.Context) Finding {
	if d.Failed == "" {
		return fine("none on record since the login was saved")
	}
	return note("", "on %s Claude Code said: %s (nothing to do if the other checks pass)",
		d.FailedAt.Local().Format("2006-01-02 15:04"), d.Failed)
}

func (d *Doctor) login(ctx context.Context) Finding {
	finding := d.judge(ctx)
	finding.State = d.State
	return finding
}

// judge says whether the saved login works.
func (d *Doctor) judge(context.Context) Finding {
	found := d.Snapshot.Describe(d.State, d.Now, !d.Answered.IsZero())
	remedy := "run 'claude-auth recover'"
	switch obstacle := NotStorable(d.Paths, d.State); {
	case obstacle.Cause != "":
		return note(obstacle.Remedy, "%s", obstacle.Renewal())
	case d.State == credentials.Expiring:
		return note("run 'claude-auth login' to sign in again before it ends", "%s", found)
	case d.State.Usable() && d.Answered.IsZero() && d.Failed == "":
		return fine("%s. %s", found, NotVerified)
	case d.State.Usable():
		return fine("%s", found)
	case d.SignIn != "":
		found, remedy = found+"; a sign-in "+d.SignIn, d.SignInRemedy
	case d.State == credentials.Unreadable:
		remedy = "see the checks of the file above"
	}
	if shadow := d.launch().Shadow(d.Env, d.Paths); shadow != nil && shadow.Meant && d.Failed == "" {
		return note("", "%s (Claude Code uses %s instead)", found, shadow)
	}
	return wrong(found, "a login that Claude Code can use", remedy)
}
