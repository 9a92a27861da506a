package hooks_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/internal/test/tools"
	"github.com/claude-auth/claude-auth/shell"
)

// The line is silent and leaves status 0, whether the program is there or gone; and its path may hold anything.
func TestLine(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		exe := filepath.Join(t.TempDir(), `it's "$HOME" \`, "claude-auth")
		line, err := hooks.Line(s, exe, "--cmd", "c l")
		if err != nil {
			t.Fatal(err)
		}
		w.want(s, line+"\n/bin/echo end\n", "end\n", 0) // without the program
		if err := os.MkdirAll(filepath.Dir(exe), 0o755); err != nil {
			t.Fatal(err)
		}
		script := "#!/bin/sh\nprintf \"/bin/echo 'got\"; printf ' [%s]' \"$@\" | tr '[]' '()'; echo \"'\"\n"
		if err := os.WriteFile(exe, []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		if want := "got (init) (" + s.Name + ") (--cmd) (c l)"; shells.Of(t, s).Later {
			has(t, w.start(s, line+"\n").say("true"), want)
		} else {
			w.want(s, line, want+"\n", 0)
		}
		if _, err := hooks.Line(s, "/a\nb/claude-auth"); err == nil {
			t.Error("a newline in the path passed")
		}
		plain, err := hooks.Line(s, "/usr/bin/claude-auth")
		if err != nil || strings.ContainsAny(plain, "'") && s.Verbatim[0] == "" {
			t.Errorf("%s, %v: unneeded quotes", plain, err)
		}
	})
}

func TestRenderRefuses(t *testing.T) {
	for _, s := range shell.All() {
		for _, name := range []string{
			"a b", "1a", "-a", "a;b", "a$b", "é", "if", "command", "builtin", "claude-auth", "__claude_auth_x", "a/b",
			"coproc", "emulate", "string",
		} {
			if _, err := hooks.Render(s, hooks.Options{Exe: "/x", Cmd: name}); !errors.Is(err, hooks.ErrName) {
				t.Errorf("%s: %q: %v", s.Name, name, err)
			}
		}
		for _, exe := range []string{"", "claude-auth", "./x", "/a\x00b"} {
			if _, err := hooks.Render(s, hooks.Options{Exe: exe}); err == nil {
				t.Errorf("%s: the program %q passed", s.Name, exe)
			}
			if _, err := hooks.Completion(s, exe); err == nil {
				t.Errorf("%s: completion: the program %q passed", s.Name, exe)
			}
		}
	}
}

// Whatever the options, no mark of the template stays, and the shell takes the text.
func TestRender(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, _ *world) {
		for _, o := range variants {
			text, err := hooks.Render(s, o)
			if err != nil {
				t.Fatal(err)
			}
			_, body, _ := strings.Cut(text, "\n\n")
			for _, mark := range []string{
				"'@EXE@'", "'@DIR@'", "__claude_auth_cmd__", "@OVERRIDES@", "_DIR__", "# begin", "# end",
			} {
				if strings.Contains(body, mark) {
					t.Errorf("%+v: %s is left", o, mark)
				}
			}
			for _, name := range append(claude.OverrideVariables(), claude.EnvConfigDir, claude.EnvStorageDir) {
				if strings.Contains(text, name) == o.NoPrompt {
					t.Errorf("%+v: wrong about %s", o, name)
				}
			}
			checkSyntax(t, s, text)
		}
		if _, err := os.Stat("completion." + s.Name); (err == nil) != (s.Completion != "") {
			t.Errorf("hooks/completion.%[1]s has to exist exactly when shell/%[1]s.go has a Completion: %[2]v", s.Name, err)
		}
		completion, err := hooks.Completion(s, "/it's/claude-auth")
		if s.Completion == "" && errors.Is(err, hooks.ErrNoCompletion) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		checkSyntax(t, s, completion)
	})
}

// The checkers of a shell's Driver find nothing. They are the same for each version of the shell.
func TestCheckers(t *testing.T) {
	for _, s := range shell.All() {
		for _, checker := range shells.Of(t, s).Checkers {
			tools.Need(t, checker[0])
			for _, o := range variants {
				text, err := hooks.Render(s, o)
				if err != nil {
					t.Fatal(err)
				}
				check(t, checker, text)
			}
			if s.Completion == "" {
				continue
			}
			completion, err := hooks.Completion(s, "/it's/claude-auth")
			if err != nil {
				t.Fatal(err)
			}
			check(t, checker, completion)
		}
	}
}

// variants are the hooks that can be asked for.
var variants = []hooks.Options{
	{Exe: odd}, {Exe: odd, NoCmd: true}, {Exe: odd, NoPrompt: true}, {Exe: odd, NoCmd: true, NoPrompt: true},
	{Exe: odd, Cmd: "cl"}, {Exe: odd, AddPath: true},
}

const odd = `/it's/claude-auth`

// A copy of bash stands for a shell that takes no dash.
func TestNoDash(t *testing.T) {
	s := *shell.ByName("bash")
	s.NoDash = true
	if _, err := hooks.Render(&s, hooks.Options{Exe: "/x", Cmd: "cl_2"}); err != nil {
		t.Error(err)
	}
	if _, err := hooks.Render(&s, hooks.Options{Exe: "/x", Cmd: "cl-2"}); !errors.Is(err, hooks.ErrName) {
		t.Errorf("a dash: %v", err)
	}
}

func TestNoCompletion(t *testing.T) {
	_, err := hooks.Completion(&shell.Shell{Name: "plain"}, "/x")
	if !errors.Is(err, hooks.ErrNoCompletion) || err.Error() != "plain has no programmable completion" {
		t.Errorf("%v", err)
	}
}

// A section that is misspelt, or has no end, would be left out in silence.
func TestSections(t *testing.T) {
	for _, s := range shell.All() {
		script, err := os.ReadFile("claude-auth." + s.Name)
		if err != nil {
			t.Fatal(err)
		}
		var open []string
		for _, mark := range regexp.MustCompile(`(?m)^ *# (begin|end) (.*)$`).FindAllStringSubmatch(string(script), -1) {
			name := mark[2]
			switch {
			case !slices.Contains([]string{"cmd", "no-cmd", "prompt", "add-path"}, name):
				t.Errorf("%s: unknown section %q", s.Name, name)
			case mark[1] == "begin":
				open = append(open, name)
			case len(open) == 0 || open[len(open)-1] != name:
				t.Fatalf("%s: section %q ends where it is not open", s.Name, name)
			default:
				open = open[:len(open)-1]
			}
		}
		if len(open) > 0 {
			t.Errorf("%s: without an end: %q", s.Name, open)
		}
	}
}

// checkSyntax lets the shell read text without running it. Some can't: `zsh -n` 5.0.0, built with today's compiler,
// ends with a segmentation fault for every file.
func checkSyntax(t *testing.T, s *shell.Shell, text string) {
	t.Helper()
	checker := slices.Concat([]string{s.Name}, s.Bare, s.Check)
	trivial := filepath.Join(t.TempDir(), "trivial")
	if err := os.WriteFile(trivial, []byte("echo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var crashed *exec.ExitError
	err := exec.Command(checker[0], append(slices.Clone(checker[1:]), trivial)...).Run()
	if errors.As(err, &crashed) && !crashed.Exited() {
		t.Logf("%s cannot check a file: %v", s.Name, err)
		return
	}
	check(t, checker, text)
}

// check runs checker on text, and demands that it finds nothing.
func check(t *testing.T, checker []string, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hook")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(checker[0], append(slices.Clone(checker[1:]), file)...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%s: %v\n%s", checker[0], err, out)
	}
}
