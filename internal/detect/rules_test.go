package detect

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// messages are what the clients say, by class: measured, or read in their text.
var messages = map[Class][]string{
	Rejected: {
		"Failed to authenticate. API Error: 401 Invalid bearer token",
		"Please run /login · API Error: 401 Invalid authentication credentials",
		`API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"x"}} · Please run /login`,
		"Invalid authentication credentials",
		"Invalid bearer token",
		"OAuth token has expired. Please obtain a new token or refresh your existing token.",
		"OAuth access token has expired. Re-authenticate to continue.",
		"Failed to authenticate: OAuth session expired and could not be refreshed",
		"Login expired · Please run /login",
		"Failed to authenticate: this login reached its time limit and cannot be renewed.",
		"Login reached its time limit · Please run /login",
		"Session expired. Please run /login to sign in again.",
		"OAuth token revoked · Please run /login",
		"Failed to authenticate: OAuth token revoked. Please log in again or contact your administrator.",
		"Your account does not have access to Claude. Please login again or contact your administrator.",
	},
	NoLogin: {
		"Not logged in · Please run /login",
	},
	Scope: {
		"Failed to authenticate. API Error: 403 OAuth token does not meet scope requirement user:inference",
		"OAuth token does not meet scope requirement user:profile",
	},
	Environment: {
		"Invalid API key · Fix external API key",
		"Invalid auth token · Fix external auth token",
		"Invalid API key · Please run /login",
		"Your ANTHROPIC_API_KEY belongs to a disabled organization · Update or unset the environment variable",
		"Your organization has disabled API key authentication · Unset ANTHROPIC_API_KEY and run /login",
	},
	Store: {
		"OAuth access token could not be refreshed: another Claude Code process is holding the refresh lock",
		"OAuth access token could not be refreshed: the disk that holds the Claude Code config directory, is full",
		"OAuth access token could not be refreshed: can't save to the macOS Keychain. Unlock it",
		"Failed to refresh OAuth token: the disk that holds the Claude Code config directory",
	},
	Organisation: {
		"Your organization has disabled Claude subscription access for Claude Code · Use an Anthropic API key",
	},
	Outage: {
		"API Error: 401 <html><head>",
		"Please run /login · API Error: 401 <!DOCTYPE html>",
		`API Error: 529 {"type":"error","error":{"type":"overloaded_error"}}`,
		"API Error: 500 Internal server error. This is a server-side issue, usually temporary — try again in a moment.",
		"API Error: Repeated 529 Overloaded errors. The API is at capacity",
		"API Error: Request timed out. Check your internet connection and proxy settings",
		"API Error: Unable to connect to API (ECONNREFUSED)",
	},
}

func TestBuiltinKnowsTheMessages(t *testing.T) {
	rules := Builtin()
	for class, texts := range messages {
		for _, text := range texts {
			if rule, ok := rules.Match(text); !ok || rule.Class != class {
				t.Errorf("%q: %q, want %q", text, rule.Class, class)
			}
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

func TestRuleNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, rule := range builtin() {
		if seen[rule.Name] {
			t.Errorf("%q twice", rule.Name)
		}
		seen[rule.Name] = true
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
			"expected one of rejected, no-login, environment, store, scope, organisation, outage",
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
