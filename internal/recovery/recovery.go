// Package recovery repairs a login: it diagnoses, asks, takes the dead login out, signs in through the client, checks
// that new tokens were really stored, and puts the old login back when they were not.
//
// Each step has its undo. Between the wipe and the check the old login exists as a backup only, so every way out of
// there (an error, a signal, a panic) passes the step that puts it back.
package recovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/runner"
)

// ErrSignInNeeded says that only a sign-in helps, and that none was made.
var ErrSignInNeeded = errors.New("a sign-in is needed")

// ErrDeclined is ErrSignInNeeded after the person said no.
var ErrDeclined = fmt.Errorf("%w, and was declined", ErrSignInNeeded)

// ErrNoHelp says that something is wrong that a sign-in would not mend. Nothing was changed.
var ErrNoHelp = errors.New("a sign-in cannot help")

// ErrLocked says that another process holds the file for the moment. Nothing was changed; trying again helps.
var ErrLocked = errors.New("try again in a moment")

// Terminal is the person, as far as recovery meets one.
type Terminal interface {
	// CanAsk reports whether there is somebody to ask.
	CanAsk() bool
	// Ask puts a yes-or-no question.
	Ask(ctx context.Context, question string) (bool, error)
	// Notef tells what is going on.
	Notef(format string, args ...any)
	// SignIn runs the client's sign-in where the person can follow it, and waits for it.
	SignIn(ctx context.Context, command runner.Command) (runner.Status, error)
}

// Tool is what a recovery works with.
type Tool struct {
	Paths    paths.Paths
	Env      paths.Env
	Exe      string // this program's own path, which lifecycle hooks are told
	Dir      string // the working directory, for the client's project settings
	Store    credentials.Store
	Backups  *credentials.Backups
	Ledger   *ledger.Ledger
	Now      func() time.Time
	Client   func() (string, error) // the client's path
	Terminal Terminal
	Timeout  time.Duration // how long one sign-in may take

	HookOutput io.Writer // what lifecycle hooks print; nil is standard error
}

// DefaultTimeout is how long a sign-in may take.
const DefaultTimeout = 5 * time.Minute

// Case is one failure that was seen.
type Case struct {
	Seen      detect.Class   // what the client said; "" when a person asks without having seen anything
	Rule      string         // the detection rule
	Phrase    string         // the client's words
	Confirmed bool           // the words are the client's own message
	Structure bool           // confirmed by structured output, the transcript, or the file itself
	Refused   ledger.LoginID // the login that the client was using; zero when unknown
	Known     bool           // Refused is known, and zero means that there was no login
	Launch    diagnose.Launch
	Where     string    // print, session, transcript, recover: for the ledger
	Auto      bool      // go ahead without asking
	Then      string    // what follows a sign-in, for the question: "and resume the session"
	Since     time.Time // when the failure was seen: a sign-in that failed after this is not tried again
}

// Outcome is what a recovery came to.
type Outcome struct {
	Verdict  diagnose.Verdict
	Repaired bool // the saved login is a new one: what failed can be repeated
	SignedIn bool // and it was this recovery that made it
}

// Recover does for c what the diagnosis calls for. Errors: ErrSignInNeeded (also as ErrDeclined), ErrNoHelp, and
// whatever went wrong on the way. After an error the saved login is what it was before.
func (t *Tool) Recover(ctx context.Context, c Case) (Outcome, error) {
	if err := t.awaitAttempt(ctx); err != nil {
		return Outcome{}, err
	}
	evidence, verdict := t.diagnose(ctx, c)
	t.recordRejection(ctx, c, evidence, verdict)
	if out, err, done := withoutSignIn(verdict); done {
		return out, err
	}
	out := Outcome{Verdict: verdict}
	if err := t.agree(ctx, c, evidence, verdict); err != nil {
		return out, err
	}
	return t.repair(ctx, c)
}

// withoutSignIn is the outcome of a verdict that calls for no sign-in; done is false for the others.
func withoutSignIn(v diagnose.Verdict) (out Outcome, err error, done bool) {
	out.Verdict = v
	switch {
	case v.Action == diagnose.GoOn:
		out.Repaired = true
		return out, nil, true
	case v.Action == diagnose.Nothing && v.Cause == diagnose.Unknown:
		return out, nil, true
	case v.Action == diagnose.Nothing && v.Cause == diagnose.Locked:
		return out, refusal(ErrLocked, v), true
	case v.Action == diagnose.Nothing:
		return out, refusal(ErrNoHelp, v), true
	}
	return out, nil, false
}

// agree gets the person's word for a sign-in, or goes ahead in mode auto where a sign-in can be made at all.
func (t *Tool) agree(ctx context.Context, c Case, e diagnose.Evidence, v diagnose.Verdict) error {
	if t.InsideClient() {
		return signInNeeded(v, "run 'claude-auth recover' in a terminal of your own: inside the client nobody can be asked")
	}
	if c.Auto {
		if !t.Terminal.CanAsk() && !t.canOpenBrowser() {
			return signInNeeded(v, t.elsewhere())
		}
		t.Terminal.Notef("%s", v.Message)
		return nil
	}
	if !t.Terminal.CanAsk() {
		return signInNeeded(v, t.elsewhere())
	}
	t.Terminal.Notef("%s", v.Message)
	yes, err := t.Terminal.Ask(ctx, question(v.Action, c.Then))
	if err != nil {
		return err
	}
	if !yes {
		t.record(ledger.Event{Kind: ledger.Declined, Login: cmp.Or(e.Login, c.Refused)}) // 2.1.330 has emptied a login that was refused
		return fmt.Errorf("%s: %w", v.Message, ErrDeclined)
	}
	return nil
}

func question(action diagnose.Action, then string) string {
	text := "sign in"
	switch action {
	case diagnose.WipeAndSignIn:
		text = "take out the dead login (everything else stays, and it can be undone), sign in again"
	case diagnose.SetAside:
		text = "set the unusable file aside (a backup is kept), sign in again"
	}
	if then != "" {
		text += " " + then
	}
	return text + "?"
}

// elsewhere is the hint where no sign-in can be made here.
func (t *Tool) elsewhere() string {
	if t.Env.Get("CI") != "" {
		return "make a token with 'claude setup-token' on your own machine and give it to this job as CLAUDE_CODE_OAUTH_TOKEN"
	}
	return "run 'claude-auth recover' on a terminal"
}

// InsideClient reports whether this process was started by a tool of the client itself (2.1.165, 2.1.330).
func (t *Tool) InsideClient() bool { return t.Env.Get(paths.EnvClaudeCode) != "" }

func signInNeeded(v diagnose.Verdict, hint string) error {
	return hinted{fmt.Errorf("%s: %w", v.Message, ErrSignInNeeded), hint}
}

func refusal(reason error, v diagnose.Verdict) error {
	return hinted{fmt.Errorf("%s: %w, nothing was changed", v.Message, reason), v.Hint}
}

// hinted carries the hint that ui prints below the error.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }
func (h hinted) Hint() string  { return h.hint }

// repair makes the one sign-in that a dead login gets, however many processes ask for it at once: the others wait for
// the one that was first, and then look again.
func (t *Tool) repair(ctx context.Context, c Case) (Outcome, error) {
	unlock, err := t.lockAttempt(ctx)
	if err != nil {
		return Outcome{}, err
	}
	defer unlock()
	out, err := t.attempt(ctx, c)
	if errors.Is(err, ErrLoginChanged) {
		return t.attempt(ctx, c) // somebody was faster by a hair: look again, once
	}
	return out, err
}

// attempt is the one sign-in, after one more look: whoever waited for another process may find everything mended.
func (t *Tool) attempt(ctx context.Context, c Case) (Outcome, error) {
	evidence, verdict := t.diagnose(ctx, c)
	if out, err, done := withoutSignIn(verdict); done {
		return out, err
	}
	out := Outcome{Verdict: verdict}
	if failure, ok := t.failedSince(evidence.Login, t.attemptsFrom(c)); ok {
		return out, hinted{fmt.Errorf("a sign-in has just been tried: %s: %w", failure, ErrSignInNeeded), "run 'claude-auth recover' to try again"}
	}
	t.record(ledger.Event{Kind: ledger.Attempted, Login: evidence.Login})
	if err := t.signIn(ctx, signInPlan{expect: evidence.Login, action: verdict.Action}); err != nil {
		return out, err
	}
	out.Repaired, out.SignedIn = true, true
	return out, nil
}

// Login makes a clean grant, whatever the state of the saved login: the wipe, the client's sign-in with args, the
// check, and the old login again when no new one was stored.
func (t *Tool) Login(ctx context.Context, args []string) error {
	if t.InsideClient() {
		return hinted{fmt.Errorf("sign in: %w", ErrSignInNeeded), "run 'claude-auth login' in a terminal of your own: inside the client nobody can be asked"}
	}
	unlock, err := t.lockAttempt(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	snapshot, err := t.Store.Read(ctx)
	if err != nil {
		return err
	}
	action := diagnose.WipeAndSignIn
	switch {
	case !snapshot.Exists:
		action = diagnose.SignIn
	case snapshot.Corrupt():
		action = diagnose.SetAside
	}
	return t.signIn(ctx, signInPlan{expect: t.loginID(snapshot), action: action, args: args})
}
