package hooks_test

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/internal/test/tools"
	"github.com/claude-auth/claude-auth/shell"
)

// Sourced as a file and evaluated as `claude-auth init` is, twice each: not a byte, and the words of the call arrive as
// typed.
func TestFunctionCallsTheProgram(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		hook := w.hook(s, hooks.Options{})
		loads := []string{load(s, hook)}
		if s.Script == "" {
			loads = append(loads, fmt.Sprintf(s.Eval, "cat "+hook)+"\n")
		}
		home, err := s.Quote("$HOME")
		if err != nil {
			t.Fatal(err)
		}
		for _, load := range loads {
			w.want(s, load+load+`claude -p 'a  b' '' '*' `+home+"\n",
				"claude-auth [run] [--] [-p] [a  b] [] [*] [$HOME]\n", 0)
			w.want(s, load+load, "", 0)
		}
	})
}

// The words come as they would come to the client itself.
func TestFunctionGetsExpandedWords(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		w.write(w.path("one.txt"), "", 0o644)
		w.write(w.path("two.txt"), "", 0o644)
		w.want(s, load(s, w.hook(s, hooks.Options{}))+"claude ~/x *.txt\n",
			"claude-auth [run] [--] ["+w.home+"/x] [one.txt] [two.txt]\n", 0)
	})
}

func TestFunctionKeepsTheStatus(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		load := load(s, w.hook(s, hooks.Options{}))
		w.env = append(w.env, "PRETEND_STATUS=42")
		w.want(s, load+exits(t, s, "claude x"), "claude-auth [run] [--] [x]\n", 42)
		if shells.Of(t, s).Status == "$?" {
			w.want(s, load+"claude x || echo failed with $?\n(claude y) || echo sub $?\nx=$(claude z) || echo $? $x\n",
				"claude-auth [run] [--] [x]\nfailed with 42\n"+
					"claude-auth [run] [--] [y]\nsub 42\n42 claude-auth [run] [--] [z]\n", 0)
		}
	})
}

// exits is a script that runs command and ends with its status.
func exits(t *testing.T, s *shell.Shell, command string) string {
	t.Helper()
	// Where there is no $status, as in bash, `set -e` ends it with the status too.
	return fmt.Sprintf(cmp.Or(shells.Of(t, s).Exit, "%s\nexit $status\n"), command)
}

// Under errexit the shell itself runs the program, without a subshell: but for bash before 4, see the hook.
func TestErrexitNeedsNoSubshell(t *testing.T) {
	tools.Need(t, "bash")
	w, s := newWorld(t), shell.ByName("bash")
	got := w.run(s, s.Bare, ". "+w.hook(s, hooks.Options{})+"\nif ((BASH_VERSINFO[0] < 4)); then exit 9; fi\n"+
		"set -eT\ntrap '((BASH_SUBSHELL == 0)) || echo subshell' DEBUG\nclaude x\n")
	if got.code == 9 {
		t.Skip("this bash needs one")
	}
	if want := (result{"claude-auth [run] [--] [x]\n", "", 0}); got != want {
		t.Errorf("got %+v", got)
	}
}

func TestNameOfTheFunction(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		for _, name := range []string{"cl_2", "cl-2"} {
			if s.NoDash && name == "cl-2" {
				if _, err := hooks.Render(s, hooks.Options{Exe: w.exe, Cmd: name}); !errors.Is(err, hooks.ErrName) {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			if s.Script != "" { // there a script has the function under one name
				term := w.start(s, loadAtStart(s, w.hook(s, hooks.Options{Cmd: name})))
				text := term.say(name + " a; claude b")
				has(t, text, "claude-auth [run] [--] [a]")
				has(t, text, "claude [b]")
				continue
			}
			load := load(s, w.hook(s, hooks.Options{Cmd: name}))
			w.want(s, load+name+" a\nclaude b\n", "claude-auth [run] [--] [a]\nclaude [b]\n", 0)
		}
		load := load(s, w.hook(s, hooks.Options{NoCmd: true}))
		w.want(s, load+"claude b\n", "claude [b]\n", 0)
	})
}

func TestProgramIsGone(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		load := load(s, w.hook(s, hooks.Options{}))
		if err := os.Remove(w.exe); err != nil {
			t.Fatal(err)
		}
		w.want(s, load+"claude -- a 'b c'\n", "claude [--] [a] [b c]\n", 0)
		w.write(w.path("elsewhere/claude-auth"), pretend, 0o755)
		w.env[1] = "PATH=" + w.path("elsewhere") + ":" + w.path("bin") + ":/usr/bin:/bin"
		w.want(s, load+"claude a\n", "claude-auth [run] [--] [a]\n", 0)
		// A directory may be "executable" too.
		if err := os.Mkdir(w.exe, 0o755); err != nil {
			t.Fatal(err)
		}
		w.want(s, load+"claude a\n", "claude-auth [run] [--] [a]\n", 0)
		w.env[1] = "PATH=" + w.path("bin") + ":/usr/bin:/bin"
		w.env = append(w.env, "CLAUDE_AUTH_CLIENT="+w.path(".claude/local/claude"), "PRETEND_STATUS=3")
		w.want(s, load+exits(t, s, "claude a"), "claude [a]\n", 3)
	})
}

// A shell keeps where it has found a program, and here it is gone from there.
func TestProgramGoesMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		load := loadAtStart(s, w.hook(s, hooks.Options{}))
		if err := os.Remove(w.exe); err != nil {
			t.Fatal(err)
		}
		program := w.path("elsewhere/claude-auth")
		w.write(program, pretend, 0o755)
		w.env[1] = "PATH=" + w.path("elsewhere") + ":" + w.path("bin") + ":/usr/bin:/bin"
		term := w.start(s, load)
		has(t, term.say("claude-auth a"), "claude-auth [a]")
		if err := os.Remove(program); err != nil {
			t.Fatal(err)
		}
		term.say("true") // xonsh looks before each prompt
		has(t, term.say("claude b"), "claude [b]")
	})
}

// The client's shell tool carries functions into a shell of its own, and no variables (read in 2.1.165 and 2.1.330;
// names with one leading underscore are left behind). Nothing else of the hook may be needed there.
func TestFunctionNeedsNothingButItself(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		if !shells.Of(t, s).ShellTool {
			t.Skip("the client's shell tool does not run this shell")
		}
		got := w.run(s, strict(s), ". "+w.hook(s, hooks.Options{})+"\ntypeset -f claude\n")
		if !strings.Contains(got.stdout, "claude") {
			t.Fatalf("no function: %+v", got)
		}
		w.env = append(w.env, "CLAUDECODE=1")
		w.want(s, got.stdout+"\nclaude a 'b c'\nclaude -v\n", "claude-auth [run] [--] [a] [b c]\nclaude [-v]\n", 0)
		if err := os.Remove(w.exe); err != nil {
			t.Fatal(err)
		}
		w.want(s, got.stdout+"\nclaude a 'b c'\n", "claude [a] [b c]\n", 0)
	})
}

// What a shell says about itself must be the same before and after, but for the function, our names, and the Driver's
// Leaves.
func TestNothingLeaks(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, _ *world) {
		d := shells.Of(t, s)
		if d.State == "" {
			t.Skip("the shell can't list what it knows")
		}
		for _, interactive := range []bool{false, true} {
			w := newWorld(t)
			flags := slices.Clone(s.Bare)
			if interactive {
				flags = append(flags, "-i") // behind Bare: bash wants its long options first
			}
			hook := w.hook(s, hooks.Options{})
			look := fmt.Sprintf(d.Group, d.State)
			script := fmt.Sprintf("%[1]s >before\n. %[2]s\n. %[2]s\n%[1]s >after\n", look, hook)
			if got := w.run(s, flags, script); got.stdout != "" {
				t.Fatalf("printed %+v", got)
			}
			for _, line := range differences(t, w.path("before"), w.path("after")) {
				named := strings.Contains(line, "__claude_auth_") || strings.Contains(line, "CLAUDE_AUTH_")
				line = strings.TrimSpace(line)
				needed := line == "claude" || interactive && slices.Contains(d.Leaves, line)
				if !named && !needed {
					t.Errorf("flags %q: the hook leaves %q behind", flags, line)
				}
			}
		}
	})
}

func differences(t *testing.T, before, after string) []string {
	t.Helper()
	old, err := os.ReadFile(before)
	if err != nil {
		t.Fatal(err)
	}
	now, err := os.ReadFile(after)
	if err != nil {
		t.Fatal(err)
	}
	if len(old) < 200 {
		t.Fatalf("the state before is only %q", old)
	}
	count := map[string]int{}
	for line := range strings.Lines(string(old)) {
		count[line]++
	}
	var added []string
	for line := range strings.Lines(string(now)) {
		if count[line]--; count[line] < 0 {
			added = append(added, line)
		}
	}
	for line, n := range count {
		if n > 0 && strings.TrimSpace(line) != "" {
			added = append(added, "no longer: "+line)
		}
	}
	return added
}

// zsh parses and runs with the person's options; none of these may matter.
func TestOptionsOfZsh(t *testing.T) {
	tools.Need(t, "zsh")
	s := shell.ByName("zsh")
	for _, options := range []string{
		"ksh_arrays", "sh_word_split", "no_unset", "err_exit", "err_return", "glob_subst", "no_nomatch", "rc_quotes",
		"sh_glob", "ksh_glob", "ignore_braces", "posix_builtins", "posix_identifiers", "warn_create_global",
		"warn_nested_var", "extended_glob", "no_equals", "null_glob", "csh_junkie_quotes", "no_function_argzero",
		"ksh_arrays sh_word_split no_unset err_exit glob_subst", "pipefail err_exit", "no_short_loops",
		"all_export", "auto_name_dirs", "bsd_echo", "magic_equal_subst", "no_clobber", "path_dirs", "rm_star_silent",
		"octal_zeroes", "no_bare_glob_qual",
	} {
		t.Run(options, func(t *testing.T) {
			w := newWorld(t)
			hook := w.hook(s, hooks.Options{})
			var set string
			for _, option := range strings.Fields(options) {
				set += "setopt " + option + "\n"
			}
			if strings.Contains(w.run(s, s.Bare, set).stderr, "no such option") {
				t.Skip("this zsh is older than the option")
			}
			got := w.run(s, []string{"--no-rcs", "-i"}, set+". "+hook+"\neval \"$(cat "+hook+")\"\n"+
				"claude a '' 'b  c'\nclaude --version\n__claude_auth_prompt\n__claude_auth_prompt\n")
			if want := (result{"claude-auth [run] [--] [a] [] [b  c]\nclaude [--version]\n", "", 0}); got != want {
				t.Errorf("got %+v", got)
			}
			if w.asked() != 1 {
				t.Errorf("asked %d times", w.asked())
			}
		})
	}
}
