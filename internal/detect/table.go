package detect

import "fmt"

// The remedies, one sentence each, for people.
const (
	signInAgain    = "sign in again"
	signIn         = "sign in; there is nothing to remove"
	fixEnvironment = "fix or unset the credential that wins over the saved login; signing in again cannot help"
	freeTheStore   = "free what keeps the client from saving the login; nothing needs to be removed"
	widerScope     = "sign in again; a setup-token cannot have the scope"
	askAdmin       = "ask the organisation's administrator; signing in to the same account cannot help"
	tryLater       = "try again later; the login may be fine"
)

// remedyFor returns the sentence for a class, for rules that have no own one.
func remedyFor(c Class) string {
	switch c {
	case Rejected:
		return signInAgain
	case NoLogin:
		return signIn
	case Environment:
		return fixEnvironment
	case Store:
		return freeTheStore
	case Scope:
		return widerScope
	case Organisation:
		return askAdmin
	case Outage:
		return tryLater
	}
	return ""
}

// The client puts one of these before the text of a refused request: the
// first in -p, the second on a screen, none in old versions and for 5xx.
// Read in 2.1.165 and 2.1.330; the first two measured there.
var leads = [...]struct{ suffix, text string }{
	{"-print", "Failed to authenticate. "},
	{"-screen", "Please run /login · "},
	{"", ""},
}

// Builtin returns the rules of the program's own table.
func Builtin() *Rules {
	rules, err := NewRules(builtin())
	if err != nil {
		panic("detect: the built-in table is broken: " + err.Error()) // a test holds that it is not
	}
	return rules
}

// builtin lists the phrases with which the clients 2.1.104, 2.1.165 and
// 2.1.330 announce a failure (measured, or read in their text), and those of
// public reports. The longest phrase that fits decides: "API Error: 401 <" is
// a proxy's page and so an outage, though "API Error: 401 " is a refusal.
func builtin() []Rule {
	var rules []Rule
	add := func(class Class, name, phrase string, open bool) {
		rules = append(rules, Rule{Name: name, Class: class, Phrase: phrase, Open: open, Remedy: remedyFor(class)})
	}
	for _, lead := range leads {
		addStatuses(func(class Class, name, phrase string) {
			add(class, name+lead.suffix, lead.text+phrase, true)
		})
	}
	for _, r := range closed {
		add(r.class, r.name, r.phrase, false)
	}
	for _, r := range open {
		add(r.class, r.name, r.phrase, true)
	}
	return rules
}

// addStatuses gives what may follow a lead: the client prints its HTTP status
// and the service's message, or the body as it came (one line, or HTML).
func addStatuses(add func(class Class, name, phrase string)) {
	add(Rejected, "401", "API Error: 401 ")
	add(Outage, "401-html", "API Error: 401 <")
	add(Environment, "401-api-key", "API Error: 401 Invalid API key")
	add(Environment, "401-x-api-key", "API Error: 401 invalid x-api-key")
	add(Organisation, "403", "API Error: 403 ")
	add(Outage, "403-html", "API Error: 403 <")
	add(Scope, "403-scope", "API Error: 403 OAuth token does not meet scope requirement")
	add(Rejected, "403-revoked", "API Error: 403 OAuth token has been revoked")
	for _, status := range []int{500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530} {
		add(Outage, fmt.Sprint(status), fmt.Sprintf("API Error: %d ", status))
	}
	add(Outage, "overloaded", "API Error: Repeated 529 Overloaded errors")
	add(Outage, "timeout", "API Error: Request timed out")
	add(Outage, "no-connection", "API Error: Unable to connect to API")
	add(Outage, "connection-error", "API Error: Connection error")
	add(Outage, "connection-closed", "API Error: Connection closed")
	add(Outage, "connection-refused", "API Error: Connection refused") // this and the next three: 2.1.330
	add(Outage, "unreachable", "API Error: Can't reach the API server")
	add(Outage, "no-route", "API Error: No internet route")
	add(Outage, "proxy", "API Error: Couldn't connect through your proxy")
	add(Outage, "unavailable", "API Error: The API is temporarily unavailable")
}

type phrase struct {
	class  Class
	name   string
	phrase string
}

// closed are messages that end with the phrase.
var closed = [...]phrase{
	{Rejected, "session-expired-print", "Failed to authenticate: OAuth session expired and could not be refreshed"},
	{Rejected, "login-expired", "Login expired · Please run /login"},
	{Rejected, "login-limit", "Login reached its time limit · Please run /login"},
	{Rejected, "session-expired", "Session expired. Please run /login to sign in again."},
	{Rejected, "session-expired-error", "Error: Session expired. Please run /login to sign in again."},
	{Rejected, "your-session-expired", "Your session has expired. Please run /login to sign in again."},
	{Rejected, "your-session-expired-error", "Error: Your session has expired. Please run /login to sign in again."},
	{Rejected, "revoked", "OAuth token revoked · Please run /login"},
	// What 2.1.165 says in -p where the screen has "OAuth token revoked".
	{Rejected, "revoked-print-165", "Your account does not have access to Claude. Please login again or contact your administrator."},
	{Rejected, "bad-credentials", "Invalid authentication credentials"},
	{Rejected, "bad-bearer", "Invalid bearer token"},
	{Rejected, "token-expired", "OAuth token has expired. Please obtain a new token or refresh your existing token."},
	{Rejected, "access-token-expired", "OAuth access token has expired. Re-authenticate to continue."},
	// The key of a Console sign-in: the client itself asks for /login.
	{Rejected, "console-key-disabled", "Your organization has disabled API key authentication · Run /login to sign in with your claude.ai account"},
	{NoLogin, "not-logged-in", "Not logged in · Please run /login"},
	{NoLogin, "sign-in-required", "Authentication required · Sign in again to continue"},
	{Environment, "api-key", "Invalid API key · Fix external API key"},
	{Environment, "auth-token", "Invalid auth token · Fix external auth token"},
	{Environment, "api-key-login", "Invalid API key · Please run /login"},
	{Environment, "profile-expired", "Anthropic profile login expired · Re-authenticate your Anthropic profile"},
	{Environment, "profile-expired-login", "Login expired · Run /login to sign in again, or re-authenticate your Anthropic profile"},
	{Outage, "temporary-network", "Authentication error · This may be a temporary network issue, please try again"},
}

// open are messages that go on after the phrase, within their line.
var open = [...]phrase{
	{Rejected, "login-limit-print", "Failed to authenticate: this login reached its time limit"},
	{Rejected, "login-expired-print", "Failed to authenticate: your claude.ai login expired."},
	{Rejected, "login-expired-no-credit", "Login expired · Please run /login · "},
	{Rejected, "revoked-print", "Failed to authenticate: OAuth token revoked."},
	{Scope, "scope", "OAuth token does not meet scope requirement"},
	{Environment, "auth-token-rejected", "Invalid auth token · Fix external auth token · "},
	{Environment, "api-key-rejected", "Invalid API key · Fix external API key · "},
	{Environment, "custom-headers", "Invalid ANTHROPIC_CUSTOM_HEADERS · "},
	{Environment, "header", "Invalid request header from the environment · "},
	{Environment, "org-disabled-key", "Your ANTHROPIC_API_KEY belongs to a disabled organization · "},
	{Environment, "key-auth-disabled", "Your organization has disabled API key authentication · "},
	{Environment, "api-key-helper", "Your apiKeyHelper script is failing · "},
	{Store, "refresh-locked", "OAuth access token could not be refreshed: another Claude Code process is holding the refresh lock"},
	{Store, "refresh-disk", "OAuth access token could not be refreshed: the disk "},
	{Store, "refresh-keychain", "OAuth access token could not be refreshed: can't save to the "},
	{Store, "refresh-locked-print", "Failed to refresh OAuth token: another Claude Code process "},
	{Store, "refresh-disk-print", "Failed to refresh OAuth token: the disk "},
	{Store, "refresh-keychain-print", "Failed to refresh OAuth token: can't save to the "},
	{Store, "refresh-locked-screen", "Could not refresh your login because another Claude Code process "},
	{Store, "refresh-disk-screen", "Could not refresh your login: the disk "},
	{Store, "refresh-keychain-screen", "Could not refresh your login: can't save to the "},
	{Organisation, "subscription-disabled", "Your organization has disabled Claude subscription access for Claude Code · "},
	{Organisation, "console-refused", "Claude Code can't use the Anthropic Console sign-in saved on this computer"},
	{Organisation, "subscription-refused", "Claude Code can't use your Claude subscription"},
	{Organisation, "on-hold", "Your account is on hold and can't use Claude Code."},
	{Outage, "timed-out", "Request timed out."},
}
