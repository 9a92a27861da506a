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
	const expected = "a file that this user can read"
	s, file := d.Snapshot, d.Paths.Credentials
	switch {
	case credentials.IsKeychainShut(s.Err):
		return note("", "%v: see the check of the keychain", s.Err)
	case s.Err != nil && !s.Corrupt() && credentials.IsPermission(s.Err):
		found := fmt.Sprintf("cannot be read: %v", s.Err)
		if uid, ok := ownerOf(existing(file)); ok && uid != uint32(os.Geteuid()) {
			o := foreign(d.Paths, existing(file), uid)
			return wrong(found+": "+o.Cause, expected, o.Remedy)
		}
		f := wrong(found, expected, run("chmod 600", file))
		if _, err := os.Stat(file); err == nil {
			return f.fixedBy(func() error { return os.Chmod(file, 0o600) })
		}
		return f
	case s.Err != nil && !s.Corrupt():
		return wrong(fmt.Sprintf("cannot be read: %v", s.Err), expected, run("ls -l", file))
	case !s.Exists && !s.Console.IsZero():
		return fine("%s is not there: a Console sign-in needs none", s.Place())
	case !s.Exists:
		return note("", "%s is not there: no login was saved yet", s.Place())
	}
	if s.Item != "" {
		return fine("%s, %d bytes", s.Place(), s.Size)
	}
	if atomicfile.IsMountPoint(file) && atomicfile.CheckReadOnly(file) == nil {
		return note("to sign out, run 'claude-auth wipe': 'claude auth logout' leaves the login in such a file",
			"%s is a mount of its own: the client and claude-auth write it in place", s.Path)
	}
	return d.link()
}

func (d *Doctor) mode(context.Context) Finding {
	file, dir := d.Paths.Credentials, d.Paths.StorageDir
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() {
		return fine("no file to look at")
	}
	mode := info.Mode().Perm()
	if mode&^0o600 != 0 && !atomicfile.KeepsModes(file) {
		return d.withoutModes(mode)
	}
	if mode&^0o600 != 0 {
		return wrong(fmt.Sprintf("mode %04o: others may read or write the tokens", mode), "mode 0600",
			run("chmod 600", file)).fixedBy(func() error { return os.Chmod(file, 0o600) })
	}
	if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o022 != 0 && info.Mode()&fs.ModeSticky == 0 {
		mode := info.Mode().Perm()
		return wrong(fmt.Sprintf("mode %04o of the directory %s: others may replace the file", mode, dir),
			"a directory that only its owner may write", run("chmod go-w", dir),
		).fixedBy(func() error { return os.Chmod(dir, mode&^0o022) })
	}
	return fine("mode %04o", mode)
}

func (d *Doctor) owner(context.Context) Finding {
	me := uint32(os.Geteuid())
	for _, path := range []string{d.Paths.Credentials, d.Paths.StorageDir} {
		uid, ok := ownerOf(path)
		switch {
		case !ok || uid == me || atomicfile.OwnsAll(d.Paths.Credentials, uid):
		case me == 0 && !isOurs(d.Paths, path): // what root makes there belongs to the owner too
		case isOurs(d.Paths, path):
			return wrong(fmt.Sprintf("%s belongs to uid %d", path, uid), fmt.Sprintf("uid %d, who runs this program", me),
				ownerRemedy(d.Paths, path)+" (or run the client as its owner, without sudo)")
		default:
			o := foreign(d.Paths, path, uid)
			return wrong(o.Cause, fmt.Sprintf("uid %d, who runs this program", me), o.Remedy)
		}
	}
	return fine("uid %d", me)
}

func (d *Doctor) json(context.Context) Finding {
	const repair = "run 'claude-auth recover': it keeps a backup of the file and signs in again"
	s := d.Snapshot
	switch {
	case errors.As(s.Err, new(*credentials.HexItemError)):
		return note("", "%v: see the check of the keychain", s.Err)
	case s.Corrupt():
		return wrong(s.Err.Error(), "one JSON object, as the client writes it", repair)
	case s.Err != nil:
		return note("", "the file could not be read")
	case !s.Exists:
		return fine("no file to look at")
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
		return note("run 'claude-auth login' if the client does not work with it",
			"the client tolerates this: %s", strings.Join(list, "; "))
	}
	if !ok {
		return fine("an object without a login")
	}
	return fine("an object, and the login is as the client writes it")
}

// renewal tells of a renewal that was interrupted. It is a note, because the login may work: the client may have been
// ended before it sent the refresh token.
func (d *Doctor) renewal(context.Context) Finding {
	switch {
	case d.Cut == nil:
		return fine("none was interrupted since the saved login was stored")
	case !d.State.Usable():
		return note("", "the last one %s", Interrupted(d.Cut.At, d.Cut.By))
	}
	return note("run 'claude -p hi' to see whether the login still works",
		"the last one %s; Anthropic may reject the login", Interrupted(d.Cut.At, d.Cut.By))
}

func (d *Doctor) writable(context.Context) Finding {
	if o := first(d.Paths, unwritable, fullDisk); o.Cause != "" {
		return wrong(o.Cause, "a directory in which a new login can be stored", o.Remedy)
	}
	return fine("%s can be written", existing(d.Paths.StorageDir))
}

// lastFailure tells of the failure that the client's transcripts end with. It is a note, because it may be an outage:
// the other checks say what it means for the login.
func (d *Doctor) lastFailure(context.Context) Finding {
	if d.Failed == "" {
		return fine("the client's transcripts have none since the saved login was stored")
	}
	return note("", "at %s the client said: %s", d.FailedAt.Local().Format("2006-01-02 15:04"), d.Failed)
}

func (d *Doctor) login(context.Context) Finding {
	found := fmt.Sprintf("%s: %s", d.State, d.Snapshot.Sentence(d.State, d.Now))
	remedy := "run 'claude-auth recover'"
	switch obstacle := NotStorable(d.Paths, d.State); {
	case obstacle.Cause != "":
		return note(obstacle.Remedy, "%s: %s", d.State, obstacle.Renewal())
	case d.State == credentials.Expiring:
		return note("run 'claude-auth login' to sign in again before it ends", "%s", found)
	case d.State.Usable():
		return fine("%s", found)
	case d.SignIn != "":
		found, remedy = found+"; a sign-in "+d.SignIn, d.SignInRemedy
	case d.State == credentials.Unreadable:
		remedy = "see the checks of the file above"
	}
	if shadow := d.launch().Shadow(d.Env, d.Paths); shadow != nil && shadow.Meant && d.Failed == "" {
		return note("", "%s (the client uses %s)", found, shadow)
	}
	return wrong(found, "a login that the client can work with", remedy)
}
