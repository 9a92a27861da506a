package testscripts

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/claude-auth/claude-auth/internal/test/harness"
)

// consoleKey is `console-key good|bad`: the client's global config has the key of a Console sign-in, which the service
// takes or not. Beside it is a member in a form that no JSON library writes back unchanged.
func consoleKey(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 1 && (args[0] == "good" || args[0] == "bad") && !neg, "console-key good|bad")
	s := worldOf(ts).service
	ts.Check(s.AcceptKey(harness.OldKey))
	if args[0] == "bad" {
		ts.Check(s.Refuse(harness.OldKey))
	}
	path := globalConfig(ts)
	text := ts.ReadFile(path)
	if strings.Contains(text, harness.OldKey) {
		return
	}
	head := fmt.Sprintf(`{"futureKey":[1,2.50,1e3], "primaryApiKey":%q,`, harness.OldKey)
	ts.Check(os.WriteFile(path, []byte(strings.Replace(text, "{", head, 1)), 0o600))
}

// savedKey is `saved-key good|old|none`: what the global config has: a new key that the service takes, the one of
// console-key, or none.
func savedKey(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 1, "saved-key good|old|none")
	var config struct {
		PrimaryAPIKey string `json:"primaryApiKey"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(globalConfig(ts))), &config))
	got := "none"
	switch config.PrimaryAPIKey {
	case "":
	case harness.OldKey:
		got = "old"
	default:
		good, err := worldOf(ts).service.GoodKey(config.PrimaryAPIKey)
		ts.Check(err)
		if got = "bad"; good {
			got = "good"
		}
	}
	verdict(ts, neg, got == args[0], "the saved key is: %s", got)
}

func globalConfig(ts *testscript.TestScript) string {
	return filepath.Join(ts.Getenv("HOME"), ".claude.json")
}
