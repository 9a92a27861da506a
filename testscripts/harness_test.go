package testscripts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// runText runs one script that is not to fail, and returns the leaks that were found in what it left.
func runText(t *testing.T, script string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "script.txtar")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	var leaks []string
	log := &leakLog{T: t, found: func(leak string) { leaks = append(leaks, leak) }}
	testscript.RunT(log, testscript.Params{
		Files: []string{file}, Setup: log.wrap(newest.setup), Cmds: commands, Condition: newest.condition,
	})
	return leaks
}

// TestLeaksAreFound holds the search for tokens to its promise: in output, in files, in arguments, and nowhere else.
func TestLeaksAreFound(t *testing.T) {
	leaky := map[string]string{
		"stdout":       "exec sh -c 'echo sk-ant-oat01-FIX''''TURE-old-access'\n",
		"stderr":       "exec sh -c 'echo sk-ant-oat01-FIX''''TURE-old-access >&2'\n",
		"file":         "exec sh -c 'echo FIX''''TURE >$HOME/.cache-of-somebody'\n",
		"argument":     "exec sh -c 'claude --version FIX''''TURE >/dev/null'\n",
		"terminal":     "tty steps sh -c 'echo FIX''''TURE'\n-- steps --\n",
		"changed file": "exec sh -c 'echo more >>note'\n-- note --\nFIXTURE\n",
	}
	for name, script := range leaky {
		if leaks := runText(t, script); len(leaks) == 0 {
			t.Errorf("%s: no leak was found", name)
		}
	}
	harmless := "login-fixture fresh\nkeep $CREDENTIALS\nexec claude -p ping\nexec claude auth login\n" +
		"exec sh -c 'mkdir -p $XDG_STATE_HOME/claude-auth/backups && cp $CREDENTIALS " +
		"$XDG_STATE_HOME/claude-auth/backups/one'\n" +
		"-- settings.json --\n{\"env\":{\"ANTHROPIC_API_KEY\":\"FIXTURE-key\"}}\n"
	if leaks := runText(t, harmless); len(leaks) > 0 {
		t.Errorf("leaks were found where tokens may be: %s", strings.Join(leaks, "\n"))
	}
}

// TestEnvironmentIsMadeHere sees that nothing of the environment that the tests run in reaches a script: least of
// all a credential, or the variables of a client that the tests run inside of.
func TestEnvironmentIsMadeHere(t *testing.T) {
	names := []string{
		"ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "CLAUDECODE", "CLAUDE_CONFIG_DIR", "CLAUDE_CODE_OAUTH_TOKEN",
		"HTTPS_PROXY",
	}
	for _, name := range names {
		t.Setenv(name, "from-outside")
	}
	runText(t, "exec env\n! stdout from-outside\nstdout '^HOME='$WORK/home\n")
}
