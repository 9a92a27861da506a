// Package guard renews the login where nothing can interrupt it.
//
// A renewal sends the refresh token to the service, which takes it and answers with a new pair of tokens. The client
// stores that pair afterwards. A client that ends in between, or cannot write, has lost the login: the old refresh
// token is spent, and the new one is nowhere. Ctrl-C, a closed terminal, `timeout` and a full disk all do that
// (2.1.165, 2.1.330, 2.1.332).
//
// So the guard renews before the client has to. The renewer is the client itself, `claude mcp serve`, which renews at
// its start and does nothing else (claude.Commands). A keeper holds its standard input open: a process of this program
// in a session of its own, which no key and no closed terminal reaches. The process that finds a renewal due starts a
// keeper and waits for what it reports (Renew); the wait can be interrupted, and the keeper goes on (Keep). One keeper
// works at a time. The others wait for it, and then find nothing due.
//
// The guard never makes things worse. When the client's renewer does not work, or the service does not answer, the
// caller goes on as it would without the guard.
package guard

import (
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/lifecycle"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// Guard renews the login in one credentials file.
type Guard struct {
	Paths  paths.Paths
	Env    paths.Env
	Exe    string // this program's own path, for the keeper
	Store  credentials.Store
	Ledger *ledger.Ledger
	Hooks  lifecycle.Hooks
	Now    func() time.Time
	Client string // the client's path
}

// DueWithin is how long before the end of the access token `run` and a watched session renew it. The client itself
// begins at claude.RenewMargin, so it never has to.
const DueWithin = 2 * claude.RenewMargin

// Due reports whether the client would have to renew the login at now, or within that time from now. login is nil when
// there is none. A login that the client cannot renew, or does not use for the model, is never due.
func Due(login *credentials.Login, now time.Time, within time.Duration) bool {
	return Renewable(login, now) && !login.ExpiresAt.IsZero() && login.ExpiresAt.Sub(now) <= within
}

// Renewable reports whether the client can renew the login.
func Renewable(login *credentials.Login, now time.Time) bool {
	return login != nil && login.Duplicate == nil && !login.AccessToken.IsZero() && login.Renewable(now) &&
		login.ForModel()
}

// Request is one renewal.
type Request struct {
	By     string        // who asks: one of the constants below
	Within time.Duration // renew when the access token ends within that time
	Always bool          // renew however long the access token lives

	seen string // the fingerprint of the access token when the renewal was asked for
}

// Who asks for a renewal, in the ledger.
const (
	ByRun      = "run"      // a command that is about to start
	BySession  = "session"  // a session that goes on
	ByRenew    = "renew"    // a person
	BySchedule = "schedule" // a timer
	ByPlugin   = "plugin"   // the plugin in a client that nobody watches
)

// met reports whether another renewal has done what this one asks for: the login is not the one that the caller saw,
// and lives.
func (q Request) met(login *credentials.Login, id ledger.LoginID, now time.Time) bool {
	return q.seen != "" && id.Access != "" && id.Access != q.seen && login.ExpiresAt.After(now)
}

// wants reports whether the request asks to renew this login.
func (q Request) wants(login *credentials.Login, now time.Time) bool {
	if q.Always {
		return Renewable(login, now)
	}
	return Due(login, now, q.Within)
}
