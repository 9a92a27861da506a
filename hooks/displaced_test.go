package hooks_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/shell"
)

// What takes the function's name in the middle of a session is in the marker when the person calls the program, and no
// longer when it has gone. An alias of the client is no harm: it is followed.
func TestDisplacedLater(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		d := shells.Of(t, s)
		if d.Foreign {
			t.Skip("the commands of this test are those of sh")
		}
		w.write(w.path("segment"), "\n", 0o644)
		w.write(w.path("bin/claude-auth"), "#!/bin/sh\necho marker=$CLAUDE_AUTH_HOOK.\n", 0o755)
		w.logIn(0)
		hook := w.hook(s, hooks.Options{})
		for name, test := range map[string]struct{ define, undo string }{
			"function":            {d.Function, ". " + hook},
			"alias":               {"alias claude='echo other'", "unalias claude"},
			"removed":             {map[string]string{"fish": "functions -e claude"}[s.Name], ". " + hook},
			"alias of the client": {"alias claude='~/.claude/local/claude'", ""},
		} {
			if test.define == "" {
				test.define = "unset -f claude"
			}
			if s.Name == "fish" && name == "alias" {
				test.undo = "functions -e claude; . " + hook
			}
			t.Run(name, func(t *testing.T) {
				w.t = t
				term := w.start(s, ". "+hook+"\n")
				has(t, term.say("claude-auth doctor"), "marker="+s.Name+":")
				lacks(t, term.all(), "displaced")
				asked := w.asked()
				term.say(strings.TrimSpace(test.define))
				if test.undo == "" {
					lacks(t, term.say("claude-auth doctor"), "displaced")
					has(t, term.say("claude a"), "claude-auth [run] [--client] ["+w.home+"/.claude/local/claude] [--] [a]")
					return
				}
				has(t, term.say("claude-auth doctor"), ":displaced.")
				if w.asked() != asked && !shells.AsksAlways(t, s) {
					t.Errorf("the prompts asked the program")
				}
				if name != "function" || s.Name != "fish" { // the hook leaves a person's function alone
					undo := test.undo
					if name == "function" {
						undo = "unset -f claude; " + undo
					}
					term.say(undo)
					lacks(t, term.say("claude-auth doctor"), "displaced")
				}
				if n := strings.Count(term.all(), "goes unnoticed"); n > 1 {
					t.Errorf("said %d times:\n%s", n, term.all())
				}
			})
		}
	})
}

// The person's own function or alias of the program's name stays; so does that the program is found on PATH.
func TestProgramKeepsItsName(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		if shells.Of(t, s).Foreign {
			t.Skip("the commands of this test are those of sh")
		}
		w.write(w.path("bin/claude-auth"), "#!/bin/sh\necho program $1.; exit 3\n", 0o755)
		term := w.start(s, "alias claude-auth='claude-auth x'\n. "+w.hook(s, hooks.Options{})+"\n")
		has(t, term.say("claude-auth; echo st="+shells.Of(t, s).Status+"."), "program x.")
		has(t, term.say(fmt.Sprintf("claude-auth; echo st=%s.", shells.Of(t, s).Status)), "st=3.")
		if shells.Of(t, s).Status == "$?" { // under errexit the shell goes on, as it does without the hook
			has(t, term.say("unalias claude-auth; set -e; claude-auth b || echo st=$?.; set +e"), "st=3.")
		}
	})
}
