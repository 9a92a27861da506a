package hooks_test

import (
	"fmt"
	"strings"
	"testing"

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
		hook := w.hook(s, hooks.Options{})
		for _, a := range aliases {
			text := strings.ReplaceAll(a.text, "HOME", w.home)
			want := strings.ReplaceAll(a.want, "HOME", w.home)
			define := "alias claude='" + text + "'\n"
			for name, startup := range map[string]string{
				"before": define + ". " + hook + "\n",
				"twice":  define + ". " + hook + "\n. " + hook + "\n",
				"again":  define + ". " + hook + "\n" + define + ". " + hook + "\n",
				"after":  ". " + hook + "\n" + define,
			} {
				t.Run(name+" "+a.text, func(t *testing.T) {
					w.t = t
					term := w.start(s, startup)
					text := term.say("claude a")
					has(t, text, want)
					lacks(t, text, "LEAKED")
					lacks(t, text, "goes unnoticed")
					has(t, term.say("claude b; printf 'hook %s.\\n' $CLAUDE_AUTH_HOOK"), "hook "+s.Name+":")
					lacks(t, term.all(), "displaced")
				})
			}
		}
	})
}

// What can't be followed is left as it is, and said once.
func TestDisplaced(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		hook := w.hook(s, hooks.Options{})
		function := shells.Of(t, s).Function
		for name, test := range map[string]struct{ startup, want string }{
			"alias before":    {"alias claude='echo other'\n. " + hook, "other a"},
			"alias after":     {". " + hook + "\nalias claude='echo other'\n", "other a"},
			"function before": {function + ". " + hook, "claude [--mine] [a]"},
			"function after":  {". " + hook + "\n" + function, "claude [--mine] [a]"},
		} {
			t.Run(name, func(t *testing.T) {
				w.t = t
				term := w.start(s, test.startup)
				term.say("true")
				has(t, term.say("claude a"), test.want)
				term.say("true")
				has(t, term.say("echo hook=$CLAUDE_AUTH_HOOK."), ":displaced.")
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

// doctor, a child of the shell, finds the shell's own process in the marker.
func TestMarkerNamesTheProcess(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		for _, o := range []struct {
			hooks.Options
			suffix string
		}{{hooks.Options{}, ""}, {hooks.Options{NoPrompt: true}, ""}, {hooks.Options{NoCmd: true}, ":no-cmd"}} {
			term := w.start(s, ". "+w.hook(s, o.Options)+"\n")
			has(t, term.say(fmt.Sprintf(
				`sh -c 'test "$CLAUDE_AUTH_HOOK" = %s:$1%s && test $PPID = $1 && echo mat""ched' - %s`,
				s.Name, o.suffix, shells.Of(t, s).PID)), "matched")
		}
	})
}
