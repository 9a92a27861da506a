package watch

import (
	"context"
	"errors"
	"time"

	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/session"
	"github.com/claude-auth/claude-auth/internal/transcript"
	"github.com/claude-auth/claude-auth/internal/ui"
)

const (
	// quietTime is how long the screen and the keyboard must be silent before a panel may take them.
	quietTime = 700 * time.Millisecond
	// confirmEvery and confirmTries bound the wait for the failure in the transcript: the client writes it a little after
	// it shows it (2.1.165, 2.1.330).
	confirmEvery = 300 * time.Millisecond
	confirmTries = 10
)

// sighting is a failure that the transcript has confirmed.
type sighting struct {
	failure transcript.Failure
	login   ledger.LoginID // the login that was rejected
	history *ledger.Replay // the ledger at that moment; empty when it could not be read
}

// failureKey tells the failures of a session apart.
func failureKey(f transcript.Failure) int64 { return f.Time.UnixNano() }

// attend repairs the login of the running session whenever the transcript confirms a failure that the screen has shown.
// It returns when ctx ends.
func (s *watchedSession) attend(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.suspicion:
		}
		s.suspect = s.identity(s.w.Repairer.Saved(ctx)) // now, before another process replaces the rejected login
		seen, ok := s.confirm(ctx)
		s.debugSighting(seen, ok)
		switch {
		case !ok || !seen.failure.Class.SignInHelps(): // the client itself explains what a sign-in cannot fix
		case s.mayRepair(seen):
			s.repair(ctx, seen)
		default:
			s.settled[failureKey(seen.failure)] = true
		}
	}
}

// confirm waits until the screen and the keyboard are quiet and the transcript ends with a failure. ok is false when it
// does not: a conversation that only quotes the message has no such entry.
func (s *watchedSession) confirm(ctx context.Context) (seen sighting, ok bool) {
	for range confirmTries {
		if s.running.Quiet(quietTime, ctx.Done()) != nil {
			return sighting{}, false
		}
		// After a settled failure there may be another one that is not written yet.
		if failure, ok := s.lastFailure(); ok && !s.settled[failureKey(failure)] {
			return s.sight(failure), true
		}
		select {
		case <-ctx.Done():
			return sighting{}, false
		case <-time.After(confirmEvery):
		}
	}
	return sighting{}, false
}

// debugSighting logs why a panel is shown for what the screen has shown, or why none is.
func (s *watchedSession) debugSighting(seen sighting, confirmed bool) {
	log := s.w.debug()
	switch {
	case !confirmed:
		log.Decidedf("no panel: the session's transcript does not end with a failure, so the screen showed other text")
		return
	case !seen.failure.Class.SignInHelps():
		log.Decidedf("no panel: no sign-in helps against a failure of the class %q", seen.failure.Class)
	case !s.mayRepair(seen):
		log.Decidedf("no panel: you said 'not now' for this login")
	default:
		log.Decidedf("showing a panel")
	}
	log.Sawf("the transcript of session %s ends with a failure: rule %s", seen.failure.SessionID, seen.failure.Rule)
}

// lastFailure returns the failure that the running session's transcript ends with.
func (s *watchedSession) lastFailure() (transcript.Failure, bool) {
	id := transcript.RunningSession(s.w.Repairer.Paths.ConfigDir, s.running.Pid())
	if s.w.Invocation.Attaches != "" {
		id = s.sessionID()
	}
	// A transcript that cannot be read confirms nothing. The error cannot be shown: the screen is the client's.
	failure, ok, _ := s.w.transcriptFailure(id, s.since)
	return failure, ok
}

// sight returns the failure with the login that was saved when the failure was first seen. The client may show the
// failure again after a sign-in; it is not about the new login then.
func (s *watchedSession) sight(failure transcript.Failure) sighting {
	login, known := s.rejected[failureKey(failure)]
	if !known {
		login = s.suspect
		s.rejected[failureKey(failure)] = login
	}
	return sighting{failure, login, s.w.history()}
}

// identity returns the saved login, or the last one that was saved where the client has emptied it. A session that has
// begun with a Console key goes on with that one, whatever is saved meanwhile (claude.PrimaryKey).
func (s *watchedSession) identity(saved recovery.Saved) ledger.LoginID {
	if s.known.Console() {
		return s.known
	}
	if !saved.Login.IsZero() {
		s.known = saved.Login
	} else if s.known.IsZero() {
		life, _ := s.w.history().Current(s.w.Repairer.Paths.Credentials)
		s.known = life.Login
	}
	return s.known
}

// mayRepair reports whether the person wants to be asked about this login: they have not said "not now" in this
// session, nor ever that they do not want to be asked again.
func (s *watchedSession) mayRepair(seen sighting) bool {
	return !s.declined[seen.login.Access] && (s.w.Auto || !seen.history.Silenced(seen.login))
}

// repair repairs the login, with a panel over the session as recovery's terminal.
func (s *watchedSession) repair(ctx context.Context, seen sighting) {
	p := &panel{s: s, seen: seen}
	defer p.close()
	repairer := *s.w.Repairer
	repairer.Terminal, repairer.Hooks.Output = p, p
	incident := s.w.incidentOf(seen)
	incident.Owner = s.owner
	if incident.Auto && (repairer.InsideClient() || p.open(ctx) != nil) {
		return // without a question, the panel must show what happens
	}
	for {
		outcome, err := repairer.Recover(ctx, incident)
		if !s.conclude(ctx, p, seen, outcome, err) {
			return
		}
		incident.Auto, incident.Since = true, s.w.Repairer.Now()
	}
}

// incidentOf describes a failure that a transcript has confirmed to recovery.
func (w *Watch) incidentOf(seen sighting) recovery.Incident {
	f := seen.failure
	return recovery.Incident{
		Seen: f.Class, Rule: f.Rule, Phrase: oneLine(f.Text, phraseLen), Confirmed: true,
		Used: seen.login, Where: "session", Auto: w.Auto, Since: f.Time, Launch: w.launch(),
	}
}

// conclude tells the person the outcome of a recovery, and reports whether to try again.
func (s *watchedSession) conclude(
	ctx context.Context, p *panel, seen sighting, outcome recovery.Outcome, err error,
) (again bool) {
	inClient := p.terminal == nil && errors.Is(err, recovery.ErrSignInNeeded)
	switch {
	case errors.Is(err, errMoot), errors.Is(err, session.ErrEnded), ctx.Err() != nil:
		return false
	case errors.Is(err, recovery.ErrDeclined), inClient:
		s.dismiss(seen)
		return false
	case err == nil && !outcome.Repaired: // nothing is wrong with the login
		s.settled[failureKey(seen.failure)] = true
		return false
	}
	if p.open(ctx) != nil {
		return false
	}
	if err != nil {
		again, keyErr := p.tellFailed(ctx, err, !errors.Is(err, recovery.ErrNoHelp))
		if !again && keyErr == nil {
			s.leave(seen, err, p.tried)
		}
		return again
	}
	s.settled[failureKey(seen.failure)] = true
	s.goOn(ctx, p, seen, outcome)
	return false
}

// dismiss notes that the person does not want to be asked about this login again in this session.
func (s *watchedSession) dismiss(seen sighting) {
	s.settled[failureKey(seen.failure)] = true
	s.declined[seen.login.Access] = true
}

// leave notes that the person went back to the session after err. After a failed sign-in that means no, like Esc at the
// question. What a sign-in cannot fix is told once a session. Anything else, such as a held lock, may be gone at the
// next failure.
func (s *watchedSession) leave(seen sighting, err error, tried bool) {
	s.settled[failureKey(seen.failure)] = true
	if tried || errors.Is(err, recovery.ErrNoHelp) {
		s.dismiss(seen)
	}
	if tried {
		r := s.w.Repairer
		// The panel has shown that the ledger cannot be written. This session remembers without it.
		_ = r.Ledger.Append(ledger.Event{Kind: ledger.Declined, File: r.Paths.Credentials, Login: seen.login})
	}
}

// goOn says that the login works again, gives the session back, and on request sends the failed message again.
func (s *watchedSession) goOn(ctx context.Context, p *panel, seen sighting, outcome recovery.Outcome) {
	message := seen.failure.Prompt
	if !s.input.resendable(message, seen.failure.Time) || seen.login.Console() {
		message = ""
	}
	how := ""
	if !outcome.SignedIn {
		how = outcome.Verdict.Message
	}
	var resend bool
	known, err := s.tellOther(ctx, p, how, outcome)
	if known && err == nil {
		resend, err = p.tellRepaired(ctx, how, message)
	}
	p.close()
	if err == nil && resend {
		s.resend(ctx)
	}
}

const (
	keyUp    = "\x1b[A" // also in the kitty keyboard protocol with the flags that the client sets (2.1.165, 2.1.330)
	keyEnter = "\r"
	// settleTime is how long the screen and the keyboard must be silent until the client counts as done drawing.
	settleTime = 200 * time.Millisecond
)

// resend sends the last message again, as a person would: Up on the empty input line brings it back, Enter sends it
// (2.1.165, 2.1.330). When the person types meanwhile, it leaves the Enter to them.
func (s *watchedSession) resend(ctx context.Context) {
	before := s.input.count()
	if s.running.Quiet(settleTime, ctx.Done()) != nil { // the client redraws itself after the panel
		return
	}
	if s.input.count() != before {
		return
	}
	asked := time.Now()
	s.running.Inject([]byte(keyUp))
	if s.awaitOutput(ctx, asked) && s.input.count() == before && ctx.Err() == nil {
		s.running.Inject([]byte(keyEnter))
	}
}

// upPatience bounds the wait for what the client draws after Up.
const upPatience = 15 * time.Second

// awaitOutput waits until the client has drawn something since then, and is done drawing. It reports whether that
// came. On a machine with a load of 25, 2.1.165 once had the message on its input line after Up and Enter, and did not
// send it.
func (s *watchedSession) awaitOutput(ctx context.Context, then time.Time) bool {
	for time.Since(then) < upPatience && ctx.Err() == nil {
		if s.running.LastOutput().After(then) {
			return s.running.Quiet(settleTime, ctx.Done()) == nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false
}

// details is what the key d shows.
func (s *watchedSession) details(seen sighting) []ui.Cell {
	file, now := s.w.Repairer.Paths.Credentials, s.w.Repairer.Now()
	age := sayAge(seen.history.Standing(file, seen.login), now)
	if age == "" {
		age = sayAge(seen.history.Standing(file, s.known), now) // the client has emptied the login
	}
	var texts []ui.Cell
	for _, text := range sayDetails(seen.failure, age, file) {
		texts = append(texts, ui.Cell{Text: text})
	}
	return texts
}
