package hooks_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/shell"
)

// aliases are what people have: what the alias says, and what `claude a` must then call.
var aliases = []struct{ text, want string }{
	{`claude --flag "x  y"`, `claude-auth [run] [--] [--flag] [x  y] [a]`},
	{`~/.claude/local/claude`, `claude-auth [run] [--client] [HOME/.claude/local/claude] [--] [a]`},
	{
		`HOME/.claude/local/claude --flag "x  y"`,
		`claude-auth [run] [--client] [HOME/.claude/local/claude] [--] [--flag] [x  y] [a]`,
	},
	{`"HOME/.claude/local/claude" -c`, `claude-auth [run] [--client] [HOME/.claude/local/claude] [--] [-c] [a]`},
}

// An alias stays effective and comes to the program, whether it was made before the hook was loaded or after.
func TestAliasOfTheClient(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		if shells.Of(t, s).Alias == "" {
			t.Skip("the hook can't keep an alias under watch")
		}
		hook := loadAtStart(s, w.hook(s, hooks.Options{}))
		for i, a := range aliases {
			if i > 1 && shells.Of(t, s).Slow {
				continue
			}
			text := strings.ReplaceAll(a.text, "HOME", w.home)
			want := strings.ReplaceAll(a.want, "HOME", w.home)
			define := fmt.Sprintf(shells.Of(t, s).Alias, text)
			for name, startup := range map[string]string{
				"before": define + hook, "twice": define + hook + hook, "again": define + hook + define + hook,
				"after": hook + define,
			} {
				t.Run(name+" "+a.text, func(t *testing.T) {
					w.t = t
					term := w.start(s, startup)
					text := term.say("claude a")
					has(t, text, want)
					lacks(t, text, "LEAKED")
					lacks(t, text, "goes unnoticed")
					has(t, term.say(`claude b; sh -c 'echo "hook $CLAUDE_AUTH_HOOK."'`), "hook "+s.Name+":")
					lacks(t, term.all(), "displaced")
				})
			}
		}
	})
}

// What can't be followed is left as it is, and said once.
func TestDisplaced(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		d := shells.Of(t, s)
		hook := loadAtStart(s, w.hook(s, hooks.Options{}))
		alias, function := fmt.Sprintf(cmp.Or(d.Alias, "%.0s"), "echo other"), d.Function
		for name, test := range map[string]struct{ startup, want string }{
			"alias before":    {alias + hook, "other a"},
			"alias after":     {hook + alias, "other a"},
			"function before": {function + hook, "claude [--mine] [a]"},
			"function after":  {hook + function, "claude [--mine] [a]"},
		} {
			if strings.Contains(name, "alias") && alias == "" || strings.Contains(name, "after") && d.Blind {
				continue
			}
			t.Run(name, func(t *testing.T) {
				w.t = t
				term := w.start(s, test.startup)
				term.say("true")
				has(t, term.say("claude a"), test.want)
				term.say("true")
				has(t, term.say(`sh -c 'echo "hook=$CLAUDE_AUTH_HOOK."'`), ":displaced.")
				if n := strings.Count(term.all(), "goes unnoticed"); n != 1 {
					t.Errorf("said %d times:\n%s", n, term.all())
				}
			})
			t.Run(name+", off", func(t *testing.T) {
				quiet := *w
				quiet.t, quiet.env = t, append(w.env[:len(w.env):len(w.env)], "CLAUDE_AUTH_MODE=off")
				term := quiet.start(s, test.startup)
				has(t, term.say("claude a"), test.want)
				term.say("true")
				lacks(t, term.all(), "goes unnoticed")
			})
		}
	})
}

// The hook's text is read with the user's aliases. None of them may change what it does.
func TestHostileAliases(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, _ *world) {
		if shells.Of(t, s).Hostile == "" {
			t.Skip("the hook's text is not read with the user's aliases")
		}
		run := func(hostile string) (result, *world) {
			w := newWorld(t)
			w.logIn(time.Hour)
			w.write(w.path("segment"), "claude 2d\n", 0o644)
			w.write(w.path("elsewhere/claude-auth"), pretend, 0o755)
			w.env[1] = "PATH=" + w.path("elsewhere") + ":" + w.path("bin") + ":/usr/bin:/bin"
			exe, err := s.Quote(w.exe)
			if err != nil {
				t.Fatal(err)
			}
			const show = "__claude_auth_prompt\nsh -c 'echo \"<$CLAUDE_AUTH_PROMPT>\"'\n"
			flags, before := []string{"-i"}, shells.Of(t, s).Aliases+"alias claude='~/.claude/local/claude -x'\n"
			if shells.Of(t, s).Foreign {
				flags, before = shells.Of(t, s).Forced, ""
			}
			got := w.run(s, slices.Concat(s.Bare, flags), before+hostile+
				load(s, w.hook(s, hooks.Options{}))+"claude a\n"+show+show+
				"rm -f .local/state/claude-auth/prompt "+exe+"\nclaude b\n"+show)
			got.stdout = strings.ReplaceAll(got.stdout, w.home, "HOME")
			return got, w
		}
		want, plain := run("")
		if !shells.Of(t, s).Foreign {
			has(t, want.stdout, "[--client]")
		}
		if strings.Count(want.stdout, "<claude 2d>") != 3 {
			t.Fatalf("without aliases: %+v", want)
		}
		got, w := run(shells.Of(t, s).Hostile + "printf hostile\n")
		if got.stdout != want.stdout || got.code != want.code || w.asked() != plain.asked() {
			t.Errorf("with aliases: %+v\nwithout: %+v", got, want)
		}
		called, err := os.ReadFile(w.path("hostile"))
		if err != nil || string(called) != "printf\n" {
			t.Errorf("besides the printf of this test, the hook calls an alias: %q, %v", called, err)
		}
	})
}

// doctor, a child of the shell, finds the shell's own process in the marker.
func TestMarkerNamesTheProcess(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		for _, o := range []struct {
			hooks.Options
			suffix string
		}{{hooks.Options{}, ""}, {hooks.Options{NoPrompt: true}, ""}, {hooks.Options{NoCmd: true}, ":no-cmd"}} {
			term := w.start(s, loadAtStart(s, w.hook(s, o.Options)))
			has(t, term.say(fmt.Sprintf(
				`sh -c 'test "$CLAUDE_AUTH_HOOK" = %s:$1%s && test $PPID = $1 && echo mat""ched' - %s`,
				s.Name, o.suffix, shells.Of(t, s).PID)), "matched")
		}
	})
}
