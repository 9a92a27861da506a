package watch

import (
	"context"
	"errors"
	"time"

	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
)

// interactive runs a session on the terminal. After one that ended with a dead login it offers to sign in, and goes on
// with the session where the person left it.
func (w *Watch) interactive(ctx context.Context) (runner.Status, error) {
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

// session is a session that has ended.
type session struct {
	started time.Time
	refused ledger.LoginID // the login at the time of the last finding
	found   *detect.Finding
	tail    tail
	status  runner.Status
}

func (w *Watch) session(ctx context.Context, args []string) (*session, error) {
	s := &session{}
	s.refused, s.started = w.login(ctx)
	scanner := detect.NewScanner(w.Rules)
	suspect := func(f detect.Finding) {
		s.found = &f
		s.refused, _ = w.login(ctx)
	}
	running, err := runner.StartSession(runner.SessionOptions{
		Command: w.command(args),
		Output: func(p []byte) {
			scanner.Scan(p, suspect)
			s.tail.write(p)
		},
	})
	if errors.Is(err, runner.ErrNoTerminal) {
		result, err := runner.Pipe{Command: w.command(args)}.Run()
		s.status = result.Status
		return s, err
	}
	if err != nil {
		return nil, err
	}
	s.status, err = running.Wait()
	scanner.Close(suspect)
	return s, err
}

// afterSession repairs a login that a session has shown to be dead, when its transcript says so too. again is true when
// the session with the id resume is to go on.
func (w *Watch) afterSession(ctx context.Context, s *session) (resume string, again bool) {
	if s.found == nil || ctx.Err() != nil {
		return "", false
	}
	seen, ok := w.transcriptFailure(s.tail.sessionID(), s.started)
	if !ok {
		return "", false // words on a screen: nothing is touched
	}
	outcome, err := w.Tool.Recover(ctx, recovery.Case{
		Seen: seen.Class, Rule: seen.Rule, Phrase: oneLine(seen.Text), Confirmed: true, Structure: true, Refused: s.refused,
		Where: "session", Auto: w.Auto, Since: s.started, Then: "and resume the session",
	})
	switch {
	case errors.Is(err, recovery.ErrDeclined):
		return "", false
	case err != nil:
		w.Fail(err)
		return "", false
	case outcome.Repaired && !outcome.SignedIn:
		w.Tool.Terminal.Notef("%s: go on with 'claude --resume %s'", outcome.Verdict.Message, seen.SessionID)
	}
	return seen.SessionID, outcome.SignedIn
}
