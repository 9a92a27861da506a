package ledger

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/secret"
)

// LoginID names a login by the fingerprints of its two tokens. The zero LoginID means no login.
type LoginID struct {
	Access  string // fingerprint of the access token; "" for none
	Refresh string // fingerprint of the refresh token; "" for none
}

// String returns the fingerprint of the access token, which says nothing about the token; "none" without one.
func (id LoginID) String() string { return cmp.Or(id.Access, "none") }

// IsZero reports whether there is no login.
func (id LoginID) IsZero() bool { return id == LoginID{} }

// consoleMark begins the fingerprint of a Console key, which is used in the place of the access token's.
const consoleMark = "console:"

// Console reports whether this is the key of a Console sign-in, not a claude.ai login.
func (id LoginID) Console() bool { return strings.HasPrefix(id.Access, consoleMark) }

// rejects reports whether a rejection of id is about the login now. Client 2.1.165 empties the refresh token of a
// rejected login and keeps its access token; that is still the same login.
func (id LoginID) rejects(now LoginID) bool {
	return !now.IsZero() && id.Access == now.Access && (id.Refresh == now.Refresh || now.Refresh == "")
}

// Kind says what happened.
type Kind string

// The kinds. A ledger may hold kinds that this version does not know; they are kept.
const (
	Observed    Kind = "observed"     // seen for the first time; with no login: a file without one
	SignedIn    Kind = "signed-in"    // a new login was stored
	Renewed     Kind = "renewed"      // the client renewed the tokens of the login
	Rejected    Kind = "rejected"     // the service rejected the login
	Accepted    Kind = "accepted"     // the service accepts a rejected login again, so it was an outage
	Blanked     Kind = "blanked"      // the client emptied the tokens, which it does with a rejected login
	Removed     Kind = "removed"      // something else removed the login (`claude auth logout`, an editor)
	Wiped       Kind = "wiped"        // this program removed the login
	Restored    Kind = "restored"     // a login that was removed is back
	LoginFailed Kind = "login-failed" // a sign-in was tried and stored no new login
	Declined    Kind = "declined"     // the person was asked and said "not now"
	Silenced    Kind = "silenced"     // the person does not want to be asked about this login again
	AskAgain    Kind = "ask-again"    // the person asked for a repair of a login that was declined or silenced
	Attempted   Kind = "attempted"    // a repair of the login has begun
	Notified    Kind = "notified"     // something that happens once for each login (detail "what") has happened

	RenewalBegun  Kind = "renewal-begun"  // a guarded renewal has begun (detail "by": guard.Request.By)
	RenewalFailed Kind = "renewal-failed" // it ended without new tokens (detail "cause"); the login is as it was
	RenewalCut    Kind = "renewal-cut"    // a renewal was interrupted before its tokens were stored (detail "by")
	TokenSeen     Kind = "token-seen"     // a token that overrides the login was seen for the first time

	RenewerFailed Kind = "renewer-failed" // a client (detail "client") does not renew as the guard expects
)

// tellsContent reports whether an event of this kind says which login was in the file then, if any.
func (k Kind) tellsContent() bool {
	switch k {
	case Observed, SignedIn, Renewed, Restored, Removed, Blanked, Wiped:
		return true
	}
	return false
}

// The details that the ledger itself reads.
const (
	detailWhat    = "what"    // of Notified: what was done
	detailMerged  = "merged"  // of Renewed: how many renewals this one stands for, itself included
	detailGuarded = "guarded" // of Renewed: how many of these this program made
	detailBy      = "by"      // of RenewalCut: what ended it, for people
	detailCause   = "cause"   // of RenewalFailed: why
	detailClient  = "client"  // of RenewerFailed: which client
)

// OtherAccount is the detail of a SignedIn event that replaced the login of another account, or of another
// organisation. The ledger does not say whose logins they are.
func OtherAccount() map[string]string { return map[string]string{"account": "other"} }

// IsOtherAccount reports whether the event has the detail OtherAccount.
func (e *Event) IsOtherAccount() bool { return e.Detail["account"] == "other" }

// Event is one line of the ledger.
type Event struct {
	Time             time.Time // to the millisecond
	Kind             Kind
	Login            LoginID           // for SignedIn and Renewed with the new tokens
	File             string            // the credentials file
	RefreshExpiresAt time.Time         // refreshTokenExpiresAt of the login (client 2.1.330); zero when unknown
	Detail           map[string]string // facts for people: rule, where, client, cause, …; never a token
}

// InterruptedBy is what interrupted the renewal, for people; "" where nobody saw it. It is for RenewalCut.
func (e *Event) InterruptedBy() string { return e.Detail[detailBy] }

// line is an Event in the file.
type line struct {
	Time             string            `json:"time"`
	Kind             Kind              `json:"kind"`
	Access           string            `json:"access,omitempty"`
	Refresh          string            `json:"refresh,omitempty"`
	File             string            `json:"file,omitempty"`
	RefreshExpiresAt string            `json:"refresh_expires_at,omitempty"`
	Detail           map[string]string `json:"detail,omitempty"`
}

// timeLayout is RFC 3339 in UTC with milliseconds.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

// The bounds of one event, so that one line cannot flood the ledger.
const (
	maxDetails     = 16
	maxDetailValue = 512 // bytes
)

// encode returns the line of e with its newline. Texts come from outside (an error message, a phrase on the screen), so
// encode redacts what looks like a token in them.
func (e Event) encode() ([]byte, error) {
	l := line{
		Time: e.Time.UTC().Format(timeLayout), Kind: e.Kind, Access: e.Login.Access, Refresh: e.Login.Refresh,
		File: secret.Redact(e.File), Detail: map[string]string{},
	}
	if !e.RefreshExpiresAt.IsZero() {
		l.RefreshExpiresAt = e.RefreshExpiresAt.UTC().Format(timeLayout)
	}
	for name, value := range e.Detail {
		if value == "" || len(l.Detail) == maxDetails {
			continue
		}
		value = secret.Redact(value)
		if len(value) > maxDetailValue {
			value = strings.ToValidUTF8(value[:maxDetailValue], "") + "…" // without half a character
		}
		l.Detail[name] = value
	}
	text, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("encode a ledger event: %w", err)
	}
	return append(text, '\n'), nil
}
