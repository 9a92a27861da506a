package testscripts

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestQuoted holds that words prove nothing: recordings of sessions that quote the failures, and a model that prints
// this repository's own test data, come to no verdict but "nothing wrong", nobody is asked, and nothing is touched.
func TestQuoted(t *testing.T) {
	t.Parallel()
	recordings := glob(t, "../internal/detect/testdata/captures/*quoted*.raw")
	for _, file := range recordings {
		t.Run(filepath.Base(file), func(t *testing.T) { quoted(t, replayScript(file)) })
	}
	texts := append(recordings, glob(t,
		"../internal/detect/testdata/captures/*.raw", "../internal/detect/testdata/client/*",
		"../internal/transcript/testdata/*", "../docs/client-notes.md", "situations_table_test.go", "both/*.txtar")...)
	t.Run("answers", func(t *testing.T) { quoted(t, answersScript(texts)) })
	t.Run("session", func(t *testing.T) { quoted(t, sessionScript(texts)) })
}

func glob(t *testing.T, patterns ...string) []string {
	t.Helper()
	var files []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		for _, file := range found {
			abs, err := filepath.Abs(file)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, abs)
		}
	}
	return files
}

func quoted(t *testing.T, script string) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "quoted.txtar")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	log := &leakLog{T: t}
	testscript.RunT(log, testscript.Params{Files: []string{file}, Setup: log.wrap(newest.setup), Cmds: commands,
		Condition: newest.condition})
}

// nothingWrong is the end of each script.
const nothingWrong = `status 0 claude-auth recover --yes
stdout '(nothing wrong was found|your login works)'
unchanged $CREDENTIALS
requests authorize 0
`

// replayScript lets a client that prints the recording run on a terminal and as -p, with either status.
func replayScript(recording string) string {
	return fmt.Sprintf(`env CLAUDE_AUTH_MODE=auto
login-fixture fresh
keep $CREDENTIALS
exec chmod +x client
env RECORDING=%s
status 1 claude-auth run --client $WORK/home/app/client -- -p why
cmp stdout $RECORDING
! stderr .
tty -status 1 steps claude-auth run --client $WORK/home/app/client
! stdout 'Y/n'
! stdout 'claude-auth:'
%s-- client --
#!/bin/sh
cat "$RECORDING"
exit 1
-- steps --
never [Y/n
`, recording, nothingWrong)
}

// answersScript has the model answer -p with each file, in text and in JSON.
func answersScript(files []string) string {
	var b strings.Builder
	b.WriteString("env CLAUDE_AUTH_MODE=auto\nlogin-fixture fresh\nkeep $CREDENTIALS\n")
	for _, file := range files {
		fmt.Fprintf(&b, "service answer-file=%s\n", file)
		b.WriteString("exec claude -p show\ncp stdout alone\n")
		b.WriteString("status 0 claude-auth run -- -p show\ncmp stdout alone\n! stderr .\n")
		b.WriteString("status 0 claude-auth run -- -p --output-format json show\n! stderr .\n")
	}
	return b.String() + nothingWrong
}

// sessionScript has the model show all files in a session, mode auto: nothing signs in. (The data itself has questions
// in it; one of this program would keep /exit from being heard.)
func sessionScript(files []string) string {
	return "env CLAUDE_AUTH_MODE=auto\nlogin-fixture fresh\nkeep $CREDENTIALS\n" +
		"exec sh -c 'for f in " + strings.Join(files, " ") +
		"; do tr -d \"\\033\" <$f; echo; done >all; echo END-OF-FILE >>all'\n" +
		"service answer-file=all\ntty steps claude-auth run\n" + nothingWrong + "-- steps --\n" +
		"expect ❯\nline show\nexpect END-OF-FILE\nline /exit\nexpect claude --resume\n"
}
