package shell_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/test/tools"
	"github.com/claude-auth/claude-auth/shell"
)

// flags start each shell without the startup files of the machine.
var flags = map[string][]string{
	"bash": {"--noprofile", "--norc", "-eu", "-o", "pipefail"},
	"zsh":  {"--no-rcs", "-eu"},
	"fish": {"--no-config", "--private"},
}

func run(t *testing.T, s shell.Shell, script string) string {
	t.Helper()
	tools.Need(t, s.Name())
	command := exec.Command(s.Name(), append(append([]string{}, flags[s.Name()]...), "-c", script)...)
	command.Env = []string{"HOME=" + t.TempDir(), "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s -c %q: %v: %s", s.Name(), script, err, out)
	}
	return string(out)
}

var words = []string{
	"", "a", "a b", "'", "''", "'''a'''", `"`, `\`, `\\`, `\'`, `'\''`, `a\`, "$HOME", "`id`", "$(id)", "!x", "~", "*", "?", "[a]", "{a,b}", "#a",
	"a;b", "a&b", "a|b", "<a>", "(a)", "a\nb", "a\tb", "-n", "--", "=ls", "%1", "é ü 漢", "\x01\x7f", "\xff\xfe", "a\r", "^a", "@EXE@", `\n`, `\x41`,
}

// Each shell gives back what was quoted for it.
func TestQuote(t *testing.T) {
	for _, s := range shell.All() {
		t.Run(s.Name(), func(t *testing.T) {
			script, want := "printf '%s\\0'", ""
			for _, word := range words {
				quoted, err := s.Quote(word)
				if err != nil {
					t.Fatal(err)
				}
				script += " " + quoted
				want += word + "\x00"
			}
			if got := run(t, s, script); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			if s.Name() == "zsh" {
				if got := run(t, s, "setopt rc_quotes\neval "+mustQuote(t, s, script)); got != want {
					t.Errorf("with rc_quotes got %q", got)
				}
			}
			var unquotable *shell.UnquotableError
			if _, err := s.Quote("a\x00b"); !errors.As(err, &unquotable) {
				t.Errorf("NUL: %v", err)
			}
		})
	}
}

func mustQuote(t *testing.T, s shell.Shell, word string) string {
	t.Helper()
	quoted, err := s.Quote(word)
	if err != nil {
		t.Fatal(err)
	}
	return quoted
}

func TestByName(t *testing.T) {
	for name, want := range map[string]string{"bash": "bash", "/usr/local/bin/fish": "fish", "-zsh": "zsh", "/bin/sh": "", "": "", "tcsh": ""} {
		s, err := shell.ByName(name)
		switch {
		case want == "" && !errors.Is(err, shell.ErrUnknownShell):
			t.Errorf("%q: %v, %v", name, s, err)
		case want != "" && (err != nil || s.Name() != want):
			t.Errorf("%q: %v, %v", name, s, err)
		}
	}
}

func TestCurrent(t *testing.T) {
	for _, test := range []struct{ parent, login, want string }{
		{"zsh", "/bin/bash", "zsh"}, {"fish", "/bin/bash", "fish"}, {"-zsh", "/bin/bash", "zsh"}, {"bash", "/bin/zsh", "zsh"}, {"bash", "/bin/sh", "bash"},
		{"make", "/usr/bin/fish", "fish"}, {"", "/bin/bash", "bash"}, {"make", "/bin/tcsh", ""}, {"", "", ""},
	} {
		s, err := shell.Current(paths.New([]string{"SHELL=" + test.login}), test.parent)
		if test.want == "" {
			if !errors.Is(err, shell.ErrUnknownShell) {
				t.Errorf("%+v: %v, %v", test, s, err)
			}
		} else if err != nil || s.Name() != test.want {
			t.Errorf("%+v: %v, %v", test, s, err)
		}
	}
	if shell.ParentName() == "" {
		t.Error("the process that runs this test has no name")
	}
}

func TestStartupFile(t *testing.T) {
	for _, test := range []struct {
		s    shell.Shell
		env  string
		want string
	}{
		{shell.Bash{}, "", "/h/.bashrc"},
		{shell.Zsh{}, "", "/h/.zshrc"},
		{shell.Zsh{}, "ZDOTDIR=/z", "/z/.zshrc"},
		{shell.Zsh{}, "ZDOTDIR=", "/h/.zshrc"},
		{shell.Fish{}, "", "/h/.config/fish/config.fish"},
		{shell.Fish{}, "XDG_CONFIG_HOME=/x", "/x/fish/config.fish"},
	} {
		if got, err := test.s.StartupFile(paths.New([]string{"HOME=/h", test.env})); err != nil || got != test.want {
			t.Errorf("%s with %q: %q, %v", test.s.Name(), test.env, got, err)
		}
		if _, err := test.s.StartupFile(paths.New(nil)); !errors.Is(err, paths.ErrNoHome) {
			t.Errorf("%s without HOME: %v", test.s.Name(), err)
		}
	}
}

func TestLoginFile(t *testing.T) {
	home := t.TempDir()
	env := paths.New([]string{"HOME=" + home})
	check := func(name string, reads bool) {
		t.Helper()
		if path, got, err := shell.LoginFile(env); err != nil || got != reads || path != filepath.Join(home, name) {
			t.Errorf("%q, %v, %v; want %s, %v", path, got, err, name, reads)
		}
	}
	check(".bash_profile", false)
	for _, file := range []struct {
		name, text string
		reads      bool
	}{{".profile", ". ~/.bashrc\n", true}, {".bash_profile", "PATH=x\n", false}} {
		if err := os.WriteFile(filepath.Join(home, file.name), []byte(file.text), 0o600); err != nil {
			t.Fatal(err)
		}
		check(file.name, file.reads)
	}
}

// The line is silent and leaves status 0, whether the program is there or gone; and its path may hold anything.
func TestLine(t *testing.T) {
	for _, s := range shell.All() {
		exe := filepath.Join(t.TempDir(), `it's "$HOME" \`, "claude-auth")
		line, err := s.Line(exe, "--cmd", "c l")
		if err != nil {
			t.Fatal(err)
		}
		if got := run(t, s, line+"\necho end\n"); got != "end\n" {
			t.Errorf("%s: %s printed %q without the program", s.Name(), line, got)
		}
		if err := os.MkdirAll(filepath.Dir(exe), 0o755); err != nil {
			t.Fatal(err)
		}
		script := "#!/bin/sh\nprintf 'echo got'; printf ' [%s]' \"$@\" | tr '[]' '()' | sed \"s/.*/'&'/\"\n"
		if err := os.WriteFile(exe, []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		if got, want := run(t, s, line), "got (init) ("+s.Name()+") (--cmd) (c l)\n"; got != want {
			t.Errorf("%s: %s printed %q, want %q", s.Name(), line, got, want)
		}
		if _, err := s.Line("/a\nb/claude-auth"); err == nil {
			t.Errorf("%s: a newline in the path passed", s.Name())
		}
		if plain, err := s.Line("/usr/bin/claude-auth"); err != nil || strings.ContainsAny(plain, "'") {
			t.Errorf("%s: %s, %v: quotes that nobody needs", s.Name(), plain, err)
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	for _, s := range shell.All() {
		for _, name := range []string{"a b", "1a", "-a", "a;b", "a$b", "é", "if", "command", "builtin", "claude-auth", "__claude_auth_x", "a/b"} {
			var bad *shell.NameError
			if _, err := s.Render(shell.Options{Exe: "/x", Cmd: name}); !errors.As(err, &bad) {
				t.Errorf("%s: %q: %v", s.Name(), name, err)
			}
		}
		for _, exe := range []string{"", "claude-auth", "./x", "/a\x00b"} {
			if _, err := s.Render(shell.Options{Exe: exe}); err == nil {
				t.Errorf("%s: the program %q passed", s.Name(), exe)
			}
			if _, err := s.Completion(exe); err == nil {
				t.Errorf("%s: completion: the program %q passed", s.Name(), exe)
			}
		}
	}
}

// Whatever the options, no mark of the template stays, and the shell and its checker take the text.
func TestRender(t *testing.T) {
	for _, s := range shell.All() {
		for _, o := range []shell.Options{{}, {NoCmd: true}, {NoPrompt: true}, {NoCmd: true, NoPrompt: true}, {Cmd: "cl"}} {
			o.Exe = `/it's/claude-auth`
			text, err := s.Render(o)
			if err != nil {
				t.Fatal(err)
			}
			for _, mark := range []string{"'@EXE@'", "__claude_auth_cmd__", "# begin", "# end"} {
				if body, _, _ := strings.Cut(text, "\n\n"); strings.Contains(strings.TrimPrefix(text, body), mark) {
					t.Errorf("%s %+v: %s is left", s.Name(), o, mark)
				}
			}
			check(t, s.Name(), text)
		}
		completion, err := s.Completion("/it's/claude-auth")
		if err != nil {
			t.Fatal(err)
		}
		check(t, s.Name(), completion)
	}
}

func check(t *testing.T, name, text string) {
	t.Helper()
	checkers := map[string][][]string{
		"bash": {{"bash", "-n"}, {"shellcheck", "-s", "bash", "-e", "SC2317,SC2329"}}, // what a person calls looks unused
		"zsh":  {{"zsh", "-n"}},
		"fish": {{"fish", "--no-config", "--no-execute"}},
	}
	file := filepath.Join(t.TempDir(), "hook")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, checker := range checkers[name] {
		tools.Need(t, checker[0])
		if out, err := exec.Command(checker[0], append(checker[1:], file)...).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", checker[0], err, out)
		}
	}
}
