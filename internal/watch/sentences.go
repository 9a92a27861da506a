package watch

import (
	"fmt"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/transcript"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// This file has what watch says: the panels, and the notes before and after the client. A panel has whole sentences. A
// note stands behind the name of this program, and begins in lower case.

// The titles of the panels, besides that of the question, which recovery asks.
const (
	titleBusy     = "Fixing your Claude Code login"
	titleRepaired = "You are signed in again"
	titleWorks    = "Your Claude Code login works again"
	titleNoHelp   = "Signing in would not help"
	titleLocked   = "Your login cannot be fixed at this moment"
	titleFailed   = "Your login was not fixed"
	titleDetails  = "Details"
)

// What the keys of the panels do.
const (
	doesDetails  = "details"
	doesNotNow   = "not now"
	doesStop     = "don't ask again"
	doesBack     = "back"
	doesToClient = "back to the session"
	doesRetry    = "try again"
	doesGoOn     = "go on with this account"
)

// What the panels say besides what recovery says.
const (
	saySaved     = "Your new login is saved."
	saySendAgain = "Send the message that failed again."
	sayOldKey    = "This session still uses the old key. Leave it, and go on with: claude --continue"
	sayNotSent   = "Nothing has been sent again."
)

func doesResend(message string) string { return "send “" + oneLine(message, quotedLen) + "” again" }

func sayAttempt(n int) string { return fmt.Sprintf("This was attempt %d.", n) }

func sayHint(hint string) string { return ui.Sentence("to fix it: " + hint) }

// sayAge says how old a login is, or "" where that is not known.
func sayAge(standing ledger.Standing, now time.Time) string {
	age, exact := standing.Age(now)
	switch {
	case age <= 0:
		return ""
	case exact:
		return "You signed in " + ui.Roughly(age) + " ago, on " + standing.Born.Local().Format(time.DateTime) + "."
	}
	return "This login was first seen " + ui.Roughly(age) + " ago; it may be older."
}

// sayDetails is what the key d shows. age is as sayAge has it, file the credentials file.
func sayDetails(f transcript.Failure, age, file string) []string {
	texts := []string{
		"Claude Code said: " + oneLine(f.Text, phraseLen) + "\nAt: " + f.Time.Local().Format(time.DateTime) +
			"\nRule: " + f.Rule + "\nSession: " + f.SessionID + "\nVersion: " + f.Version,
		"Credentials file: " + file,
	}
	if age != "" {
		texts = append(texts, age)
	}
	return append(texts,
		"A sign-in removes only the rejected login, after a backup. When no new login is saved, the old one is restored.",
		"More about the rejection: claude-auth why\nTo restore the old login later: claude-auth undo")
}

// The notes before the client starts, and the questions.
const (
	noteRenewing = "renewing your login first (Ctrl-C stops the command, not the renewal)"
	askLosing    = "Start Claude Code anyway? It may lose its login."
	askStart     = "Start Claude Code with this account?"
	askRepeat    = "Run the command again with this account?"
	askResume    = "Resume the session with this account?"

	// thenResume is what follows a sign-in, in recovery's question.
	thenResume = "and resume the session"
)

func noteUnwatched(cause error) string {
	return fmt.Sprintf("cannot watch this session, so Claude Code runs without it: %v", cause)
}

func noteUnguarded(cause string) string {
	return cause + ", so claude-auth cannot protect its renewals"
}

func sayNotStorable(cause string) string {
	return "your login must be renewed now, and the new one could not be saved: " + cause
}

func sayNotStarted(cause string) string {
	return "Claude Code was not started: " + sayNotStorable(cause)
}

func hintStartAnyway(hint string) string {
	return hint + " (" + paths.EnvGuard + "=off starts Claude Code anyway)"
}

// The notes after the client has ended.
const (
	sayCancelled    = "Cancelled. Nothing was changed."
	noteStillBroken = "your Claude Code login still does not work. To fix it: claude-auth recover"
	noteNextMessage = "your login works again: the next message uses it"
	noteNotRepeated = "the command was not run again. To use this account, run it again yourself"
	notePartOut     = "your login works again, but a part of the answer was already printed. Run the command again"
	noteStillFails  = "the command was run again, and Claude Code still fails with the saved login. " +
		"To find the reason: claude-auth doctor"
	noteInputGone = "your login works again, but the input of the command cannot be read a second time. " +
		"Run the command again"
)

func noteInputLost(cause error) string {
	return fmt.Sprintf("your login works again, but the input of the command was not kept (%v). "+
		"Run the command again", cause)
}

func noteResume(verdict diagnose.Verdict, command string) string {
	return verdict.Message + ". To resume the session: " + command
}

func noteNotResumed(command string) string {
	return "the session was not resumed. To resume it: " + command
}

// resumeCommand is the command that goes on with a session.
func (w *Watch) resumeCommand(session string) string {
	if job := w.Invocation.Attaches; job != "" {
		return claude.Program + " " + claude.Attach + " " + job
	}
	return claude.Program + " --resume " + session
}
