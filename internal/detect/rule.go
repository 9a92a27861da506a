// Package detect recognises the login failures of the Claude Code client in what it prints.
//
// Words on a screen are a suspicion, never a proof: a conversation may quote them. So the package has three detectors
// of different strength. [Scanner] finds the phrases of the rule table in a terminal stream, at the places where the
// client itself would print them. [Holdback] decides whether an output is a failure message and nothing else.
// [OutputParser] reads the client's structured output, which is the client's own word, like a session's transcript
// (package transcript).
package detect

import "slices"

// A Class is a kind of failure, by what can be done about it.
type Class string

const (
	// Rejected: the service rejects the saved login; sign in again.
	Rejected Class = "rejected"
	// NoLogin: nothing is saved; sign in, there is nothing to remove.
	NoLogin Class = "no-login"
	// Environment: another credential overrides the saved login and is bad; removing the login cannot help.
	Environment Class = "environment"
	// Store: the client could not save or refresh the login: a lock, the disk, the keychain.
	Store Class = "store"
	// Scope: the token lacks a permission; a new sign-in may have it, a setup-token cannot.
	Scope Class = "scope"
	// Organisation: the account or its organisation is rejected; no sign-in of the same account changes that.
	Organisation Class = "organisation"
	// Network: the request was blocked on its way, for where it came from; use another network.
	Network Class = "network"
	// Outage: the service or the way to it is down; try later.
	Outage Class = "outage"
)

// Classes returns every class, in the order help texts list them.
func Classes() []Class {
	return []Class{Rejected, NoLogin, Environment, Store, Scope, Organisation, Network, Outage}
}

// Known reports whether c is one of [Classes].
func (c Class) Known() bool { return slices.Contains(Classes(), c) }

// SignInHelps reports whether signing in again can fix a failure of this class, provided that nothing overrides the
// saved login.
func (c Class) SignInHelps() bool {
	return c == Rejected || c == NoLogin || c == Scope
}

// A Rule is one phrase by which the client announces a failure.
type Rule struct {
	Name   string // stable, for scripts: "401-print"
	Class  Class
	Phrase string // how the message begins; a space matches any gap, also at the end
	Open   bool   // for Holdback: the message may go on after the phrase, to the end of its line
}

// A Finding is a place in a stream where a rule's phrase was found.
type Finding struct {
	Rule   string `json:"rule"`
	Class  Class  `json:"class"`
	Offset int64  `json:"offset"` // of the phrase's first byte, in bytes from the stream's start
	Phrase string `json:"phrase"` // as the rule has it, with single spaces for gaps
}
