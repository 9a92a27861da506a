package detect

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// messages are whole messages of the clients, measured or read in their code, and the rule that each one meets.
var messages = []struct {
	class Class
	name  string
	text  string
}{
	{Rejected, "401-print", "Failed to authenticate. API Error: 401 Invalid bearer token"},
	{Rejected, "401-screen", "Please run /login · API Error: 401 Invalid authentication credentials"},
	{Rejected, "401",
		`API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"x"}} · Please run /login`},
	{Rejected, "bad-credentials", "Invalid authentication credentials"},
	{Rejected, "bad-bearer", "Invalid bearer token"},
	{Rejected, "token-expired", "OAuth token has expired. Please obtain a new token or refresh your existing token."},
	{Rejected, "access-token-expired", "OAuth access token has expired. Re-authenticate to continue."},
	{Rejected, "session-expired-print", "Failed to authenticate: OAuth session expired and could not be refreshed"},
	{Rejected, "login-expired", "Login expired · Please run /login"},
	{Rejected, "login-limit-print", "Failed to authenticate: this login reached its time limit and cannot be renewed."},
	{Rejected, "login-limit", "Login reached its time limit · Please run /login"},
	{Rejected, "session-expired", "Session expired. Please run /login to sign in again."},
	{Rejected, "revoked", "OAuth token revoked · Please run /login"},
	{Rejected, "revoked-print",
		"Failed to authenticate: OAuth token revoked. Please log in again or contact your administrator."},
	{Rejected, "revoked-print-165",
		"Your account does not have access to Claude. Please login again or contact your administrator."},
	{Rejected, "session-login-gone", "The claude.ai sign-in this session was using no longer works. Run /login with the " +
		"same account, then send your message again."},
	{Rejected, "claude-session-expired",
		"Your Claude session has expired. Sign in again to continue (claude auth login)."},
	{Organisation, "organisation-required",
		"Your authentication token belongs to organization 1, but this machine requires 2."},
	{Organisation, "organisation-unknown",
		"Unable to verify organization for this sign-in. This machine requires organization 2."},
	{NoLogin, "not-logged-in", "Not logged in · Please run /login"},
	{Scope, "403-scope-print",
		"Failed to authenticate. API Error: 403 OAuth token does not meet scope requirement user:inference"},
	{Scope, "scope", "OAuth token does not meet scope requirement user:profile"},
	{Environment, "api-key", "Invalid API key · Fix external API key"},
	{Environment, "auth-token", "Invalid auth token · Fix external auth token"},
	{Environment, "api-key-login", "Invalid API key · Please run /login"},
	{Environment, "org-disabled-key",
		"Your ANTHROPIC_API_KEY belongs to a disabled organization · Update or unset the environment variable"},
	{Environment, "key-auth-disabled",
		"Your organization has disabled API key authentication · Unset ANTHROPIC_API_KEY and run /login"},
	{Store, "refresh-locked",
		"OAuth access token could not be refreshed: another Claude Code process is holding the refresh lock"},
	{Store, "refresh-disk",
		"OAuth access token could not be refreshed: the disk that holds the Claude Code config directory, is full"},
	{Store, "refresh-keychain", "OAuth access token could not be refreshed: can't save to the macOS Keychain. Unlock it"},
	{Store, "refresh-disk-print", "Failed to refresh OAuth token: the disk that holds the Claude Code config directory"},
	{Organisation, "subscription-disabled",
		"Your organization has disabled Claude subscription access for Claude Code · Use an Anthropic API key"},
	{Rejected, "session-expired-print", "Failed to authenticate: OAuth session expired and could not be refreshed. " +
		"Run `claude auth login` to sign in again"},
	{Outage, "401-page-nginx-print", "Failed to authenticate. API Error: 401 Authorization Required"},
	{Outage, "401-page-apache-screen", "Please run /login · API Error: 401 Unauthorized"},
	{Outage, "403-page-print", "Failed to authenticate. API Error: 403 Forbidden"},
	{Outage, "403-page-cloudflare-print", "Failed to authenticate. API Error: 403 Attention Required! | Cloudflare"},
	{Network, "403-not-allowed-print", "Failed to authenticate. API Error: 403 Request not allowed"},
	{Network, "network-blocked", "API Error: Request blocked before it reached Anthropic's API (HTTP 403) · the network"},
	{Rejected, "403-not-member-print",
		"Failed to authenticate. API Error: 403 Account is no longer a member of the organization associated with it."},
	{Rejected, "403-org-revoked-screen", "Please run /login · API Error: 403 Organization access has been revoked."},
	{Organisation, "403-print", "Failed to authenticate. API Error: 403 Something that nobody has seen"},
	{Organisation, "400-disabled", "API Error: 400 This organization has been disabled."},
	{Rejected, "console-key-disabled-app",
		"Your organization has disabled API key authentication · Sign in again with your claude.ai account"},
	{NoLogin, "remote-control", "Error: You must be logged in to use Remote Control.\n\nRemote Control is only available"},
	{Outage, "sign-in-timeout", "OAuth error: timeout of 15000ms exceeded"},
	{Rejected, "401-print", "Failed to authenticate. API Error: 401 Invalid authentication credentials\n" +
		"the apiKeyHelper in this machine's managed settings files cannot be used"},
	{Environment, "gateway-upstream",
		"Authentication error · The gateway could not authenticate with its upstream provider — contact your gateway"},
	{Environment, "gateway-refused", "Gateway refused the request · signing in again won't change this"},
	{Environment, "gateway-organisation", "Your organization's gateway refused the request · API Error: 401 no"},
	{Environment, "aws-expired", "AWS credentials expired or invalid · refresh your AWS credentials"},
	{Environment, "google-refused", "Google Cloud authentication failed · API Error: 403 no"},
	{Environment, "foundry-refused", "Microsoft Foundry authentication failed · refresh your Foundry credential"},
	{Environment, "aws-credentials", "API Error: Could not load AWS credentials · Could not load credentials"},
	{Outage, "401-html", "API Error: 401 <html><head>"},
	{Outage, "401-html-screen", "Please run /login · API Error: 401 <!DOCTYPE html>"},
	{Outage, "529", `API Error: 529 {"type":"error","error":{"type":"overloaded_error"}}`},
	{Outage, "500",
		"API Error: 500 Internal server error. This is a server-side issue, usually temporary — try again in a moment."},
	{Outage, "overloaded", "API Error: Repeated 529 Overloaded errors. The API is at capacity"},
	{Outage, "timeout", "API Error: Request timed out. Check your internet connection and proxy settings"},
	{Outage, "no-connection", "API Error: Unable to connect to API (ECONNREFUSED)"},
}

func TestBuiltinKnowsTheMessages(t *testing.T) {
	rules := Builtin()
	for _, want := range messages {
		if rule, ok := rules.Match(want.text); !ok || rule.Class != want.class || rule.Name != want.name {
			t.Errorf("%q: %s %q, want %s %q", want.text, rule.Class, rule.Name, want.class, want.name)
		}
	}
	for _, text := range []string{
		"", "pong", "API Error: 400 bad request", "API Error: 429 rate limited", "why Not logged in",
	} {
		if rule, ok := rules.Match(text); ok {
			t.Errorf("%q: met %q", text, rule.Name)
		}
	}
}

// What newRules would put right in a user's rule has to be right in the table: the other tests compare with its text.
func TestTableIsInNormalForm(t *testing.T) {
	seen := map[string]bool{}
	for _, rule := range builtin() {
		if seen[rule.Name] {
			t.Errorf("two rows have the name %q", rule.Name)
		}
		seen[rule.Name] = true
		if !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(rule.Name) {
			t.Errorf("the name %q: only lower case letters, digits and single dashes may be in it", rule.Name)
		}
		normal, err := normalPhrase(rule.Phrase)
		if err != nil {
			t.Errorf("%s: %v", rule.Name, err)
		}
		if rule.Phrase != normal && !(rule.Open && rule.Phrase == normal+" ") {
			t.Errorf("%s: %q has white space at an end, or more than one space in a gap", rule.Name, rule.Phrase)
		}
	}
}

func TestParseRules(t *testing.T) {
	rules, err := parseRules([]byte(`
# new words of the client
Token gone  ·  Please run /login => rejected
Gateway says no: …  =>  organisation
an arrow => within => outage
`), "rules")
	if err != nil {
		t.Fatal(err)
	}
	want := []Rule{
		{Name: "user-3", Class: Rejected, Phrase: "Token gone · Please run /login"},
		{Name: "user-4", Class: Organisation, Phrase: "Gateway says no:", Open: true},
		{Name: "user-5", Class: Outage, Phrase: "an arrow => within"},
	}
	if len(rules) != len(want) {
		t.Fatalf("got %+v", rules)
	}
	for i := range want {
		if rules[i] != want[i] {
			t.Errorf("got %+v, want %+v", rules[i], want[i])
		}
	}
}

func TestParseRulesNamesTheLine(t *testing.T) {
	for text, want := range map[string]string{
		"\n\nno remedy here": "rules:3: no remedy: expected PHRASE => REMEDY",
		"some phrase => wipe": `rules:1: unknown remedy "wipe", ` +
			"expected one of rejected, no-login, environment, store, scope, organisation, network, outage",
		"short => outage":                 `rules:1: the phrase "short" has 5 bytes, expected 8 to 512`,
		"=> outage":                       `rules:1: the phrase "" has 0 bytes, expected 8 to 512`,
		"bell \x07 in it => outage":       `rules:1: the phrase "bell \a in it" holds a control character`,
		"\xff\xfe\xfd not text => outage": "rules:1: the phrase is not UTF-8",
		"Login expired · Please run /login => outage": "rules:1: the phrase " +
			`"Login expired · Please run /login" is already known`,
		"a phrase of mine => outage\na phrase of mine => scope": "rules:2: the phrase " +
			`"a phrase of mine" is already known`,
	} {
		_, err := parseRules([]byte(text), "rules")
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	_, err := parseRules([]byte("bad\nworse"), "rules")
	if err == nil || !strings.Contains(err.Error(), "rules:1:") || !strings.Contains(err.Error(), "rules:2:") {
		t.Errorf("not every bad line is named: %v", err)
	}
}

func TestLoadRules(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rules")
	rules, err := LoadRules(path)
	if err != nil || len(rules.List()) != len(builtin()) {
		t.Fatalf("without a file: %v", err)
	}
	if err := os.WriteFile(path, []byte("Token gone for good => rejected\nbad\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rules, err = LoadRules(path)
	if err == nil || !strings.HasPrefix(err.Error(), path+":2:") {
		t.Errorf("error %v", err)
	}
	if got := ruleNames(scan(rules, []byte("x\nToken gone\r\n  for good\n"), 3)); len(got) != 1 || got[0] != "user-1" {
		t.Errorf("the user's rule found %q", got)
	}
	if _, err := LoadRules(t.TempDir()); err == nil {
		t.Error("a directory is read as rules")
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("# x\n", maxRulesFile)), 0o600); err != nil {
		t.Fatal(err)
	}
	if rules, err := LoadRules(path); err == nil || len(rules.List()) != len(builtin()) {
		t.Errorf("a file without end is taken: %v", err)
	}
}

func TestNewRulesRefuses(t *testing.T) {
	ok := Rule{Name: "a", Class: Outage, Phrase: "the phrase is long enough"}
	for name, bad := range map[string]Rule{
		"class":  {Name: "b", Class: "wipe", Phrase: "another phrase"},
		"name":   {Class: Outage, Phrase: "another phrase"},
		"phrase": {Name: "b", Class: Outage, Phrase: "x"},
		"twice":  {Name: "b", Class: Outage, Phrase: "the  phrase is long enough"},
	} {
		if _, err := newRules([]Rule{ok, bad}); err == nil {
			t.Errorf("a rule with a bad %s is taken", name)
		}
	}
}
