package testscripts

import (
	"encoding/base64"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/test/harness"
)

// oddDocuments have tokens in places where nobody looks for them. Every token has the mark of a fixture in it; PIN is
// a secret that is a number.
var oddDocuments = map[string]string{
	"mcp": `{"mcpOAuth":{"srv|1":{"serverName":"s","accessToken":"FIXTURE-1","refreshToken":"FIXTURE-2",
		"clientSecret":"FIXTURE-3","codeVerifier":"FIXTURE-4","headers":{"Authorization":"Bearer FIXTURE-5"},
		"discoveryState":{"authorizationServerUrl":"https://u:FIXTURE-6longer@host/?access_token=FIXTURE-7&x=1"}}},
		"mcpOAuthClientConfig":{"srv|1":{"clientSecret":"FIXTURE-8"}},
		"pluginSecrets":{"p@m":{"apiKey":"FIXTURE-9","PASSWORD":"FIXTURE-10"}}}`,
	"unknown": `{"future":{"blob":"sk-ant-api03-FIXTUREaaaa",
		"list":["x","ghp_FIXTUREbbbbbbbbbbbb",{"deep":"eyJFIXTURE.eyJFIXTURE.sigsigsig"}],
		"opaque":"FIXTUREabcdef0123456789abcdef0123456789abcdef"},"note":"the token is sk-ant-oat01-FIXTUREcc, keep it"}`,
	"keys": `{"sk-ant-oat01-FIXTUREkey":1,"a":{"sk-ant-ort01-FIXTUREkey":{"b":true}},
		"FIXTUREabcdef0123456789abcdef0123456789abcdef":[]}`,
	"types": `{"claudeAiOauth":{"accessToken":["sk-ant-oat01-FIXTUREd"],"refreshToken":{"x":"FIXTURE-e"},
		"expiresAt":"sk-ant-oat01-FIXTUREf","scopes":"sk-ant-oat01-FIXTUREg","subscriptionType":"sk-ant-oat01-FIXTUREh",
		"clientSecret":8675309123,"organizationUuid":"sk-ant-oat01-FIXTUREi"}}`,
	"login is a token": `{"claudeAiOauth":"sk-ant-oat01-FIXTUREj"}`,
	"repeated": `{"claudeAiOauth":{"accessToken":"FIXTURE-plainlooking","refreshToken":"r","expiresAt":1},
		"copy":"FIXTURE-plainlooking","inside":"see FIXTURE-plainlooking there","FIXTURE-plainlooking":2}`,
	"escaped": `{"x":"\u0073k-ant-oat01-FIXTUREk","nested":"{\"accessToken\":\"FIXTURE-l\"}",
		"y":"sk-ant-oat01-FIXTUREm\u001b[31m"}`,
	"under a name": `{"tokens":{"a":["FIXTURE-n",{"b":"FIXTURE-o"}],"c":8675309123},
		"secret":"FIXTURE-p","cookie_jar":["FIXTURE-q"]}`,
	"torn":       `{"claudeAiOauth":{"accessToken":"sk-ant-oat01-FIXTUREr`,
	"torn after": `{"accessToken":"sk-ant-oat01-FIXTUREs" "sk-ant-oat01-FIXTUREs":1}`,
	"twice": `{"claudeAiOauth":{"sk-ant-oat01-FIXTUREt":1,"sk-ant-oat01-FIXTUREt":2,
		"accessToken":"sk-ant-oat01-FIXTUREu","accessToken":"sk-ant-oat01-FIXTUREv"}}`,
	"no object": `"sk-ant-oat01-FIXTUREw"`,
}

// looks are the command lines that show something.
var looks = [][]string{
	{"show"}, {"show", "--json"}, {"status"}, {"status", "--format", "json"}, {"status", "--format", "porcelain"},
	{"status", "--format", "prometheus"}, {"history"}, {"history", "--json", "--all"}, {"why"}, {"why", "--json"},
	{"backups"}, {"backups", "--json"}, {"wipe", "--dry-run"}, {"doctor"}, {"doctor", "--json"}, {"doctor", "--report"},
	{"recover"}, {"__complete", "bash", "get", ""}, {"get", "@this"}, {"get", "@values"}, {"get", "nothing.there"},
	{"get", "claudeAiOauth", "--json"}, {"get", "claudeAiOauth.accessToken", "--reveal"},
	{"unset", "claudeAiOauth.sk-ant-oat01-FIXTURE1"},
}

// typed are command lines with a token in them: errors repeat none.
var typed = [][]string{
	{"set", "x", "sk-ant-oat01-FIXTURE2"}, {"set", "claudeAiOauth.accessToken", "FIXTURE3"},
	{"set", "x", `{"accessToken":"FIXTURE4"}`},
	{"set", "sk-ant-oat01-FIXTURE5.*", "1"}, {"get", "sk-ant-oat01-FIXTURE6"}, {"unset", "sk-ant-oat01-FIXTURE7"},
	{"sk-ant-oat01-FIXTURE8"},
	{"help", "sk-ant-oat01-FIXTURE9"}, {"backups", "restore", "sk-ant-oat01-FIXTUREa"},
	{"--file", "/nowhere/sk-ant-oat01-FIXTUREb", "show"},
	{"status", "--format", "sk-ant-oat01-FIXTUREc"}, {"completion", "sk-ant-oat01-FIXTUREd"},
	{"--sk-ant-oat01-FIXTUREe", "status"},
}

// TestNothingIsShown: no token of any fixture in anything that a command prints, in any form in which it could be read.
func TestNothingIsShown(t *testing.T) {
	t.Parallel()
	documents := map[string]string{}
	for name, text := range oddDocuments {
		documents[name] = text
	}
	kinds := []string{"fresh", "renewable", "expiring", "stale", "norefresh", "blank", "nologin", "duplicate", "array"}
	for _, kind := range kinds {
		text, err := harness.Document(kind, nil, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		documents["fixture "+kind] = string(text)
	}
	for name, text := range documents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			file := filepath.Join(home, ".claude", ".credentials.json")
			ledger := filepath.Join(home, ".local", "state", "claude-auth", "ledger.jsonl")
			write(t, file, text)
			write(t, ledger, `{"time":"2026-09-01T12:00:00Z","kind":"rejected","access":"aa","refresh":"bb","file":"`+file+
				`","detail":{"phrase":"API Error: 401 sk-ant-oat01-FIXTUREledger","where":"print","rule":"401"}}`+"\n"+
				`{"time":"2026-09-01T12:01:00Z","kind":"login-failed","access":"aa","refresh":"bb","file":"`+file+
				`","detail":{"cause":"Bearer FIXTUREcauseabc"}}`+"\n")
			for _, args := range append(looks, getEverything(text)...) {
				lookFor(t, home, args)
			}
			if name == "mcp" {
				for _, args := range typed {
					lookFor(t, home, args)
				}
			}
			for _, line := range []string{
				"set claudeAiOauth 1 --force", "backups", "undo", "wipe", "backups --json", "undo",
				"wipe --all --dry-run", "wipe --all",
				"backups", "backups --json", "undo", "__complete bash backups restore 2", "backups prune --all --yes",
			} {
				lookFor(t, home, strings.Fields(line))
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// getEverything is a `get` of every place in the document.
func getEverything(text string) [][]string {
	document, err := credentials.Parse([]byte(text))
	if err != nil {
		return nil
	}
	var lines [][]string
	var descend func(prefix string)
	descend = func(prefix string) {
		for _, c := range document.Complete(prefix) {
			lines = append(lines, []string{"get", c.Path})
			if c.Kind == credentials.Object || c.Kind == credentials.Array {
				descend(c.Path + ".")
			}
		}
	}
	descend("")
	return lines
}

// lookFor runs a command line and searches what it prints.
func lookFor(t *testing.T, home string, args []string) {
	t.Helper()
	out, err := bareProgram(home, args...).CombinedOutput()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatal(err)
	}
	for _, secret := range []string{
		harness.Mark, "8675309123", hex.EncodeToString([]byte(harness.Mark)),
		// In base64 the mark looks in one of three ways, as it stands at a multiple of three bytes, or not.
		strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(harness.Mark))[:8], "="),
		base64.StdEncoding.EncodeToString([]byte("x" + harness.Mark))[2:9],
		base64.StdEncoding.EncodeToString([]byte("xx" + harness.Mark))[3:11],
	} {
		if at := strings.Index(string(out), secret); at >= 0 {
			shown := strings.ReplaceAll(string(out[max(0, at-80):min(len(out), at+40)]), harness.Mark, "[mark]")
			t.Errorf("claude-auth %s shows %.20q:\n%s", strings.ReplaceAll(strings.Join(args, " "), harness.Mark, "[mark]"),
				secret, shown)
		}
	}
}
