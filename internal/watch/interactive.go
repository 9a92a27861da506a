package watch

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/guard"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/session"
	"github.com/claude-auth/claude-auth/internal/transcript"
)

// interactive runs a session on the terminal with the login used. A login that is rejected during the session is
// repaired over it. When the session ends with a rejected login, interactive offers to sign in and then resumes the
// session.
func (w *Watch) interactive(ctx context.Context, used recovery.Saved) (runner.Status, error) {
	// Ctrl-C during a session is a key, or ends a sign-in on a panel. It does not end this program.
	ctx, stop := signal.NotifyContext(context.WithoutCancel(ctx), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	args := w.Invocation.Args
	for {
		s, err := w.runSession(ctx, args, used)
		if err != nil {
			return runner.Status{}, err
		}
		w.noteAnswer(ctx, used, s.sessionID(), s.started)
		resume, told := w.afterSession(ctx, s)
		if resume == "" {
			if !told && ctx.Err() == nil {
				w.tellStillBroken(ctx)
			}
			return s.status, nil
		}
		inv := w.Invocation
		if inv.NewWorktree {
			inv = inv.In(transcript.Worktree(w.Repairer.Paths.ConfigDir, w.Repairer.Dir, resume, s.started))
		}
		args, used = inv.Resumed(resume), w.Repairer.Saved(ctx)
	}
}

// watchedSession is one run of the client on the terminal. Its fields belong to the goroutine of attend until the
// client has ended, except where a comment says otherwise.
type watchedSession struct {
	w         *Watch
	started   time.Time
	since     time.Time // a failure that was recorded earlier is not about the login that is saved now
	running   *session.Session
	owner     credentials.Owner // whose login it began with, or goes on with after a repair
	suspicion chan struct{}     // of capacity 1; holds one while a failure message on the screen is to be looked into
	suspected atomic.Bool       // the screen has shown a failure message
	input     *inputLine        // has its own lock
	tail      tail              // belongs to the output's goroutine
	telling   sync.WaitGroup    // the notifications that are being shown

	known    ledger.LoginID           // the last login that was saved
	suspect  ledger.LoginID           // the saved login at the last suspicion
	rejected map[int64]ledger.LoginID // by failureKey: the login that the failure was about
	settled  map[int64]bool           // by failureKey: repaired, or the person was told
	declined map[string]bool          // by access token, because 2.1.165 empties only the refresh token

	status runner.Status
}

func (w *Watch) runSession(ctx context.Context, args []string, used recovery.Saved) (*watchedSession, error) {
	s := &watchedSession{
		w: w, started: w.Repairer.Now(), suspicion: make(chan struct{}, 1), input: &inputLine{now: w.Repairer.Now},
		rejected: map[int64]ledger.LoginID{}, settled: map[int64]bool{}, declined: map[string]bool{},
	}
	s.since = s.started
	if stored := used.Snapshot.ModTime; w.Invocation.Attaches != "" && stored.Before(s.since) {
		s.since = stored // the background session may have failed while nobody looked
	}
	s.owner = w.Repairer.OwnerOf(used.Snapshot)
	s.suspect = s.identity(used)
	s.declined[s.suspect.Access] = w.hasSettled(used.Login)
	ending := w.watchEnding(ctx)
	defer ending.end(ctx)
	scanner := detect.NewScanner(w.Rules)
	running, err := session.Start(session.Options{
		Command: w.watched(args),
		Output: func(p []byte) {
			scanner.Scan(p, s.suspects)
			s.tail.write(p)
		},
		Input: s.input.Write,
		Busy:  guard.Busy(w.Repairer.Paths),

		Distant: w.Invocation.Attaches != "",
	})
	if errors.Is(err, session.ErrNoTerminal) {
		if s.status, err = (runner.Pipe{Command: w.command(args), Busy: guard.Busy(w.Repairer.Paths)}).Run(); err == nil {
			return s, nil
		}
	}
	if err != nil {
		return nil, w.unwatched(args, err)
	}
	s.running = running
	attending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var attended sync.WaitGroup
	attended.Go(func() { s.attend(attending) })
	attended.Go(func() { w.keepRenewed(attending) })
	s.status, err = running.Wait()
	cancel()
	attended.Wait()
	s.telling.Wait()
	scanner.Close(s.suspects)
	return s, err
}

// sessionID returns the id of the session: what the client prints at its end, or that of the background session that it
// is attached to.
func (s *watchedSession) sessionID() string {
	if attached := s.w.Invocation.Attaches; attached != "" {
		return transcript.JobSession(s.w.Repairer.Paths.ConfigDir, attached)
	}
	return s.tail.sessionID()
}

// suspects is called for each failure message on the screen. It runs on the output's goroutine and never blocks.
func (s *watchedSession) suspects(found detect.Finding) {
	s.w.debug().Sawf("on the screen: what looks like a failure message, rule %s", found.Rule)
	s.suspected.Store(true)
	select {
	case s.suspicion <- struct{}{}:
	default: // one is waiting
	}
}

// afterSession repairs a login that was rejected during the session, when the transcript confirms it and no panel has
// settled it. It returns the id of the session to resume, or "". told reports that the person knows how the login is.
func (w *Watch) afterSession(ctx context.Context, s *watchedSession) (resume string, told bool) {
	if !s.suspected.Load() || ctx.Err() != nil {
		return "", false
	}
	select {
	case <-s.suspicion: // the client ended before attend looked into it
		s.suspect = s.identity(w.Repairer.Saved(ctx))
	default:
	}
	failure, ok, err := w.transcriptFailure(s.sessionID(), s.since)
	if err != nil {
		w.Fail(err)
	}
	if !ok {
		return "", err != nil // only words on the screen
	}
	seen := s.sight(failure)
	if s.settled[failureKey(failure)] || !s.mayRepair(seen) {
		return "", false
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	incident := w.incidentOf(seen)
	incident.Owner = s.owner
	incident.Then = thenResume
	outcome, err := w.Repairer.Recover(ctx, incident)
	switch {
	case errors.Is(err, recovery.ErrDeclined):
	case err != nil && ctx.Err() != nil:
		s.status = w.cancelled(err)
	case err != nil:
		w.Fail(err)
	case outcome.SignedIn && w.mayResume(ctx, outcome, failure.SessionID):
		return failure.SessionID, true
	case outcome.SignedIn:
	case outcome.Repaired:
		w.note(noteResume(outcome.Verdict, w.resumeCommand(failure.SessionID)))
	}
	return "", true
}

// tellStillBroken says, at the end of a session, that the login does not work, where the next session would ask.
func (w *Watch) tellStillBroken(ctx context.Context) {
	saved := w.Repairer.Saved(ctx)
	if !saved.State.Usable() && w.Repairer.KnownRejected(saved, w.launch()) {
		w.note(noteStillBroken)
	}
}
