package diagnose

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/system"
)

// What helps in a container: docs/containers.md has each of them.
const (
	useToken = "give the container a token: run 'claude setup-token' on your own machine, and set " +
		claude.EnvOAuthToken + " to what it prints. It lasts a year"
	useMount = "mount a directory or a volume, and set " + claude.EnvConfigDir + " to it"
)

// container tells what goes wrong with a login in a container and what the other checks do not say: they know of a file
// that is mounted alone, of read-only mounts and of other owners.
func (d *Doctor) container(context.Context) Finding {
	c := d.System.Container(d.Env.Get)
	if c.Name == "" {
		return fine("not in a container")
	}
	shadow := d.launch().Shadow(d.Env, d.Paths)
	hasToken := shadow != nil && shadow.Meant
	asks := d.firstQuestions(c, hasToken)
	switch copied := d.copied(c); {
	case hasToken && asks != nil:
		return *asks
	case hasToken:
		return fine("in %s, with %s", c.Name, shadow)
	case copied.why != "" && copied.certain:
		return wrong("in "+c.Name+", and the login is a copy: "+copied.why+". "+burnsOther,
			"a login that is renewed in one place", signInOrToken)
	case copied.why != "":
		return note(signInOrToken, "in %s, and the login is probably a copy: %s. %s", c.Name, copied.why, burnsOther)
	case first(d.Paths, unwritable, foreignOwner).Cause != "":
		return note(useToken, "in %s, where no new login can be saved: see the check 'writable'", c.Name)
	case asks != nil:
		return *asks
	case c.OwnFile(existing(d.Paths.StorageDir)) && !atomicfile.IsMountPoint(d.Paths.Credentials):
		return note(useMount+", or "+useToken, "in %s: a login that is saved in %s is removed with it", c.Name,
			d.Paths.StorageDir)
	}
	return fine("in %s, and %s is mounted from outside", c.Name, mounted(c, d))
}

const (
	burnsOther    = "The first renewal, here or where it came from, makes the other worthless"
	signInOrToken = "run 'claude-auth login' here, or " + useToken
)

// mounted is what keeps the login when the container goes.
func mounted(c system.Container, d *Doctor) string {
	if atomicfile.IsMountPoint(d.Paths.Credentials) {
		return d.Paths.Credentials
	}
	return d.Paths.StorageDir
}

// firstQuestions tells of a client that would ask its first questions in every new container: they are answered in a
// file that is not among what is mounted.
func (d *Doctor) firstQuestions(c system.Container, hasToken bool) *Finding {
	file := d.Paths.GlobalConfig
	needless := !hasToken && !d.State.Usable()
	if needless || !c.OwnFile(existing(file)) || d.onboarded() || FindBrokenConfig(d.Paths).Cause != "" {
		return nil
	}
	what := "a session asks Claude Code's first questions"
	if v := d.answer.version; v != 0 && v <= claude.LastAskingForSignIn {
		what += ", and to sign in, although it need not"
	}
	remedy := useMount + ": Claude Code then keeps that file there too"
	if hasToken {
		remedy = fmt.Sprintf("write {%q:true} into %s when you build the image", claude.OnboardedKey, inShell(file))
	}
	f := note(remedy, "in %s, where %s, because %s does not say that they were answered", c.Name, what, file)
	return &f
}

// onboarded reports whether the client's first questions were answered.
func (d *Doctor) onboarded() bool {
	data, _, err := atomicfile.ReadRegular(d.Paths.GlobalConfig, largestSettings)
	var keys map[string]any
	if err != nil || json.Unmarshal(data, &keys) != nil {
		return false
	}
	done, _ := keys[claude.OnboardedKey].(bool)
	return done
}

// origin says how a login came into a container, where it came from outside.
type origin struct {
	why     string // "" where nothing shows that it did
	certain bool
}

// copied looks for signs that the saved login is a copy of one that is used in another place too. Only a file of the
// container's own can be one: what is mounted is there for all who mount it. A login without a refresh token never
// changes.
//
// Two signs are certain, because nothing that runs in the container can have made them. The others have another
// explanation: a file that was restored with its time, a ~/.claude.json that was removed.
func (d *Doctor) copied(c system.Container) origin {
	file, login := d.Paths.Credentials, d.Snapshot.Login()
	info, err := os.Lstat(file)
	if err != nil || login == nil || login.RefreshToken.IsZero() || d.Snapshot.Item != "" || !c.OwnFile(file) {
		return origin{}
	}
	const slack = 2 * time.Second // file systems round times
	born, written := system.Born(file), info.ModTime()
	account := credentials.ReadOwner(d.Paths.GlobalConfig)
	switch {
	case !c.Created.IsZero() && !born.IsZero() && born.Before(c.Created):
		return origin{file + " came with the image", true}
	case !c.Created.IsZero() && !login.ExpiresAt.IsZero() && login.ExpiresAt.Before(c.Created):
		return origin{"its access token had expired before the container was made", true}
	case !born.IsZero() && written.Add(slack).Before(born):
		return origin{"it was written at " + written.Local().Format(time.DateTime) + ", before " + file + " was made", false}
	case d.SignedInHere:
		return origin{}
	case account.IsZero():
		return origin{d.Paths.GlobalConfig + " knows of no sign-in", false}
	case d.Snapshot.Owner("").IsOther(account):
		return origin{d.Paths.GlobalConfig + " names another account", false}
	}
	return origin{}
}
