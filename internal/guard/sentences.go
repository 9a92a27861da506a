package guard

import "fmt"

// This file has what the guard says about a renewal that did not work: causes, which begin in lower case and have no
// full stop, and hints.

const (
	causeRejected       = "Anthropic rejected it"
	causeRejectedBefore = "Anthropic has rejected it before"
	causeNoAnswer       = "Anthropic did not answer"
	causeEndedEarly     = "Claude Code ended before it renewed the login"
	causeUnsupported    = "this version of Claude Code does not renew its login through 'claude mcp serve'"
	causeChanged        = "another process has changed the saved login"

	hintSignIn     = "run 'claude-auth recover' to sign in again"
	hintLater      = "try again later, or test the login with: claude -p hi"
	hintSoon       = "try again in a moment"
	hintFindCause  = "run 'claude-auth doctor' to find the cause"
	hintFixAndOnce = hintFindCause + ", then 'claude-auth renew'"

	// phraseRejected stands in the ledger where the client's words stand after other rejections.
	phraseRejected = "Anthropic rejected the refresh token"
)

func causeOverridden(by fmt.Stringer) string { return fmt.Sprintf("%s overrides it", by) }

func causeBusy(holder fmt.Stringer) string {
	return fmt.Sprintf("another renewal is still running: %s", holder)
}

func causeUnreadable(err error) string { return fmt.Sprintf("the saved login cannot be read: %v", err) }

func causeNotMoved(err error) string {
	return fmt.Sprintf("the renewed login is safe, but could not be written to the credentials file: %v", err)
}

func causeNoCopy(err error) string {
	return fmt.Sprintf("could not copy the login for the renewal: %v", err)
}

func causeNoFile(err error) string { return fmt.Sprintf("a new file cannot be written: %v", err) }

func causeNotUndone(cause string, err error) string {
	return fmt.Sprintf("%s; the expiry time in the file could not be restored: %v", cause, err)
}
