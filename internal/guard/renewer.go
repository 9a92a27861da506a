package guard

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/cache"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/create"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/runner"
)

const (
	// longest is how long a renewer may run. A slow token endpoint has answered after 25 s (measured), and the client
	// itself gives up after about 31 s (2.1.330).
	longest = 60 * time.Second
	// lookEvery is how often the guard looks for the client's lock and for new tokens while a renewer runs.
	lookEvery = 10 * time.Millisecond
	// idleLimit is how long a renewer may run without having taken the client's lock. It takes it 0.13 to 0.46 s after
	// its start on an idle machine (2.1.165, 2.1.330, 2.1.332).
	idleLimit = 20 * time.Second
	// settleTime is how long the guard still waits for new tokens after the client has released its lock.
	settleTime = time.Second
	// endPatience is how long a renewer may take to end, at each step of being asked to.
	endPatience = 3 * time.Second
)

// renewer is a client that runs to renew the login.
type renewer struct {
	child *runner.Child
	input int    // the other end of the client's standard input
	log   string // the client's log
}

// environment is the renewer's: without what overrides the saved login, and without what tells a client that it runs
// inside another one.
func (g *Guard) environment() paths.Env {
	env := g.Env.Without(claude.OverrideVariables()...).Without(claude.EnvInside).Inside(g.Client)
	return g.Paths.StoreIn(env)
}

// startRenewer starts the client in a session and a directory of its own.
func (g *Guard) startRenewer() (*renewer, error) {
	in, input, err := fdio.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start Claude Code for the renewal: %w", err)
	}
	defer fdio.Close(in)
	log := g.logFile()
	_ = os.Remove(log) // of a renewal before; without it there is nothing to remove
	args := append([]string{claude.DebugFile, log}, claude.Renewer[:]...)
	command := runner.Command{Path: g.Client, Args: args, Env: g.environment().Environ()}
	child, err := runner.StartDetached(command, in, runner.Null)
	if err != nil {
		fdio.Close(input)
		return nil, fmt.Errorf("start Claude Code for the renewal: %w", err)
	}
	return &renewer{child, input, log}, nil
}

// logFile is where the client's log of a renewal is.
func (g *Guard) logFile() string { return filepath.Join(g.workDir(), "log") }

// wasEnded reports whether something else than the renewal has ended the client, or kept it from starting: a signal, or
// a missing interpreter. That says nothing about this version.
func (r *renewer) wasEnded() bool {
	status := r.child.Wait()
	return status.Signal != 0 || status.Code >= statusNotExecutable
}

// statusNotExecutable is the first of the statuses of env and of shells that are not the program's own.
const statusNotExecutable = 126

// end closes the client's standard input, which never interrupts a renewal (2.1.165, 2.1.330). If that does not end the
// client, end asks it to end and then kills it, but not while it may be renewing.
func (r *renewer) end(busy runner.Busy) {
	fdio.Close(r.input)
	for _, sig := range []syscall.Signal{unix.SIGTERM, unix.SIGKILL} {
		select {
		case <-r.child.Ended():
			return
		case <-time.After(endPatience):
		}
		busy.Poll(time.Sleep)
		r.child.Signal(sig)
	}
	r.child.Wait()
}

// Busy tells when a client must not be ended. While it holds this lock it may have sent its refresh token, and the new
// one is nowhere yet.
func Busy(p paths.Paths) runner.Busy {
	return runner.Busy{
		Dir:   filepath.Join(p.StorageDir, claude.RefreshLock),
		Fresh: claude.RefreshFresh, Limit: claude.RefreshLongest,
	}
}

// failure says why the renewal brought no new tokens, as far as the client's log tells.
func (r *renewer) failure() claude.RenewalFailure {
	log, _, err := atomicfile.ReadRegular(r.log, largestLog)
	if err != nil {
		return claude.RenewalFailure{} // without a log the outcome is the same, and less is known
	}
	return claude.FindRenewalFailure(string(log))
}

// largestLog bounds what is read of the client's log, in bytes. A renewal logs some 10 KB.
const largestLog = 4 << 20

// emptyDir is the working directory of a keeper and its renewer, so that no project's settings count for them.
func emptyDir(p paths.Paths) string {
	dir := filepath.Join(p.StateDir, "renewing")
	if create.Dirs(dir) != nil {
		return "/"
	}
	return dir
}

// look is what the guard has seen of a renewal so far.
type look struct {
	before  *credentials.Login
	stamp   cache.Stamp // of the credentials file, when it was last read
	started time.Time
	locked  bool      // the client's lock has been seen
	free    time.Time // since when that lock is free again; zero while it is held, or before
	login   *credentials.Login
	logged  cache.Stamp // of the client's log, when it was last read
	found   Outcome     // "" while it goes on
}

// await watches a renewer until the renewal has ended, one way or another.
func (g *Guard) await(ctx context.Context, r *renewer, before *credentials.Login) *look {
	l := &look{before: before, started: time.Now()}
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	ended := r.child.Ended()
	for {
		over := false
		select {
		case <-ended:
			over = true
		case <-ticker.C:
		}
		g.look(ctx, r, l, over)
		if l.found != "" {
			return l
		}
	}
}

// look looks once. over says that the renewer has ended.
func (g *Guard) look(ctx context.Context, r *renewer, l *look, over bool) {
	now := time.Now()
	held := isLock(g.refreshLock())
	switch {
	case held:
		l.locked, l.free = true, time.Time{}
	case l.locked && l.free.IsZero():
		l.free = now
	}
	if l.found = g.changed(ctx, l, over); l.found != "" {
		return
	}
	settled := !l.free.IsZero() && now.Sub(l.free) > settleTime
	switch {
	case l.failed(r):
		l.found = NoAnswer
	case over && r.wasEnded():
		l.found = Failed
	case over && !l.locked, !l.locked && now.Sub(l.started) > idleLimit:
		l.found = Unsupported
	case over, settled, now.Sub(l.started) > longest:
		l.found = NoAnswer
	}
}

// failed reports whether the client's log says by now that the renewal has failed.
func (l *look) failed(r *renewer) bool {
	stamp := cache.StampOf(r.log)
	if stamp == l.logged {
		return false
	}
	l.logged = stamp
	return r.failure() != claude.RenewalFailure{}
}

// changed reads the saved login when the file has changed, and says what the renewal has made of it: "" for nothing
// yet.
func (g *Guard) changed(ctx context.Context, l *look, over bool) Outcome {
	stamp := cache.StampOf(g.Paths.Credentials)
	if _, isFile := g.Store.(*credentials.FileStore); !isFile {
		// A keychain is asked by a process. The client makes and removes its locks beside each write.
		stamp = cache.StampOf(g.Paths.StorageDir)
	}
	if stamp == l.stamp && stamp != (cache.Stamp{}) && !over {
		return ""
	}
	snapshot, err := g.Store.Read(ctx)
	if err != nil {
		return "" // it is being written
	}
	l.stamp, l.login = stamp, snapshot.Login()
	switch {
	case l.login == nil:
		return ""
	case l.login.RefreshEmptied, l.login.AccessToken.IsZero():
		return Rejected
	case !l.login.AccessToken.Equal(l.before.AccessToken) && l.login.ExpiresAt.After(g.Now()):
		return Renewed
	}
	return ""
}

// refreshLock is the lock that the client holds during a renewal.
func (g *Guard) refreshLock() string { return filepath.Join(g.Paths.StorageDir, claude.RefreshLock) }

func isLock(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}
