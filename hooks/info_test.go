package hooks_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/internal/test/tools"
	"github.com/claude-auth/claude-auth/shell"
)

// mayNotRun puts a program in the place of claude-auth that may only be asked for the prompt.
func (w *world) mayNotRun() {
	w.t.Helper()
	w.write(w.exe, "#!/bin/sh\n[ \"$1\" = __prompt ] && exit\necho \"$*\" >>\"$HOME/called\"\nexit 97\n", 0o755)
	w.t.Cleanup(func() {
		if called, err := os.ReadFile(w.path("called")); !errors.Is(err, os.ErrNotExist) {
			w.t.Errorf("the program was called: %q, %v", called, err)
		}
	})
}

// What only prints goes to the client without a process of ours, whatever the mode, and the status is the client's.
func TestInfoFlags(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		if shells.Of(t, s).Through {
			t.Skip("the program runs the client")
		}
		w.mayNotRun()
		load := load(s, w.hook(s, hooks.Options{}))
		for _, flag := range claude.InfoFlags {
			w.want(s, load+"claude "+flag+"\n", "claude ["+flag+"]\n", 0)
		}
		w.env = append(w.env, "CLAUDE_AUTH_MODE=off", "PRETEND_STATUS=42")
		w.want(s, load+exits(t, s, "claude --version"), "claude [--version]\n", 42)
		if !shells.Of(t, s).Foreign {
			w.want(s, load+"claude -h || echo failed\n", "claude [-h]\nfailed\n", 0)
		}
	})
}

// Every other command line goes through the program: with more arguments these flags may be part of something that
// renews the login.
func TestInfoFlagsAmongOthers(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		script, want := load(s, w.hook(s, hooks.Options{})), ""
		for _, words := range [][]string{
			{}, {""}, {"--version", ""}, {"--version", "--bg", "hi"}, {"-h", "-h"}, {"-p", "--version"}, {"mcp", "--help"},
			{"--"}, {"--", "-v"}, {"--bg"}, {"--version "}, {"-v -h"}, {"--version | -v"}, {"-V"}, {"-vh"}, {"--hel"},
			{"--help=x"}, {"*"}, {"?h"}, {"1--version"},
		} {
			script, want = script+"claude", want+"claude-auth [run] [--]"
			for _, word := range words {
				quoted, err := s.Quote(word)
				if err != nil {
					t.Fatal(err)
				}
				script, want = script+" "+quoted, want+" ["+word+"]"
			}
			script, want = script+"\n", want+"\n"
		}
		w.want(s, script, want, 0)
	})
}

// The client that an alias or $CLAUDE_AUTH_CLIENT names is the one that answers.
func TestInfoFlagsReachTheNamedClient(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		if shells.Of(t, s).Through {
			t.Skip("the program runs the client")
		}
		w.mayNotRun()
		hook := w.hook(s, hooks.Options{})
		w.write(w.path("the client/claude-2"), pretend, 0o755)
		w.write(w.path(".claude/local/claude-3"), pretend, 0o755)
		w.env = append(w.env, "CLAUDE_AUTH_CLIENT="+w.path("the client/claude-2"))
		w.want(s, load(s, hook)+"claude --version\n", "claude-2 [--version]\n", 0)
		alias := shells.Of(t, s).Alias
		if alias == "" {
			return
		}
		alias = fmt.Sprintf(alias, "~/.claude/local/claude-3")
		for name, startup := range map[string]string{
			"before": alias + loadAtStart(s, hook), "after": loadAtStart(s, hook) + alias,
		} {
			term := w.start(s, startup)
			term.say("true") // the first prompt has seen the alias
			text := term.say("claude --version")
			if !strings.Contains(text, "claude-3 [--version]") || strings.Contains(text, "LEAKED") {
				t.Errorf("alias %s the hook: %s", name, text)
			}
		}
	})
}

// The program decides where the shell would choose another client.
func TestInfoFlagsWithRelativePaths(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		load := load(s, w.hook(s, hooks.Options{}))
		w.write(w.path("claude"), "#!/bin/sh\necho planted\n", 0o755)
		bin, env := w.path("bin")+":/usr/bin:/bin", w.env
		for _, test := range []struct{ path, client string }{
			{".:" + bin, ""}, {":" + bin, ""}, {bin + ":", ""}, {w.path("bin") + "::/usr/bin:/bin", ""},
			{bin + ":node_modules/.bin", ""}, {bin, "claude"}, {bin, "./claude"}, {bin, "bin/claude"},
			{bin + ":.", w.path("bin/claude")},
		} {
			w.env = slices.Clone(env)
			w.env[1] = "PATH=" + test.path
			w.env = append(w.env, "CLAUDE_AUTH_CLIENT="+test.client)
			w.want(s, load+"claude --version\n", "claude-auth [run] [--] [--version]\n", 0)
		}
	})
}

// Without a client it is the shell that says so, as it would without the hook.
func TestInfoFlagsWithoutAClient(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		if shells.Of(t, s).Through {
			t.Skip("the program runs the client")
		}
		w.mayNotRun()
		load := load(s, w.hook(s, hooks.Options{}))
		env := w.env
		gone := w.path("gone/claude")
		for missing, client := range map[string]string{"PATH=/usr/bin:/bin": "claude", "CLAUDE_AUTH_CLIENT=" + gone: gone} {
			w.env = append(slices.Clone(env), missing)
			// Before 4.3 bash ends with 1 under errexit, not with 127. In 3.2 the hook's shell is not under errexit.
			alone := w.run(s, strict(s), client+" --version\n")
			got := w.run(s, strict(s), load+"claude --version\n")
			if got.code != alone.code && got.code != 127 || got.code == 0 ||
				got.stdout != "" || !strings.Contains(got.stderr, "claude") {
				t.Errorf("%s: %+v; without the hook: %+v", missing, got, alone)
			}
		}
	})
}

// The function hides no variable of the user's from what it starts.
func TestFunctionHidesNoVariable(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		names := []string{"run", "client", "args", "words", "named", "exe", "text", "word", "what", "line"}
		var export, print string
		for _, name := range names {
			export += fmt.Sprintf(shells.Of(t, s).Export, name, name) + "\n"
			print += " $" + name
		}
		show := "#!/bin/sh\necho" + print + "\n"
		w.write(w.path("bin/claude"), show, 0o755)
		w.write(w.exe, show, 0o755)
		want := strings.Join(names, " ") + "\n"
		w.want(s, export+load(s, w.hook(s, hooks.Options{}))+"claude -h\nclaude hi\n", want+want, 0)
	})
}

// People have global aliases for these flags: alias -g -- -h='-h 2>&1 | bat --language=help'.
func TestGlobalAliasesOfZsh(t *testing.T) {
	tools.Need(t, "zsh")
	w := newWorld(t)
	w.mayNotRun()
	var set, call, want string
	for _, flag := range claude.InfoFlags {
		set += "alias -g -- " + flag + "='" + flag + " 2>&1 | tr a-z A-Z'\n"
		call += "claude " + flag + "\n"
		want += strings.ToUpper("claude ["+flag+"]") + "\n"
	}
	got := w.run(shell.ByName("zsh"), []string{"--no-rcs", "-i"}, set+". "+w.hook(shell.ByName("zsh"), hooks.Options{})+
		"\n"+call)
	if got != (result{want, "", 0}) {
		t.Errorf("got %+v, want %q", got, want)
	}
}
