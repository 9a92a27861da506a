package hooks_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/internal/test/tools"
	"github.com/claude-auth/claude-auth/shell"
)

// load loads the hook in the file at path in a script.
func load(s *shell.Shell, path string) string {
	return fmt.Sprintf(cmp.Or(s.Script, ". %s"), path) + "\n"
}

// loadAtStart loads the hook in the file at path in a startup file.
func loadAtStart(s *shell.Shell, path string) string {
	if s.Script == "" {
		return load(s, path)
	}
	return fmt.Sprintf(s.Eval, "cat "+path) + "\n"
}

func strict(s *shell.Shell) []string { return slices.Concat(s.Bare, s.Strict) }

// world is a home with a pretend claude-auth and a pretend client, each of which prints its name and arguments.
type world struct {
	t    *testing.T
	home string
	exe  string // the pretend claude-auth, at a path that tries the quoting
	env  []string
}

// pretend prints its name and each argument in brackets, and what of our variables it was given. Asked for the prompt
// it answers with the segment in $HOME/segment and writes the state file as internal/prompt does.
const pretend = `#!/bin/sh
if [ "$1" = __prompt ]; then
  echo asked >>"$HOME/asked"
  creds="${CLAUDE_CONFIG_DIR:-$HOME/.claude}/.credentials.json"
  while [ ! -e "$creds" ]; do creds=$(dirname "$creds"); done
  dir="${XDG_STATE_HOME:-$HOME/.local/state}/claude-auth"
  mkdir -p "$dir"
  hold=$(cat "$HOME/hold" 2>/dev/null) || hold=600
  segment=$(cat "$HOME/segment" 2>/dev/null)
  printf '%s\n%s\n%s\n%s\n' $(($(date +%s) + hold)) "$2" "$creds" "$segment" >"$dir/prompt.tmp"
  touch -r "$creds" "$dir/prompt.tmp"
  mv "$dir/prompt.tmp" "$dir/prompt"
  cat "$HOME/segment" 2>/dev/null
  exit 0
fi
printf '%s' "${0##*/}"
for word; do printf ' [%s]' "$word"; done
[ -z "${__claude_auth_client+set}" ] || printf ' LEAKED'
printf '\n'
exit "${PRETEND_STATUS:-0}"
`

func newWorld(t *testing.T) *world {
	t.Helper()
	home := t.TempDir()
	w := &world{t: t, home: home, exe: filepath.Join(home, `the "tool's" $HOME dir\`, "claude-auth")}
	w.write(w.exe, pretend, 0o755)
	w.write(w.path("bin/claude"), pretend, 0o755)
	w.write(w.path(".claude/local/claude"), pretend, 0o755)
	w.env = []string{
		"HOME=" + home, "PATH=" + w.path("bin") + ":/usr/bin:/bin", "TERM=xterm-256color", "LC_ALL=C.UTF-8",
		"GORACE=atexit_sleep_ms=0", // else every program of ours ends a second late under -race
	}
	return w
}

func (w *world) path(name string) string { return filepath.Join(w.home, name) }

func (w *world) write(path, text string, mode os.FileMode) {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		w.t.Fatal(err)
	}
}

// hook renders the hook of s into a file and returns its path.
func (w *world) hook(s *shell.Shell, o hooks.Options) string {
	w.t.Helper()
	if o.Exe == "" {
		o.Exe = w.exe
	}
	text, err := hooks.Render(s, o)
	if err != nil {
		w.t.Fatal(err)
	}
	path := w.path("hook." + s.Name)
	w.write(path, text, 0o644)
	return path
}

type result struct {
	stdout, stderr string
	code           int
}

// run runs script in s with flags, and fails the test only when the shell cannot be started.
func (w *world) run(s *shell.Shell, flags []string, script string) result {
	w.t.Helper()
	file := w.path("script." + s.Name)
	w.write(file, script, 0o644)
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute) // a broken hook may never end
	defer cancel()
	command := exec.CommandContext(ctx, s.Name, append(append([]string{}, flags...), file)...)
	command.Env, command.Dir = w.env, w.home
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	return result{stdout.String(), stderr.String(), command.ProcessState.ExitCode()}
}

// want runs script in the strictest mode of s; it must print want, nothing on stderr, and exit with code.
func (w *world) want(s *shell.Shell, script, want string, code int) {
	w.t.Helper()
	got := w.run(s, strict(s), script)
	if got != (result{want, "", code}) {
		w.t.Errorf("%s:\n%s\nprinted %q, on stderr %q, status %d; want %q, status %d",
			s.Name, script, got.stdout, got.stderr, got.code, want, code)
	}
}

// each runs a test in every shell.
func each(t *testing.T, test func(t *testing.T, s *shell.Shell, w *world)) {
	for _, s := range shell.All() {
		t.Run(s.Name, func(t *testing.T) {
			shells.Of(t, s)
			tools.Need(t, s.Name)
			test(t, s, newWorld(t))
		})
	}
}

// asked returns how often the pretend program was asked for the prompt.
func (w *world) asked() int {
	data, err := os.ReadFile(w.path("asked"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		w.t.Fatal(err)
	}
	return strings.Count(string(data), "\n")
}
