// Package recovery repairs a login: it diagnoses, asks, removes the rejected login, signs in through the client, checks
// that new tokens were really stored, and restores the old login when they were not.
//
// Between the removal and the check only a backup holds the old login. So every way out of there (an error, a signal, a
// panic) restores it.
package recovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/lifecycle"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/signin"
	"github.com/claude-auth/claude-auth/internal/system"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// ErrSignInNeeded says that only a sign-in helps, and none was made.
var ErrSignInNeeded = errors.New("a sign-in is needed")

// ErrDeclined is ErrSignInNeeded after the person said no. The terminal has said what that means.
var ErrDeclined = fmt.Errorf("%w, and you said no", ErrSignInNeeded)

// ErrNoHelp says that something is wrong that a sign-in would not fix. Nothing was changed.
var ErrNoHelp = errors.New("a sign-in cannot help")

// ErrLocked says that another process holds the file for the moment. Nothing was changed; trying again helps.
var ErrLocked = errors.New("try again in a moment")

// Terminal is how recovery talks to the person.
type Terminal interface {
	// CanAsk reports whether a person can be asked.
	CanAsk() bool
	// Ask asks a yes-or-no question.
	Ask(ctx context.Context, question ui.Question) (bool, error)
	// Choose is Ask for a question that may be answered with ui.Stop.
	Choose(ctx context.Context, question ui.Question) (ui.Answer, error)
	// Notef shows what is going on.
	Notef(format string, args ...any)
	// SignIn runs the client's sign-in where the person can follow it, and waits for it.
	// The error is signin.ErrCancelled when the person has cancelled it.
	SignIn(ctx context.Context, request signin.Request) (runner.Status, error)
}

// Repairer repairs the login in one credentials file.
type Repairer struct {
	System   system.System // which the zero value takes for Linux
	Paths    paths.Paths
	Env      paths.Env
	Dir      string // the working directory, for the client's project settings
	Store    credentials.Store
	Backups  *credentials.Backups
	Ledger   *ledger.Ledger
	Now      func() time.Time
	Client   func() (string, error) // the client's path
	Terminal Terminal
	Debug    *ui.Debug     // what is seen, believed and decided
	Timeout  time.Duration // how long one sign-in may take; 0 for the default
	Browser  string        // the program that opens the page of a sign-in, instead of the one in Env; "" for none
	Hooks    lifecycle.Hooks
	Warned   *sync.Map            // the warnings that a person has seen, which are not repeated; nil repeats them
	Rules    func() *detect.Rules // what a failure is: called when there is something to classify
	Quiet    bool                 // say nothing of a ledger that cannot be used
	Useless  func(error)          // unless nil, is told of the state directory once nothing can be written there
	Linked   *credentials.Link    // the link that the credentials file was before the client started; see NoteLink
}

// Incident is a failure of the client: what is known about it.
type Incident struct {
	Seen      detect.Class   // what the client said; "" when a person asks without having seen anything
	Rule      string         // the detection rule
	Phrase    string         // the client's words
	Confirmed bool           // the words are the client's own message, not a quotation
	Used      ledger.LoginID // the login that the client was using; zero when unknown
	Known     bool           // Used is known; zero means that there was no login
	Launch    diagnose.Launch
	Where     string    // print, session, transcript, recover: for the ledger
	Auto      bool      // go ahead without asking
	Then      string    // what follows a sign-in, for the question: "and resume the session"
	Since     time.Time // when the failure was seen; a sign-in that failed later is not tried again
	Before    bool      // the client has not been started yet: a no starts it with the login as it is
	Settled   bool      // the person has said no, or was told that nothing helps: ask nothing
	ByPerson  bool      // a person has asked for this repair: what they answered before does not count

	Answered time.Time // when nothing failed: the client's last answer with the saved login, zero when none is known

	Owner credentials.Owner // whose login it was when what failed had begun; zero when unknown
}

// Outcome is the result of a recovery.
type Outcome struct {
	Verdict  diagnose.Verdict
	Repaired bool // a new login is saved: what failed can be repeated
	SignedIn bool // this recovery made the new login

	Other credentials.Owner // whose login is saved now, where that is another account than before; else zero
}

// Recover diagnoses an incident and does what the diagnosis calls for. Errors: ErrSignInNeeded (also as ErrDeclined),
// ErrNoHelp, ErrLocked, and those of the steps. After an error the saved login is what it was before.
func (r *Repairer) Recover(ctx context.Context, in Incident) (Outcome, error) {
	before := in.Owner
	if before.IsZero() {
		before = r.OwnerOf(r.Snapshot(ctx))
	}
	out, err := r.recover(ctx, in)
	if err == nil && out.Repaired {
		out.Other = r.SayOther(ctx, before)
	}
	return out, err
}

func (r *Repairer) recover(ctx context.Context, in Incident) (Outcome, error) {
	if err := r.awaitAttempt(ctx); err != nil {
		return Outcome{}, err
	}
	r.FinishCutOff(ctx)
	r.settleRenewal(ctx)
	d := r.diagnose(ctx, in)
	r.recordRejection(ctx, in, d)
	if out, done, err := withoutSignIn(d.verdict); done {
		return out, err
	}
	if err := r.agree(ctx, in, d); err != nil {
		return Outcome{Verdict: d.verdict}, err
	}
	return r.repair(ctx, in)
}

// withoutSignIn returns the outcome of a verdict that calls for no sign-in. done is false for other verdicts.
func withoutSignIn(v diagnose.Verdict) (out Outcome, done bool, err error) {
	out.Verdict = v
	switch {
	case v.Action == diagnose.GoOn:
		out.Repaired = true
	case v.Action != diagnose.Nothing:
		return out, false, nil
	case v.Cause == diagnose.Unknown, v.Cause == diagnose.OtherInUse, v.Cause == diagnose.ConsoleKey:
	case v.Cause == diagnose.Locked:
		err = notChanged(ErrLocked, v)
	default:
		err = notChanged(ErrNoHelp, v)
	}
	return out, true, err
}

// agree asks the person to agree to a sign-in, or says in mode auto that it begins. It fails where no sign-in can be
// made.
func (r *Repairer) agree(ctx context.Context, in Incident, d diagnosis) error {
	declined := &refusal{lowerFirst(diagnose.FactOf(d.verdict, d.evidence, d.said(in)).Line), ErrDeclined}
	if in.Settled {
		r.Debug.Decidedf("not asking: you were asked about this login in this run already")
		return declined
	}
	if err := r.canBegin(in, d); err != nil {
		r.Debug.Decidedf("not asking: no sign-in can be made from here: %s", ui.HintOf(err))
		return err
	}
	about := r.about(in, d)
	asked := d.history.Declined(about)
	switch {
	case in.ByPerson:
		if asked || d.history.Silenced(about) {
			r.record(ledger.Event{Kind: ledger.AskAgain, Login: about})
		}
		asked = false
	case !in.Auto && d.history.Silenced(about):
		r.Debug.Decidedf("not asking: you said not to ask again for this login")
		return declined
	}
	return r.ask(ctx, in, d, asked, declined)
}

// ask is agree once it is clear that there is something to ask. asked reports that the person has said no before.
func (r *Repairer) ask(ctx context.Context, in Incident, d diagnosis, asked bool, declined error) error {
	q := question(in, d, asked)
	if in.Auto {
		r.Terminal.Notef("%s", lowerFirst(q.Fact))
	}
	if d.evidence.Spare != "" && d.verdict.Action != diagnose.SignInConsole {
		r.Terminal.Notef("%s", restoresKey(d.evidence.Spare))
	}
	if in.Auto {
		r.Debug.Decidedf("signing in without asking: mode auto, or --yes")
		return nil
	}
	answer, err := r.Terminal.Choose(ctx, q)
	if err != nil || answer == ui.Yes {
		return err
	}
	r.Debug.Sawf("the answer to the question: %s", answer)
	kind := ledger.Declined
	if answer == ui.Stop {
		kind = ledger.Silenced
	}
	r.record(ledger.Event{Kind: kind, Login: r.about(in, d)})
	return declined
}

// about is the login that a person is asked about. The saved login has no tokens where 2.1.330 has emptied it.
func (r *Repairer) about(in Incident, d diagnosis) ledger.LoginID {
	life, _ := d.history.Current(r.Paths.Credentials)
	return cmp.Or(d.evidence.Login, in.Used, life.Login)
}

// InsideClient reports whether this process was started by a tool of the client itself (2.1.165, 2.1.330).
func (r *Repairer) InsideClient() bool { return r.Env.Get(claude.EnvInside) != "" }

// repair signs in. When several processes ask for that at once, one does it; the others wait and then look again.
func (r *Repairer) repair(ctx context.Context, in Incident) (Outcome, error) {
	unlock, err := r.lockAttempt(ctx)
	if err != nil {
		return Outcome{}, err
	}
	defer unlock()
	out, err := r.attempt(ctx, in)
	if errors.Is(err, ErrLoginChanged) {
		return r.attempt(ctx, in) // another process was faster: look again, once
	}
	return out, err
}

// attempt diagnoses again, because another process may have repaired the login meanwhile, and signs in.
func (r *Repairer) attempt(ctx context.Context, in Incident) (Outcome, error) {
	d := r.diagnose(ctx, in)
	out, done, err := withoutSignIn(d.verdict)
	if done {
		return out, err
	}
	login := d.evidence.Login
	if failure, ok := r.failedAttempt(in, d); ok {
		return out, justTried(failure)
	}
	r.record(ledger.Event{Kind: ledger.Attempted, Login: login})
	var args []string
	if d.verdict.Action == diagnose.SignInConsole {
		args = []string{claude.ConsoleFlag}
	}
	if err := r.signIn(ctx, replacement{old: login, action: d.verdict.Action, args: args}); err != nil {
		return out, err
	}
	out.Repaired, out.SignedIn = true, true
	return out, nil
}

// Login replaces the saved login, whatever its state. It removes the login and has the client sign in with args. When
// no new login is stored it restores the old one.
func (r *Repairer) Login(ctx context.Context, args []string) error {
	if r.InsideClient() {
		return ui.WithHint(&refusal{"you cannot sign in from here", ErrSignInNeeded}, insideClient("claude-auth login"))
	}
	r.FinishCutOff(ctx)
	unlock, err := r.lockAttempt(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	err = cmp.Or(r.Paths.CheckHome(r.Paths.Credentials), credentials.CheckReadOnly(r.Paths.Credentials))
	if err != nil { // the sign-in would be for nothing
		return err
	}
	r.settleRenewal(ctx)
	snapshot, err := r.Store.Read(ctx)
	if err != nil {
		return err
	}
	r.askAgain(snapshot)
	before := r.OwnerOf(snapshot)
	with := replacement{
		old: r.loginID(snapshot), action: diagnose.WipeAndSignIn, args: args, again: "claude-auth login",
	}
	switch {
	case !snapshot.Exists:
		with.action = diagnose.SignIn
	case snapshot.Corrupt():
		with.action = diagnose.SetAside
	}
	if r.loses(snapshot) {
		with.note = "your login seems to work, and this sign-in replaces it. " +
			"To get it back later: claude-auth undo --force"
	}
	if key := r.consoleKey(ctx); !key.Key.IsZero() {
		r.Terminal.Notef("%s. To restore it: claude-auth undo", dropsKey(key.Place()))
	}
	if err := r.signIn(ctx, with); err != nil {
		return err
	}
	r.SayOther(ctx, before)
	return nil
}

// askAgain forgets that a person does not want to be asked about the saved login.
func (r *Repairer) askAgain(s credentials.Snapshot) {
	history, err := r.Ledger.Replay()
	if err != nil {
		return // nobody has said so, as far as is known
	}
	life, _ := history.Current(r.Paths.Credentials)
	login := cmp.Or(r.loginID(s), life.Login)
	if history.Declined(login) || history.Silenced(login) {
		r.record(ledger.Event{Kind: ledger.AskAgain, Login: login})
	}
}
