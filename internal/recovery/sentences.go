package recovery

import (
	"unicode"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// This file has the sentences with which recovery asks, and with which it says why it has not repaired a login.

// What is said after a no.
const (
	afterNo   = "Not repaired. Later: claude-auth recover"
	afterStop = "Not repaired. You will not be asked about this login again. Later: claude-auth recover"
)

// question is the question whether to sign in. mayStop offers not to be asked about this login again. Enter means yes:
// when the sign-in fails, everything is undone.
func question(in Incident, d diagnosis, mayStop bool) ui.Question {
	fact := diagnose.FactOf(d.verdict, d.evidence, d.said(in))
	q := ui.Question{
		Fact: fact.Line, Text: questionText(in, d.verdict, mayStop), EnterIsYes: true, MayStop: mayStop,
		AfterNo: afterNo, AfterStop: afterStop,
		Panel: ui.PanelQuestion{Title: fact.Title, Reason: fact.Reason, Yes: "sign in"},
	}
	ask := map[diagnose.Action]string{
		diagnose.SignIn:        "Sign in now?",
		diagnose.WipeAndSignIn: "Sign in again? Only the " + replaces(d.verdict) + " is removed, and you can undo it.",
		diagnose.SignInConsole: "Sign in again with your Console account? You can undo it.",
		diagnose.SetAside:      "Sign in again? A backup of the damaged file is kept, and you can undo it.",
	}[d.verdict.Action]
	q.Panel.Texts = []string{ask, "Your session stays open."}
	return q
}

// questionText is the question in one line of 80 columns.
func questionText(in Incident, v diagnose.Verdict, mayStop bool) string {
	signIn, detail := "Sign in again", ""
	switch v.Action {
	case diagnose.WipeAndSignIn:
		detail = "Only the " + replaces(v) + " is removed; MCP logins stay."
		if mayStop || in.Before || in.Then != "" {
			detail = "MCP logins stay."
		}
	case diagnose.SignInConsole:
		if in.Then == "" {
			signIn = "Sign in again with your Console account"
		}
	case diagnose.SetAside:
		if in.Then == "" {
			detail = "A backup of the damaged file is kept."
		}
	case diagnose.SignIn:
		signIn = "Sign in now"
	}
	switch {
	case in.Before:
		signIn = "Sign in first"
	case in.Then != "":
		signIn += " " + in.Then
	}
	text := signIn + "?"
	switch {
	case in.Before && mayStop:
		return text + " n: start anyway; x: also never ask for this login."
	case in.Before && detail == "MCP logins stay.":
		return text + " MCP logins stay; n starts Claude Code anyway."
	case in.Before:
		return text + " n starts Claude Code anyway."
	case mayStop && v.Action == diagnose.WipeAndSignIn && in.Then == "":
		return text + " " + detail + " x: never ask for this login."
	case mayStop:
		return text + " x: never ask for this login."
	case detail != "":
		return text + " " + detail
	}
	return text
}

// replaces is what a sign-in removes.
func replaces(v diagnose.Verdict) string {
	if v.Cause == diagnose.RejectedLogin {
		return "rejected login"
	}
	return oldLogin
}

// refusal is an error that says in one sentence why nothing was repaired. reason is ErrSignInNeeded, ErrNoHelp or
// ErrLocked.
type refusal struct {
	says   string
	reason error
}

func (e *refusal) Error() string { return e.says }

func (e *refusal) Unwrap() error { return e.reason }

// notChanged is the error of a verdict that calls for no sign-in.
func notChanged(reason error, v diagnose.Verdict) error {
	return ui.WithHint(&refusal{v.Message + "; nothing was changed", reason}, v.Hint)
}

// signInNeeded is the error where a sign-in would help, and none can be made here.
func signInNeeded(in Incident, d diagnosis, hint string) error {
	fact := diagnose.FactOf(d.verdict, d.evidence, d.said(in))
	return ui.WithHint(&refusal{lowerFirst(fact.Line) + "; a sign-in is needed", ErrSignInNeeded}, hint)
}

// justTried is the error of a sign-in that another process has tried since the failure was seen.
func justTried(why string) error {
	return ui.WithHint(&refusal{"the last sign-in did not work: " + why, ErrSignInNeeded},
		"run 'claude-auth recover' to try again")
}

// insideClient is the hint for a process that Claude Code's own shell has started.
func insideClient(command string) string {
	return "Claude Code's own shell can't ask you questions; run '" + command + "' in your terminal"
}

// elsewhere returns the hint for where a sign-in cannot be made here.
func (r *Repairer) elsewhere() string {
	if r.Env.Get("CI") != "" {
		return "on your own machine, make a token with 'claude setup-token', and give it to this job as " +
			claude.EnvOAuthToken
	}
	return "run 'claude-auth recover' in a terminal"
}

// inTwoSteps is the hint for a person who has asked for a sign-in with command where none can be made.
func inTwoSteps(command string) string {
	return "run '" + command + "' in a terminal, or '" + command + " --detach' to sign in with a link and a code"
}

// dropsKey says what happens at a sign-in to the Console key that is saved in place.
func dropsKey(place string) string {
	return "Claude Code removes the API key of your Console sign-in from " + place + " when you sign in"
}

// restoresKey is dropsKey where the key comes back.
func restoresKey(place string) string {
	return dropsKey(place) + "; claude-auth restores it afterwards"
}

func lowerFirst(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToLower(first)) + text[size:]
}
