// Package diagnose finds out what is wrong with a login.
//
// Package recovery gathers the evidence: what the client said, what the file holds, which credential the client uses,
// what happened to this login before. A table turns the evidence into a verdict: the cause, what to do, and what to
// tell the person. A sign-in does not help half of the people who meet a 401, and the table decides that.
package diagnose

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	Overridden     Cause = "overridden"
	Outage         Cause = "outage"
	Environment    Cause = "environment"
	Organisation   Cause = "organisation"
	Network        Cause = "network"
	SignedInSince  Cause = "signed-in-since"
	Relapse        Cause = "relapse"
	Corrupt        Cause = "corrupt"
	NoLogin        Cause = "no-login"
	Scope          Cause = "scope"
	RejectedKey    Cause = "rejected-key"
	RejectedLogin  Cause = "rejected-login"
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
	Spare    string         // where a Console key is saved beside a login: a claude.ai sign-in makes the client drop it
	Shadow   *Shadow        // the credential that the client uses instead of the saved login
	Gateway  *Shadow        // where the address of a gateway is set, which the client asks instead of Anthropic
	Login    ledger.LoginID // the login that is saved now
	Used     ledger.LoginID // the login that the client was using when it failed; empty when unknown
	Age      time.Duration  // how long ago this login was made; 0 when the ledger does not know
	Answered time.Time      // when Claude Code last had an answer with this login; zero when that is not known
	Relapsed bool           // this login, or the last one here, was rejected within RelapseWithin of its sign-in
}

// RelapseWithin is the age below which the rejection of a login shows that another sign-in would not help.
const RelapseWithin = time.Minute

// RelapseRemedy is what helps against a login that was rejected right after its sign-in.
const RelapseRemedy = "look at https://status.anthropic.com; to try again anyway, run 'claude-auth login'"

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
	{Gateway, rejectedByGateway, Nothing, tellGateway},
	{OtherInUse, func(e Evidence) bool { return e.Shadow != nil && e.Shadow.Meant && e.Seen == "" }, Nothing,
		func(e Evidence) (string, string) { return e.Shadow.Uses(), e.Shadow.NewToken() }},
	{Overridden, func(e Evidence) bool { return e.Shadow != nil }, Nothing, tellShadow},
	{Outage, saw(detect.Outage), Nothing, tellOutage},
	{Environment, saw(detect.Environment), Nothing, tellSaid(
		"Anthropic rejected a credential that is not the saved login",
		"look for "+claude.EnvAPIKey+", "+claude.EnvAuthToken+" or "+claude.APIKeyHelper+
			" where Claude Code was started ('claude-auth doctor' lists what it finds)")},
	{Organisation, saw(detect.Organisation), Nothing, tellSaid(
		"your organisation does not allow this account", "ask its administrator; signing in again does not help")},
	{Network, saw(detect.Network), Nothing, tellSaid(
		"the request was blocked because of the network that it came from",
		"try another network, VPN or proxy; signing in again does not help")},
	{NotStored, saw(detect.Store), Nothing, tellSaid(
		"Claude Code could not store its login", "run 'claude-auth doctor' to find out why")},
	{SignedInSince, signedInSince, GoOn, say("a newer login is saved and works", "")},
	{SignedInSince, overlooked, GoOn, say(
		"the login works: Claude Code had read it while it was being written", "")},
	{Relapse, func(e Evidence) bool { return rejected(e) && e.Relapsed }, Nothing, tellRelapse},
	{RejectedKey, rejectedKey, SignInConsole, tellSaid("the API key of your Console sign-in was rejected", "")},
	{Corrupt, inState(credentials.Corrupt), SetAside, tellCorrupt},
	{NoLogin, inState(credentials.Absent, credentials.Blank), SignIn, tellNoLogin},
	{Scope, inState(credentials.Limited), WipeAndSignIn, say(
		"Claude Code does not use the saved login, because it lacks the scope "+claude.InferenceScope, "")},
	{Scope, confirmed(detect.Scope), WipeAndSignIn, tellSaid(
		"the saved login lacks a permission that Claude Code needs", "")},
	{RejectedLogin, func(e Evidence) bool { return rejected(e) || e.State == credentials.Expired }, WipeAndSignIn,
		tellRejected},
	{ConsoleKey, func(e Evidence) bool { return e.State == credentials.Console && e.Seen == "" }, Nothing, say(
		"nothing to repair: Claude Code uses the API key of your Console sign-in", NotVerified)},
	{Unknown, func(e Evidence) bool { return e.Seen != "" }, Nothing, tellSaid(
		"Claude Code reported a failure, but nothing shows that the login was rejected",
		"to sign in again anyway, run 'claude-auth login'")},
	{Unknown, func(Evidence) bool { return true }, Nothing, tellGood},
}

// NotVerified is what to say of a login that looks good, where no answer with it is known.
const NotVerified = "Not verified: claude-auth never contacts Anthropic. Test it with: claude -p hi"

func tellGood(e Evidence) (string, string) {
	const message = "nothing wrong was found with the saved login"
	if e.Answered.IsZero() {
		return message, NotVerified
	}
	return "your login works: Claude Code last had an answer with it at " +
		e.Answered.Local().Format("2006-01-02 15:04"), "to sign in again anyway, run 'claude-auth login'"
}

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

// rejectedByGateway reports a refusal that may be the gateway's own. Tokens that the client has emptied were refused by
// Anthropic's token endpoint: no gateway is asked for that.
func rejectedByGateway(e Evidence) bool {
	refused := []detect.Class{detect.Rejected, detect.Scope, detect.Environment, detect.Organisation}
	return e.Gateway != nil && slices.Contains(refused, e.Seen) && e.State != credentials.Blank
}

// rejectedKey reports a Console key that the service has rejected. The client says of it what it says without a login
// (2.1.165, 2.1.330, 2.1.332).
func rejectedKey(e Evidence) bool {
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
		if said := shortened(e.Phrase); said != "" {
			return message + ": " + said, hint
		}
		return message, hint
	}
}

// shortened leaves out of Claude Code's message what says nothing about the cause: what comes before the status and the
// service's own words, and the advice behind them.
func shortened(phrase string) string {
	leads := []string{"Failed to authenticate. ", "Failed to authenticate: ", "Please run /login · ", "API Error: "}
	for _, lead := range leads {
		phrase = strings.TrimPrefix(phrase, lead)
	}
	phrase, _, _ = strings.Cut(phrase, "Please run /login")
	return strings.TrimRight(phrase, "·. ")
}

// Reason is why the credentials at place could not be read, for a text that names the place already.
func Reason(err error, place string) string {
	text := err.Error()
	for _, head := range []string{"read " + place, "cannot read " + place, place + " is not valid JSON"} {
		if rest, ok := strings.CutPrefix(text, head+": "); ok {
			return rest
		}
	}
	return text
}

func tellUnreadable(e Evidence) (string, string) {
	message, hint := "the saved login cannot be read", "run 'claude-auth doctor'"
	if errors.As(e.StoreErr, new(*credentials.KeychainError)) {
		return tellStoreErr(e)
	}
	if e.StoreErr != nil {
		message = fmt.Sprintf("%s cannot be read: %s", cmp.Or(e.File, "the saved login"), Reason(e.StoreErr, e.File))
	}
	return message, hint
}

func tellObstacle(e Evidence) (string, string) {
	if e.Obstacle.Held {
		return e.Obstacle.Cause, e.Obstacle.Remedy
	}
	return "a new login could not be stored: " + e.Obstacle.Cause, e.Obstacle.Remedy
}

func tellOutage(e Evidence) (string, string) {
	message, hint := "Anthropic cannot be reached or has a problem", "try again later (https://status.anthropic.com)"
	if e.Clock != "" {
		message, hint = message+", and "+e.Clock, "set the clock: secure connections need the right time"
	}
	return tellSaid(message, hint)(e)
}

func tellGateway(e Evidence) (string, string) {
	sent := "the saved login"
	if e.Shadow != nil {
		sent = e.Shadow.String()
	}
	message := fmt.Sprintf("the gateway set by %s rejected %s", e.Gateway, sent)
	hint := "ask the people who run the gateway for a credential; to stop using it, " + e.Gateway.Remedy()
	return tellSaid(message, hint)(e)
}

func tellShadow(e Evidence) (string, string) {
	return fmt.Sprintf("%s overrides the saved login", e.Shadow), e.Shadow.Remedy()
}

func tellCorrupt(e Evidence) (string, string) {
	if e.StoreErr != nil {
		return fmt.Sprintf("the credentials file is damaged: %s", Reason(e.StoreErr, e.File)), ""
	}
	return "the credentials file is damaged", ""
}

func tellNoLogin(e Evidence) (string, string) {
	if e.State == credentials.Blank {
		return "Claude Code has emptied your login, because it could not be renewed", ""
	}
	return "no login is saved", ""
}

func tellRejected(e Evidence) (string, string) {
	if e.State == credentials.Expired && !rejected(e) {
		return "your Claude Code login has expired and cannot be renewed", ""
	}
	return tellSaid("your Claude Code login was rejected", "")(e)
}

func tellRelapse(e Evidence) (string, string) {
	return fmt.Sprintf("you signed in %s ago, and Anthropic rejected that login at once: "+
		"another sign-in would not help", brief(e.Age)), RelapseRemedy
}

// brief is a duration in seconds where it is short, else roughly.
func brief(d time.Duration) string {
	if d < 2*time.Second {
		return "a moment"
	}
	if d < time.Minute {
		return fmt.Sprintf("%d seconds", d/time.Second)
	}
	return ui.Roughly(d)
}
