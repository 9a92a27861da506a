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
	"github.com/claude-auth/claude-auth/internal/ui"
)

// ErrSignInNeeded says that only a sign-in helps, and none was made.
var ErrSignInNeeded = errors.New("a sign-in is needed")

// ErrDeclined is ErrSignInNeeded after the person said no.
var ErrDeclined = fmt.Errorf("%w, and was declined", ErrSignInNeeded)

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
	// Notef shows what is going on.
	Notef(format string, args ...any)
	// SignIn runs the client's sign-in where the person can follow it, and waits for it.
	SignIn(ctx context.Context, command runner.Command) (runner.Status, error)
}

// Repairer repairs the login in one credentials file.
type Repairer struct {
	Paths    paths.Paths
	Env      paths.Env
	Dir      string // the working directory, for the client's project settings
	Store    credentials.Store
	Backups  *credentials.Backups
	Ledger   *ledger.Ledger
	Now      func() time.Time
	Client   func() (string, error) // the client's path
	Terminal Terminal
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
		err = refusal(ErrLocked, v)
	default:
		err = refusal(ErrNoHelp, v)
	}
	return out, true, err
}

// agree asks the person to agree to a sign-in, or says in mode auto that it begins. It fails where no sign-in can be
// made.
func (r *Repairer) agree(ctx context.Context, in Incident, d diagnosis) error {
	v := d.verdict
	if in.Settled {
		return fmt.Errorf("%s: %w", v.Message, ErrDeclined)
	}
	if err := r.canBegin(in, v); err != nil {
		return err
	}
	r.Terminal.Notef("%s", v.Message)
	if d.evidence.Spare && v.Action != diagnose.SignInConsole {
		r.Terminal.Notef("%s, and claude-auth restores it afterwards", r.dropsKey())
	}
	if in.Auto {
		return nil
	}
	yes, err := r.Terminal.Ask(ctx, question(v.Action, in))
	if err != nil {
		return err
	}
	if !yes {
		// The saved login has no tokens where 2.1.330 has emptied it.
		r.record(ledger.Event{Kind: ledger.Declined, Login: cmp.Or(d.evidence.Login, in.Used)})
		return fmt.Errorf("%s: %w", v.Message, ErrDeclined)
	}
	return nil
}

func question(action diagnose.Action, in Incident) ui.Question {
	if in.Before {
		return questionBefore(action)
	}
	text := "sign in"
	switch action {
	case diagnose.WipeAndSignIn:
		text = "take out the dead login (everything else stays, and it can be undone), sign in again"
	case diagnose.SignInConsole:
		text = "sign in again with your Console account"
	case diagnose.SetAside:
		text = "set the unusable file aside (a backup is kept), sign in again"
	}
	if in.Then != "" {
		text += " " + in.Then
	}
	return ui.Question{Text: text + "?"}
}

// questionBefore is the question before the client starts. It fits one line of 80 columns. Enter means yes: the person
// has not come to the client to see it fail, and the old login comes back when the sign-in fails.
func questionBefore(action diagnose.Action) ui.Question {
	text := "sign in first? n starts Claude Code anyway"
	if action != diagnose.SignIn {
		text = "sign in first? MCP logins stay; n starts Claude Code anyway"
	}
	return ui.Question{Text: text, EnterIsYes: true}
}

// elsewhere returns the hint for where a sign-in cannot be made here.
func (r *Repairer) elsewhere() string {
	if r.Env.Get("CI") != "" {
		return "make a token with 'claude setup-token' on your own machine " +
			"and give it to this job as " + claude.EnvOAuthToken
	}
	return "run 'claude-auth recover' on a terminal"
}

// InsideClient reports whether this process was started by a tool of the client itself (2.1.165, 2.1.330).
func (r *Repairer) InsideClient() bool { return r.Env.Get(claude.EnvInside) != "" }

func signInNeeded(v diagnose.Verdict, hint string) error {
	return ui.WithHint(fmt.Errorf("%s: %w", v.Message, ErrSignInNeeded), hint)
}

func refusal(reason error, v diagnose.Verdict) error {
	return ui.WithHint(fmt.Errorf("%s: %w, nothing was changed", v.Message, reason), v.Hint)
}

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
		err := fmt.Errorf("a sign-in has just been tried: %s: %w", failure, ErrSignInNeeded)
		return out, ui.WithHint(err, "run 'claude-auth recover' to try again")
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
		return ui.WithHint(fmt.Errorf("sign in: %w", ErrSignInNeeded),
			"run 'claude-auth login' in a terminal of your own: inside the client nobody can be asked")
	}
	r.FinishCutOff(ctx)
	unlock, err := r.lockAttempt(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	err = cmp.Or(r.Paths.CheckHome(r.Paths.Credentials), credentials.CheckReadOnly(r.Paths.Credentials))
	if err != nil { // the sign-in would be for nothing
		return fmt.Errorf("sign in: %w", err)
	}
	r.settleRenewal(ctx)
	snapshot, err := r.Store.Read(ctx)
	if err != nil {
		return err
	}
	before := r.OwnerOf(snapshot)
	with := replacement{old: r.loginID(snapshot), action: diagnose.WipeAndSignIn, args: args}
	switch {
	case !snapshot.Exists:
		with.action = diagnose.SignIn
	case snapshot.Corrupt():
		with.action = diagnose.SetAside
	}
	if r.loses(snapshot) {
		with.note = "the saved login works as far as is known, and a new one replaces it: " +
			"'claude-auth undo --force' restores it"
	}
	if !credentials.ConsoleKey(r.Paths.GlobalConfig).IsZero() {
		r.Terminal.Notef("%s; 'claude-auth undo' restores it", r.dropsKey())
	}
	if err := r.signIn(ctx, with); err != nil {
		return err
	}
	r.SayOther(ctx, before)
	return nil
}
