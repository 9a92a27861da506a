package watch

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
	ptysession "github.com/claude-auth/claude-auth/internal/session"
)

// interactive runs a session on the terminal. A login that dies in it is repaired in it; after a session that ended
// with a dead login it offers to sign in, and goes on with the session where the person left it.
func (w *Watch) interactive(ctx context.Context) (runner.Status, error) {
	// Ctrl-C during a session is a key, or ends a sign-in on a panel: it is not for us.
	ctx, stop := signal.NotifyContext(context.WithoutCancel(ctx), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	args := w.Invocation.Args()
	for {
		s, err := w.session(ctx, args)
		if err != nil {
			return runner.Status{}, err
		}
		resume, again := w.afterSession(ctx, s)
		if !again {
			return s.status, nil
		}
		args = w.Invocation.Resumed(resume)
	}
}

// session is one run of the client on the terminal. What is not said otherwise belongs to attend until the client has
// ended.
type session struct {
	w         *Watch
	started   time.Time
	running   *ptysession.Session // nil: there was no terminal to show a panel on
	suspicion chan struct{}       // has one when the screen has shown a failure message
	suspected atomic.Bool         // it ever has
	input     *inputLine
	tail      tail // of the output goroutine

	known    ledger.LoginID                // the last login that was saved
	suspect  ledger.LoginID                // the login at the last suspicion
	refused  map[failureKey]ledger.LoginID // of each failure
	settled  map[failureKey]bool           // repaired, or not to be spoken of again
	declined map[ledger.LoginID]bool

	status runner.Status
}

func (w *Watch) session(ctx context.Context, args []string) (*session, error) {
	s := &session{
		w: w, suspicion: make(chan struct{}, 1), input: &inputLine{now: w.Repairer.Now},
		refused: map[failureKey]ledger.LoginID{}, settled: map[failureKey]bool{},
		declined: map[ledger.LoginID]bool{},
	}
	s.started = w.Repairer.Now()
	s.suspect = s.identity(ctx)
	scanner := detect.NewScanner(w.Rules)
	running, err := ptysession.Start(ptysession.Options{
		Command: w.command(args),
		Output: func(p []byte) {
			scanner.Scan(p, s.suspects)
			s.tail.write(p)
		},
		Input: s.input.Write,
	})
	if errors.Is(err, ptysession.ErrNoTerminal) {
		s.status, err = runner.Pipe{Command: w.command(args)}.Run()
		return s, err
	}
	if err != nil {
		return nil, err
	}
	s.running = running
	attended := make(chan struct{})
	go func() { // ends with the session
		defer close(attended)
		s.attend(context.WithoutCancel(ctx))
	}()
	s.status, err = running.Wait()
	<-attended
	scanner.Close(s.suspects)
	return s, err
}

// suspects is told of a failure message on the screen. It runs where the output is carried, and keeps nothing waiting.
func (s *session) suspects(detect.Finding) {
	s.suspected.Store(true)
	select {
	case s.suspicion <- struct{}{}:
	default: // one is waiting already
	}
}

// afterSession repairs a login that a session has shown to be dead, when its transcript says so too and no panel has
// settled it. again is true when the session with the id resume is to go on.
func (w *Watch) afterSession(ctx context.Context, s *session) (resume string, again bool) {
	if !s.suspected.Load() || ctx.Err() != nil {
		return "", false
	}
	select {
	case <-s.suspicion: // the client was gone before it could be looked into
		s.suspect = s.identity(ctx)
	default:
	}
	failure, ok, err := w.transcriptFailure(s.tail.sessionID(), s.started)
	if err != nil {
		w.Fail(err)
	}
	if !ok {
		return "", false // words on a screen: nothing is touched
	}
	seen := s.sight(failure)
	if s.settled[seen.key()] || !s.mayRepair(seen) {
		return "", false
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	incident := w.incidentOf(seen)
	incident.Then = "and resume the session"
	outcome, err := w.Repairer.Recover(ctx, incident)
	switch {
	case errors.Is(err, recovery.ErrDeclined):
		return "", false
	case err != nil:
		w.Fail(err)
		return "", false
	case outcome.Repaired && !outcome.SignedIn:
		w.Repairer.Terminal.Notef("%s: go on with 'claude --resume %s'", outcome.Verdict.Message, failure.SessionID)
	}
	return failure.SessionID, outcome.SignedIn
}
