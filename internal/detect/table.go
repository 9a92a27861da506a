package detect

import "strings"

// Builtin returns the rules of the program's own table.
func Builtin() *Rules {
	rules, err := newRules(builtin())
	if err != nil {
		panic("detect: the built-in table is broken: " + err.Error()) // a test checks that it is not
	}
	return rules
}

// builtin makes the rules of the table.
func builtin() []Rule {
	var rules []Rule
	for _, p := range phrases {
		text, open := strings.CutSuffix(p.text, "…")
		rules = append(rules, Rule{Name: p.name, Class: p.class, Phrase: text, Open: open})
		if strings.HasPrefix(text, "API Error: ") {
			for _, l := range leads {
				rules = append(rules, Rule{Name: p.name + l.suffix, Class: p.class, Phrase: l.text + text, Open: open})
			}
		}
	}
	return rules
}

// leads are what the client prints before the text of a rejected request: one in -p, the other on a screen, nothing in
// old versions and for 5xx. Read in 2.1.165 and 2.1.330, and both leads measured there.
var leads = []struct{ suffix, text string }{
	{"-print", "Failed to authenticate. "},
	{"-screen", "Please run /login · "},
}

// phrases are the words with which the clients 2.1.104, 2.1.165, 2.1.330 and 2.1.332 announce a failure (measured, or
// read in their code), and those of public reports. To detect another one, add a row.
//
// A phrase is how a message begins. Of several that fit the longest decides: "API Error: 401 <" is a proxy's page and
// so an outage, though "API Error: 401 " is a rejection. "API Error: " is followed by the HTTP status and the service's
// message, or by the body as it came (one line, or HTML); such a phrase is also known behind each of the leads.
//
// The ellipsis matters in one place only. [Holdback] has to know whether the text that -p prints is the message and
// nothing else: with the ellipsis the message may go on to the end of its line, without it only white space and escape
// sequences may follow. [Scanner] (sessions, `detect`) and [Rules.Match] (structured output, transcripts, `why`) find
// both kinds whatever follows. A space before the ellipsis belongs to the phrase, so a gap must follow there.
var phrases = []struct {
	class Class
	name  string
	text  string
}{
	{Rejected, "401", "API Error: 401 …"},
	{Outage, "401-html", "API Error: 401 <…"},
	// Of a page the client says the title, of nginx and of Apache here: something in between has answered, not Anthropic
	// (2.1.165, 2.1.330, 2.1.332).
	{Outage, "401-page-nginx", "API Error: 401 Authorization Required…"},
	{Outage, "401-page-apache", "API Error: 401 Unauthorized…"},
	{Environment, "401-api-key", "API Error: 401 Invalid API key…"},
	{Environment, "401-x-api-key", "API Error: 401 invalid x-api-key…"},
	{Organisation, "403", "API Error: 403 …"},
	{Outage, "403-html", "API Error: 403 <…"},
	{Outage, "403-page", "API Error: 403 Forbidden…"}, // 2.1.165, 2.1.330, 2.1.332
	{Outage, "403-page-cloudflare", "API Error: 403 Attention Required!…"},
	{Outage, "403-page-challenge", "API Error: 403 Just a moment…"},
	{Outage, "403-page-denied", "API Error: 403 Access Denied…"},
	// A region, or a VPN (2.1.165, 2.1.330, 2.1.332).
	{Network, "403-not-allowed", "API Error: 403 Request not allowed…"},
	{Organisation, "400-disabled", "API Error: 400 This organization has been disabled…"}, // 2.1.165, 2.1.330
	// The account has left the organisation, or the login has lost what it belongs to (read, 2.1.332).
	{Rejected, "403-not-member", "API Error: 403 Account is no longer a member of the organization…"},
	{Rejected, "403-org-revoked", "API Error: 403 Organization access has been revoked…"},
	{Rejected, "403-workspace-revoked", "API Error: 403 Workspace access has been revoked…"},
	{Rejected, "403-no-organization", "API Error: 403 Token lacks associated organization…"},
	{Rejected, "403-no-account", "API Error: 403 Token lacks associated account…"},
	{Rejected, "403-application", "API Error: 403 OAuth token application has been deactivated…"},
	{Rejected, "403-invalid", "API Error: 403 OAuth access token is invalid…"},
	{Rejected, "403-credential", "API Error: 403 Credential is invalid…"},
	{Scope, "403-scope", "API Error: 403 OAuth token does not meet scope requirement…"},
	{Rejected, "403-revoked", "API Error: 403 OAuth token has been revoked…"},
	{Outage, "500", "API Error: 500 …"},
	{Outage, "502", "API Error: 502 …"},
	{Outage, "503", "API Error: 503 …"},
	{Outage, "504", "API Error: 504 …"},
	{Outage, "520", "API Error: 520 …"},
	{Outage, "521", "API Error: 521 …"},
	{Outage, "522", "API Error: 522 …"},
	{Outage, "523", "API Error: 523 …"},
	{Outage, "524", "API Error: 524 …"},
	{Outage, "525", "API Error: 525 …"},
	{Outage, "526", "API Error: 526 …"},
	{Outage, "527", "API Error: 527 …"},
	{Outage, "529", "API Error: 529 …"},
	{Outage, "530", "API Error: 530 …"},
	{Outage, "overloaded", "API Error: Repeated 529 Overloaded errors…"},
	{Outage, "timeout", "API Error: Request timed out…"},
	{Outage, "no-connection", "API Error: Unable to connect to API…"},
	{Outage, "connection-error", "API Error: Connection error…"},
	{Outage, "connection-closed", "API Error: Connection closed…"},
	{Outage, "connection-refused", "API Error: Connection refused…"}, // this and the next three: 2.1.330
	{Outage, "unreachable", "API Error: Can't reach the API server…"},
	{Outage, "no-route", "API Error: No internet route…"},
	{Outage, "proxy", "API Error: Couldn't connect through your proxy…"},
	{Outage, "unavailable", "API Error: The API is temporarily unavailable…"},

	{Network, "network-blocked", "API Error: Request blocked before it reached Anthropic's API…"}, // 2.1.332, read
	// This and the next: 2.1.332
	{Environment, "aws-credentials", "API Error: Could not load AWS credentials…"},
	{Environment, "google-credentials", "API Error: Could not load Google Cloud credentials…"},
	{Environment, "cloud-credentials", "API Error: Could not load credentials from any providers…"}, // 2.1.165
	{Environment, "google-default", "API Error: Could not load the default credentials…"},           // 2.1.165

	// Messages that end with the phrase.
	{Rejected, "login-expired", "Login expired · Please run /login"},
	{Rejected, "login-limit", "Login reached its time limit · Please run /login"},
	{Rejected, "session-expired", "Session expired. Please run /login to sign in again."},
	{Rejected, "session-expired-error", "Error: Session expired. Please run /login to sign in again."},
	{Rejected, "your-session-expired", "Your session has expired. Please run /login to sign in again."},
	{Rejected, "your-session-expired-error", "Error: Your session has expired. Please run /login to sign in again."},
	{Rejected, "revoked", "OAuth token revoked · Please run /login"},
	// What 2.1.165 says in -p where the screen has "OAuth token revoked".
	{Rejected, "revoked-print-165",
		"Your account does not have access to Claude. Please login again or contact your administrator."},
	{Rejected, "bad-credentials", "Invalid authentication credentials"},
	{Rejected, "bad-bearer", "Invalid bearer token"},
	{Rejected, "token-expired", "OAuth token has expired. Please obtain a new token or refresh your existing token."},
	{Rejected, "access-token-expired", "OAuth access token has expired. Re-authenticate to continue."},
	// The key of a Console sign-in: the client itself asks for /login.
	{Rejected, "console-key-disabled",
		"Your organization has disabled API key authentication · Run /login to sign in with your claude.ai account"},
	{Rejected, "console-key-disabled-app", // the same in an app (2.1.332, read)
		"Your organization has disabled API key authentication · Sign in again with your claude.ai account"},
	{NoLogin, "not-logged-in", "Not logged in · Please run /login"},
	{NoLogin, "sign-in-required", "Authentication required · Sign in again to continue"},
	{Environment, "api-key", "Invalid API key · Fix external API key"},
	{Environment, "auth-token", "Invalid auth token · Fix external auth token"},
	{Environment, "api-key-login", "Invalid API key · Please run /login"},
	{Environment, "profile-expired", "Anthropic profile login expired · Re-authenticate your Anthropic profile"},
	{Environment, "profile-expired-login",
		"Login expired · Run /login to sign in again, or re-authenticate your Anthropic profile"},
	{Outage, "temporary-network", "Authentication error · This may be a temporary network issue, please try again"},

	// Messages that go on.
	// This and the next three: 2.1.332, read. A session that had its login from before, and settings of an administrator
	// that name other organisations.
	{Rejected, "session-login-gone", "The claude.ai sign-in this session was using no longer works.…"},
	{Rejected, "claude-session-expired", "Your Claude session has expired. Sign in again to continue …"},
	{Organisation, "organisation-required", "Your authentication token belongs to organization …"},
	{Organisation, "organisation-unknown", "Unable to verify organization for …"}, // 2.1.165, too
	// Alone in 2.1.330; 2.1.332 may add what to run (read).
	{Rejected, "session-expired-print", "Failed to authenticate: OAuth session expired and could not be refreshed…"},
	{NoLogin, "remote-control", "Error: You must be logged in to use Remote Control.…"}, // 2.1.332, read
	{NoLogin, "remote-control-screen", "You must be logged in to use Remote Control.…"},
	{Rejected, "login-limit-print", "Failed to authenticate: this login reached its time limit…"},
	{Rejected, "login-expired-print", "Failed to authenticate: your claude.ai login expired.…"},
	{Rejected, "login-expired-no-credit", "Login expired · Please run /login · …"},
	{Rejected, "revoked-print", "Failed to authenticate: OAuth token revoked.…"},
	{Scope, "scope", "OAuth token does not meet scope requirement…"},
	{Environment, "auth-token-rejected", "Invalid auth token · Fix external auth token · …"},
	{Environment, "api-key-rejected", "Invalid API key · Fix external API key · …"},
	{Environment, "custom-headers", "Invalid ANTHROPIC_CUSTOM_HEADERS · …"},
	{Environment, "header", "Invalid request header from the environment · …"},
	{Environment, "org-disabled-key", "Your ANTHROPIC_API_KEY belongs to a disabled organization · …"},
	{Environment, "key-auth-disabled", "Your organization has disabled API key authentication · …"},
	// Gateways and clouds (read in 2.1.332): the credential is theirs, and no sign-in at Anthropic gives another one.
	{Environment, "gateway-upstream", "Authentication error · The gateway could not authenticate with its upstream …"},
	{Environment, "gateway-refused", "Gateway refused the request…"},
	{Environment, "gateway-organisation", "Your organization's gateway refused the request…"},
	{Environment, "aws-expired", "AWS credentials expired or invalid…"},
	{Environment, "aws-refused", "AWS authentication failed…"},
	{Environment, "google-expired", "Google Cloud credentials expired or invalid…"},
	{Environment, "google-refused", "Google Cloud authentication failed…"},
	{Environment, "foundry-refused", "Microsoft Foundry authentication failed…"},
	{Organisation, "managed-login", "This session has no login that it can use, and …"}, // 2.1.332, read
	{Environment, "api-key-helper", "Your apiKeyHelper script is failing · …"},
	{Store, "refresh-locked",
		"OAuth access token could not be refreshed: another Claude Code process is holding the refresh lock…"},
	{Store, "refresh-disk", "OAuth access token could not be refreshed: the disk …"},
	{Store, "refresh-keychain", "OAuth access token could not be refreshed: can't save to the …"},
	{Store, "refresh-locked-print", "Failed to refresh OAuth token: another Claude Code process …"},
	{Store, "refresh-disk-print", "Failed to refresh OAuth token: the disk …"},
	{Store, "refresh-keychain-print", "Failed to refresh OAuth token: can't save to the …"},
	{Store, "refresh-locked-screen", "Could not refresh your login because another Claude Code process …"},
	{Store, "refresh-disk-screen", "Could not refresh your login: the disk …"},
	{Store, "refresh-keychain-screen", "Could not refresh your login: can't save to the …"},
	{Organisation, "subscription-disabled",
		"Your organization has disabled Claude subscription access for Claude Code · …"},
	{Organisation, "console-refused", "Claude Code can't use the Anthropic Console sign-in saved on this computer…"},
	{Organisation, "subscription-refused", "Claude Code can't use your Claude subscription…"},
	{Organisation, "on-hold", "Your account is on hold and can't use Claude Code.…"},
	{Outage, "timed-out", "Request timed out.…"},
	{Outage, "sign-in-timeout", "OAuth error: timeout of …"}, // this and the next: 2.1.332, read
	{Outage, "sign-in-no-answer", "Couldn't get an answer from the sign-in service…"},
}
