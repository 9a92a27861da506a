package watch

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/lock"
)

// interruptions are the signals that end a client, and what the ledger calls them. The client removes its lock at each
// of them (2.1.165, 2.1.330, 2.1.332), so that afterwards little or nothing (2.1.165) shows that it was renewing the
// login.
var interruptions = map[os.Signal]string{
	syscall.SIGINT:  "Ctrl-C",
	syscall.SIGTERM: "SIGTERM",
	syscall.SIGHUP:  "the terminal was closed",
}

// ending finds out whether the client is ended while it renews the login.
type ending struct {
	w      *Watch
	caught chan os.Signal
	done   chan struct{}

	// Of the first signal that came during a renewal. They belong to look until done is closed.
	cut   ledger.Cut
	login ledger.LoginID
}

// watchEnding looks at the client's lock whenever a signal comes that will end the client. end must be called when the
// client has ended.
func (w *Watch) watchEnding(ctx context.Context) *ending {
	e := &ending{w: w, caught: make(chan os.Signal, 4), done: make(chan struct{})}
	for sig := range interruptions {
		if !signal.Ignored(sig) { // it does not end the client either
			signal.Notify(e.caught, sig)
		}
	}
	go e.look(context.WithoutCancel(ctx)) // ends in end
	return e
}

func (e *ending) look(ctx context.Context) {
	defer close(e.done)
	for sig := range e.caught {
		renewal, ok := e.renewal()
		if !ok || renewal.Over || !e.login.IsZero() {
			continue
		}
		e.cut = ledger.Cut{Began: renewal.Began, At: e.w.Repairer.Now(), By: interruptions[sig]}
		e.login = e.w.Repairer.Saved(ctx).Login
	}
}

func (e *ending) renewal() (lock.Renewal, bool) {
	return lock.Client(e.w.Repairer.Paths.StorageDir).Renewal()
}

// end notes in the ledger that the client has ended in the middle of a renewal. While the lock that it was seen with is
// held, the renewal goes on: it is that of another process.
func (e *ending) end(ctx context.Context) {
	signal.Stop(e.caught)
	close(e.caught)
	<-e.done
	ctx = context.WithoutCancel(ctx)
	renewal, ok := e.renewal()
	if !ok && e.login.IsZero() {
		return // as nearly always
	}
	goesOn := ok && !renewal.Over && renewal.Began.Sub(e.cut.Began).Abs() < time.Millisecond
	now := e.w.Repairer.Saved(ctx)
	if !e.login.IsZero() && !goesOn && now.Login == e.login {
		e.w.Repairer.NoteCut(e.login, e.cut)
	}
	e.w.Repairer.NoteInterruption(now.Snapshot)
}
