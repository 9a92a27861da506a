// Package diagnose finds out what is wrong with a login.
//
// Package recovery gathers the evidence: what the client said, what the file holds, which credential the client uses,
// what happened to this login before. A table turns the evidence into a verdict: the cause, what to do, and what to
// tell the person. A sign-in does not help half of the people who meet a 401, and the table decides that.
package diagnose

import (
	"fmt"
	"slices"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// Cause names what is wrong.
type Cause string

// The causes, in the order of the table.
const (
	LockedKeychain Cause = "locked-keychain"
	KeychainItem   Cause = "keychain-item" // Claude Code can't read it, and it can be repaired without a sign-in
	Unreadable     Cause = "unreadable"
	Locked         Cause = "locked"
	NotStored      Cause = "not-stored"
	ClientConfig   Cause = "client-config"
	Gateway        Cause = "gateway"
	OtherInUse     Cause = "other-credential"
	Shadowed       Cause = "shadowed"
	Outage         Cause = "outage"
	Environment    Cause = "environment"
	Organisation   Cause = "organisation"
	Network        Cause = "network"
	SignedInSince  Cause = "signed-in-since"
	Relapse        Cause = "relapse"
	Corrupt        Cause = "corrupt"
	NoLogin        Cause = "no-login"
	Scope          Cause = "scope"
	DeadKey        Cause = "dead-key"
	DeadLogin      Cause = "dead-login"
	ConsoleKey     Cause = "console"
	Unknown        Cause = "unknown"
)

// Action is what helps.
type Action string

// The actions.
const (
	Nothing       Action = "nothing"          // and nothing is touched
	GoOn          Action = "go-on"            // the login works again: repeat what failed
	SignIn        Action = "sign-in"          // without removing anything first
	WipeAndSignIn Action = "wipe-and-sign-in" // remove the login, then sign in
	SignInConsole Action = "sign-in-console"  // with a Console account; the client replaces the old key
	SetAside      Action = "set-aside"        // the whole file is unusable: keep a backup of it, then sign in
)

// Verdict is the outcome of a diagnosis.
type Verdict struct {
	Cause   Cause
	Action  Action
	Message string // one sentence, without a full stop
	Hint    string // the command or the fact that helps; "" when the action is all that is needed
}

// Evidence is what a verdict is based on.
type Evidence struct {
	Seen      detect.Class // what the client said; "" when it said nothing
	Phrase    string       // its words
	Confirmed bool         // the words are the client's own message, not a quotation
	Newer     bool         // the saved login was made after the failure
	Known     bool         // Used is known; zero means that there was no login

	File     string // the credentials file, for messages
	State    credentials.State
	StoreErr error          // why the file could not be read
	Obstacle Obstacle       // what keeps a new login from being stored; zero when nothing does
	Config   Obstacle       // what keeps the client from starting; zero when nothing does
	Clock    string         // what is wrong with the machine's clock; "" when nothing is
	Spare    bool           // a Console key is saved beside a login, and a claude.ai sign-in makes the client drop it
	Shadow   *Shadow        // the credential that the client uses instead of the saved login
	Gateway  *Shadow        // where the address of a gateway is set, which the client asks instead of Anthropic
	Login    ledger.LoginID // the login that is saved now
	Used     ledger.LoginID // the login that the client was using when it failed; empty when unknown
	Age      time.Duration  // how long ago this login was made; 0 when the ledger does not know
	Relapsed bool           // this login, or the last one here, was rejected within RelapseWithin of its sign-in
}

// RelapseWithin is the age below which the rejection of a login shows that another sign-in would not help.
const RelapseWithin = time.Minute

// row is one line of the table.
type row struct {
	cause  Cause
	when   func(Evidence) bool
	action Action
	tell   func(Evidence) (message, hint string)
}

// table holds the verdicts. The first row that applies counts.
var table = []row{
	{LockedKeychain, func(e Evidence) bool { return credentials.IsKeychainShut(e.StoreErr) }, Nothing, tellStoreErr},
	{KeychainItem, unreadableItem, Nothing, tellStoreErr},
	{Unreadable, func(e Evidence) bool { return e.State == credentials.Unreadable }, Nothing, tellUnreadable},
	{Locked, func(e Evidence) bool { return e.Obstacle.Held }, Nothing, tellObstacle},
	{NotStored, func(e Evidence) bool { return e.Obstacle.Cause != "" }, Nothing, tellObstacle},
	{ClientConfig, func(e Evidence) bool { return e.Config.Cause != "" }, Nothing,
		func(e Evidence) (string, string) { return e.Config.Cause, e.Config.Remedy }},
	{Gateway, refusedByGateway, Nothing, tellGateway},
	{OtherInUse, func(e Evidence) bool { return e.Shadow != nil && e.Shadow.Meant && e.Seen == "" }, Nothing,
		func(e Evidence) (string, string) { return e.Shadow.Uses(), e.Shadow.NewToken() }},
	{Shadowed, func(e Evidence) bool { return e.Shadow != nil }, Nothing, tellShadow},
	{Outage, saw(detect.Outage), Nothing, tellOutage},
	{Environment, saw(detect.Environment), Nothing, tellSaid(
		"the client was refused with a credential that is not the saved login",
		"look for "+claude.EnvAPIKey+", "+claude.EnvAuthToken+" or "+claude.APIKeyHelper+
			" where the client was started; 'claude-auth doctor' lists what it finds")},
	{Organisation, saw(detect.Organisation), Nothing, tellSaid(
		"the organisation refuses this account", "ask its administrator; signing in again does not help")},
	{Network, saw(detect.Network), Nothing, tellSaid(
		"the request was blocked on its way, for the network that it came from",
		"try another network: look at the VPN and the proxy, and at the region; signing in again does not help")},
	{NotStored, saw(detect.Store), Nothing, tellSaid(
		"the client could not store its login", "run 'claude-auth doctor' to see what stands in the way")},
	{SignedInSince, signedInSince, GoOn, say("someone has signed in since: the saved login is a new one", "")},
	{SignedInSince, overlooked, GoOn, say(
		"the saved login is there again: the client met it while it was being written", "")},
	{Relapse, func(e Evidence) bool { return rejected(e) && e.Relapsed }, Nothing, tellRelapse},
	{DeadKey, refusedKey, SignInConsole, tellSaid("the service rejected the key of your Console sign-in", "")},
	{Corrupt, inState(credentials.Corrupt), SetAside, tellCorrupt},
	{NoLogin, inState(credentials.Absent, credentials.Blank), SignIn, tellNoLogin},
	{Scope, inState(credentials.Limited), WipeAndSignIn, say(
		"Claude Code does not use the saved login: it lacks the scope "+claude.InferenceScope, "")},
	{Scope, confirmed(detect.Scope), WipeAndSignIn, tellSaid(
		"the saved login lacks a permission that the client needs now", "")},
	{DeadLogin, func(e Evidence) bool { return rejected(e) || e.State == credentials.Expired }, WipeAndSignIn, tellDead},
	{ConsoleKey, func(e Evidence) bool { return e.State == credentials.Console && e.Seen == "" }, Nothing, say(
		"nothing to repair: Claude Code uses the key of your Console sign-in",
		"not verified: claude-auth never contacts Anthropic. Test it with: claude -p hi")},
	{Unknown, func(e Evidence) bool { return e.Seen != "" }, Nothing, tellSaid(
		"not confirmed that the saved login was refused", signInAnyway)},
	{Unknown, func(Evidence) bool { return true }, Nothing, say(
		"nothing wrong was found with the saved login", signInAnyway)},
}

const signInAnyway = "to sign in anew all the same, run 'claude-auth login'"

// Decide returns the verdict on e.
func Decide(e Evidence) Verdict {
	for _, r := range table {
		if r.when(e) {
			message, hint := r.tell(e)
			return Verdict{Cause: r.cause, Action: r.action, Message: message, Hint: hint}
		}
	}
	panic("diagnose: the last row of the table always applies")
}

func saw(class detect.Class) func(Evidence) bool {
	return func(e Evidence) bool { return e.Seen == class }
}

func confirmed(class detect.Class) func(Evidence) bool {
	return func(e Evidence) bool { return e.Seen == class && e.Confirmed }
}

func inState(states ...credentials.State) func(Evidence) bool {
	return func(e Evidence) bool { return slices.Contains(states, e.State) }
}

// rejected reports a login that the service itself has rejected. Before "Not logged in" the client has not asked it.
func rejected(e Evidence) bool {
	return e.Confirmed && e.Seen == detect.Rejected || e.State == credentials.Rejected
}

// signedInSince compares access tokens: each renewal and each sign-in brings a new one, and 2.1.165 keeps it when it
// empties the refresh token.
func signedInSince(e Evidence) bool {
	other := (e.Known || !e.Used.IsZero()) && e.Login.Access != e.Used.Access
	return (other || e.Newer) && e.Login.Access != "" && e.State.Usable()
}

// overlooked reports a good login that the client has not found, because it read the file while another process wrote
// it or another recovery was replacing the login.
func overlooked(e Evidence) bool {
	return confirmed(detect.NoLogin)(e) && e.Login.Access != "" && e.State.Usable() && e.State != credentials.Console
}

// refusedByGateway reports a refusal that may be the gateway's own. Tokens that the client has emptied were refused by
// Anthropic's token endpoint: no gateway is asked for that.
func refusedByGateway(e Evidence) bool {
	refused := []detect.Class{detect.Rejected, detect.Scope, detect.Environment, detect.Organisation}
	return e.Gateway != nil && slices.Contains(refused, e.Seen) && e.State != credentials.Blank
}

// refusedKey reports a Console key that the service has rejected. The client says of it what it says without a login
// (2.1.165, 2.1.330, 2.1.332).
func refusedKey(e Evidence) bool {
	if !e.Login.Console() {
		return false
	}
	same := e.Used == e.Login || !e.Known && e.Used.IsZero()
	said := e.Seen == detect.NoLogin || e.Seen == detect.Rejected
	return e.State == credentials.Rejected || e.Confirmed && said && same
}

func say(message, hint string) func(Evidence) (string, string) {
	return func(Evidence) (string, string) { return message, hint }
}

func tellSaid(message, hint string) func(Evidence) (string, string) {
	return func(e Evidence) (string, string) {
		if e.Phrase != "" {
			return fmt.Sprintf("%s (the client said: %s)", message, e.Phrase), hint
		}
		return message, hint
	}
}

func tellUnreadable(e Evidence) (string, string) {
	return fmt.Sprintf("the saved login cannot be read: %v", e.StoreErr), "run 'claude-auth doctor' to see owner and mode"
}

func tellObstacle(e Evidence) (string, string) {
	return "a new login could not be stored: " + e.Obstacle.Cause, e.Obstacle.Remedy
}

func tellOutage(e Evidence) (string, string) {
	message, hint := "the service is not answering as it should", "try again later"
	if e.Clock != "" {
		message, hint = message+", and "+e.Clock, "set the clock: with a wrong one no secure connection can be made"
	}
	return tellSaid(message, hint)(e)
}

func tellGateway(e Evidence) (string, string) {
	sent := "the saved login"
	if e.Shadow != nil {
		sent = e.Shadow.String()
	}
	message := fmt.Sprintf("the gateway that %s names rejected %s", e.Gateway, sent)
	hint := "ask who runs the gateway for a credential of its own; to do without it, " + e.Gateway.Remedy()
	return tellSaid(message, hint)(e)
}

func tellShadow(e Evidence) (string, string) {
	return fmt.Sprintf("the client does not use the saved login: %s wins over it", e.Shadow), e.Shadow.Remedy()
}

func tellCorrupt(e Evidence) (string, string) {
	if e.StoreErr != nil {
		return fmt.Sprintf("the credentials file is unusable: %v", e.StoreErr), ""
	}
	return "the credentials file is unusable", ""
}

func tellNoLogin(e Evidence) (string, string) {
	if e.State == credentials.Blank {
		return "the client has emptied the saved login after a refusal", ""
	}
	return "no login is saved", ""
}

func tellDead(e Evidence) (string, string) {
	if e.State == credentials.Expired && !rejected(e) {
		return "the saved login has expired and cannot renew itself", ""
	}
	message := "the service refuses the saved login"
	if e.Age > 0 {
		message += ", which is " + ui.Roughly(e.Age) + " old"
	}
	return tellSaid(message, "")(e)
}

func tellRelapse(e Evidence) (string, string) {
	age := e.Age.Round(time.Second)
	return fmt.Sprintf("a login made %s ago was refused at once: another sign-in would not help", age),
		"look at https://status.anthropic.com and 'claude-auth doctor'; " +
			"'claude-auth login' tries once more all the same"
}
