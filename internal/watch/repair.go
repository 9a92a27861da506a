package watch

import (
	"context"
	"errors"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/recovery"
	ptysession "github.com/claude-auth/claude-auth/internal/session"
	"github.com/claude-auth/claude-auth/internal/transcript"
	"github.com/claude-auth/claude-auth/internal/ui"
)

const (
	// quietTime is how long screen and keyboard must have been silent before a panel may take them.
	quietTime = 700 * time.Millisecond
	// confirmEvery and confirmTries bound the wait for the transcript to say what the screen has said: the client writes
	// it a little later (2.1.165, 2.1.330).
	confirmEvery = 300 * time.Millisecond
	confirmTries = 10
)

// sighting is a failure that the transcript has confirmed, the login that it was about, and what was known at that
// moment.
type sighting struct {
	failure transcript.Failure
	refused ledger.LoginID
	history *ledger.Replay // empty when the ledger could not be read
}

// failureKey tells the failures of a session apart.
type failureKey int64

func keyOf(f transcript.Failure) failureKey { return failureKey(f.Time.UnixNano()) }

func (s sighting) key() failureKey { return keyOf(s.failure) }

// attend repairs the login of the running session, whenever its transcript confirms what was seen on its screen. It
// returns at the session's end.
func (s *session) attend(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // ends with the session
		<-s.running.Done()
		cancel()
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.suspicion:
		}
		s.suspect = s.identity(ctx) // the login that was rejected, before it is replaced
		seen, ok := s.confirm(ctx)
		switch {
		case !ok || !seen.failure.Class.SignInHelps(): // what no key of ours would fix, the client explains itself
		case s.mayRepair(seen):
			s.repair(ctx, seen)
		default:
			s.settled[seen.key()] = true
		}
	}
}

// confirm waits until the screen and the keyboard are quiet and the transcript stands at a failure. ok is false when it
// does not: a conversation that quotes the words has no such entry.
func (s *session) confirm(ctx context.Context) (seen sighting, ok bool) {
	for range confirmTries {
		if s.running.Quiet(quietTime, ctx.Done()) != nil {
			return sighting{}, false
		}
		// One that is settled may be followed by another that is not written yet.
		if failure, ok := s.standsAt(); ok && !s.settled[keyOf(failure)] {
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

// standsAt is the failure at which the running session stands.
func (s *session) standsAt() (transcript.Failure, bool) {
	id := transcript.RunningSession(s.w.Repairer.Paths.ConfigDir, s.running.Pid())
	// A transcript that cannot be read confirms nothing, and there is no place to say so: the screen is the client's.
	failure, ok, _ := s.w.transcriptFailure(id, s.started)
	return failure, ok
}

// sight puts the login to the failure that it was rejected with: the one of the moment when this failure was first
// seen. A failure that is painted again later, after a sign-in, is not about the new login.
func (s *session) sight(failure transcript.Failure) sighting {
	refused, known := s.refused[keyOf(failure)]
	if !known {
		refused = s.suspect
		s.refused[keyOf(failure)] = refused
	}
	return sighting{failure, refused, s.w.history()}
}

// identity is the saved login; where the client has emptied it, the one that it was.
func (s *session) identity(ctx context.Context) ledger.LoginID {
	if id, _ := s.w.login(ctx); !id.IsZero() {
		s.known = id
	} else if s.known.IsZero() {
		life, _ := s.w.history().Current(s.w.Repairer.Paths.Credentials)
		s.known = life.Login
	}
	return s.known
}

// mayRepair reports whether the person has not said no for this login yet.
func (s *session) mayRepair(seen sighting) bool {
	id := seen.refused
	return !s.declined[id] && (s.w.Auto || id.IsZero() || seen.history.Declined(id).IsZero())
}

// repair has recovery repair the login, with a panel over the session as its terminal.
func (s *session) repair(ctx context.Context, seen sighting) {
	p := &panel{running: s.running, draw: s.w.Draw, about: s.age(ctx, seen)}
	p.details = func() []ui.Cell { return s.details(seen) }
	p.wait = func() error {
		if err := s.running.Quiet(quietTime, ctx.Done()); err != nil {
			return err
		}
		if now, ok := s.standsAt(); !ok || !now.Time.Equal(seen.failure.Time) {
			return errMoot
		}
		return nil
	}
	defer p.close()
	repairer := *s.w.Repairer
	repairer.Terminal, repairer.HookOutput = p, p
	incident := s.w.incidentOf(seen)
	if incident.Auto { // nothing may be begun that cannot be shown
		if s.w.Repairer.InsideClient() || p.open() != nil {
			return
		}
	}
	for {
		outcome, err := repairer.Recover(ctx, incident)
		if !s.conclude(ctx, p, seen, outcome, err) {
			return
		}
		incident.Auto, incident.Since = true, s.w.Repairer.Now()
	}
}

// incidentOf is what recovery is told about a failure that a transcript has confirmed.
func (w *Watch) incidentOf(seen sighting) recovery.Incident {
	f := seen.failure
	return recovery.Incident{
		Seen: f.Class, Rule: f.Rule, Phrase: oneLine(f.Text), Confirmed: true, Structure: true,
		Refused: seen.refused, Where: "session", Auto: w.Auto, Since: f.Time,
		Launch: w.launch(),
	}
}

// conclude tells the person what a recovery came to, and reports whether it is to be tried again.
func (s *session) conclude(
	ctx context.Context, p *panel, seen sighting, outcome recovery.Outcome, err error,
) (again bool) {
	inClient := p.terminal == nil && errors.Is(err, recovery.ErrSignInNeeded)
	switch {
	case errors.Is(err, errMoot), errors.Is(err, ptysession.ErrEnded), ctx.Err() != nil:
		return false
	case errors.Is(err, recovery.ErrDeclined), inClient:
		s.dismiss(seen)
		return false
	case err == nil && !outcome.Repaired: // not even a suspicion is left
		s.settled[seen.key()] = true
		return false
	}
	if p.open() != nil {
		return false
	}
	if err != nil {
		again, keyErr := p.tellFailed(ctx, err, !errors.Is(err, recovery.ErrNoHelp))
		if !again && keyErr == nil {
			s.leave(seen, err, p.tried)
		}
		return again && keyErr == nil
	}
	s.settled[seen.key()] = true
	s.goOn(ctx, p, seen, outcome)
	return false
}

// dismiss notes that the person does not want to hear of this login again.
func (s *session) dismiss(seen sighting) {
	s.settled[seen.key()] = true
	s.declined[seen.refused] = true
}

// leave notes that the person went back to the session after err. After a sign-in that failed that is a no, as Esc is
// at the question. What a sign-in cannot help against is told once a session; anything else, a held lock, may be gone
// at the next failure.
func (s *session) leave(seen sighting, err error, tried bool) {
	s.settled[seen.key()] = true
	if tried || errors.Is(err, recovery.ErrNoHelp) {
		s.dismiss(seen)
	}
	if tried {
		r := s.w.Repairer
		// A ledger that cannot be written has been told of on the panel; this session remembers it without one.
		_ = r.Ledger.Append(ledger.Event{Kind: ledger.Declined, File: r.Paths.Credentials, Login: seen.refused})
	}
}

// goOn tells that the login works again, gives the session back, and sends the message that failed again where that is
// wanted.
func (s *session) goOn(ctx context.Context, p *panel, seen sighting, outcome recovery.Outcome) {
	message := seen.failure.Prompt
	if !s.input.resendable(message, seen.failure.Time) {
		message = ""
	}
	how := "signed in: the new login is stored"
	if !outcome.SignedIn {
		how = outcome.Verdict.Message
	}
	resend, err := p.tellRepaired(ctx, how, message)
	p.close()
	if err == nil && resend {
		s.resend(ctx)
	}
}

const (
	keyUp    = "\x1b[A" // also in the kitty keyboard protocol with the flags that the client sets (2.1.165, 2.1.330)
	keyEnter = "\r"
	// settleTime is how long the client's screen must be silent to count as drawn.
	settleTime = 200 * time.Millisecond
)

// resend sends the last message again, as a person would: Up on the empty input line brings it back, Enter sends it
// (2.1.165, 2.1.330). What the person types meanwhile is theirs: then Enter is left to them too.
func (s *session) resend(ctx context.Context) {
	before := s.input.count()
	if s.running.Quiet(settleTime, ctx.Done()) != nil { // it redraws itself after the panel
		return
	}
	if s.input.count() != before {
		return
	}
	s.running.Inject([]byte(keyUp))
	s.awaitOutput(ctx)
	if s.input.count() == before && ctx.Err() == nil {
		s.running.Inject([]byte(keyEnter))
	}
}

// upPatience bounds the wait for what the client paints after Up.
const upPatience = 3 * time.Second

// awaitOutput waits until the client has painted something since the call, and is done with it.
func (s *session) awaitOutput(ctx context.Context) {
	asked := time.Now()
	for time.Since(asked) < upPatience && ctx.Err() == nil {
		if s.running.LastOutput().After(asked) {
			_ = s.running.Quiet(settleTime, ctx.Done())
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// age says how old the login is where the diagnosis does not: where its sign-in was not seen, or the client has emptied
// it.
func (s *session) age(ctx context.Context, seen sighting) string {
	r := s.w.Repairer
	var standing ledger.Standing
	if snapshot, err := r.Store.Read(ctx); err == nil {
		var state credentials.State
		if standing, state = r.Standing(snapshot); standing.BornExact && state != credentials.Blank {
			return ""
		}
	}
	age, exact := standing.Age(r.Now())
	if age == 0 {
		age, exact = seen.history.Standing(r.Paths.Credentials, s.known).Age(r.Now())
	}
	switch {
	case age <= 0:
		return ""
	case exact:
		return "The login was made " + ui.Roughly(age) + " ago."
	}
	return "The login was first seen " + ui.Roughly(age) + " ago; it may be older."
}

// details is what `d` shows.
func (s *session) details(seen sighting) []ui.Cell {
	f, file := seen.failure, s.w.Repairer.Paths.Credentials
	lines := "Seen: " + oneLine(f.Text) + "\nAt: " + f.Time.Local().Format(time.DateTime) + "\nRule: " + f.Rule
	lines += "\nSession: " + f.SessionID + "\nClient: " + f.Version
	texts := []ui.Cell{{Text: lines}, {Text: "File: " + file}}
	if standing := seen.history.Standing(file, seen.refused); standing.BornExact {
		texts = append(texts, ui.Cell{Text: "The login was made on " + standing.Born.Local().Format(time.DateTime) + "."})
	}
	return append(texts,
		ui.Cell{Text: "Only the account's own keys are taken out, after a backup. " +
			"If the sign-in does not store a new login, the old one is put back."},
		ui.Cell{Text: "'claude-auth why' tells more, 'claude-auth undo' puts the old login back."})
}
