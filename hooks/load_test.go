package hooks_test

import (
	"slices"
	"testing"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/shell"
)

// The hook loads in silence, and the function is there: in a script under the strictest flags, and in an interactive
// shell, once and twice.
func TestLoad(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		load, d := load(s, w.hook(s, hooks.Options{})), shells.Of(t, s)
		interactive := []string{"-i"}
		if d.Foreign {
			interactive = d.Forced
		}
		for name, lines := range map[string]string{"strictly": load, "twice": load + load} {
			t.Run(name, func(t *testing.T) {
				w.t = t
				for what, flags := range map[string][]string{
					"script": strict(s), "interactive": slices.Concat(s.Bare, interactive),
				} {
					own := w.run(s, flags, "").stderr // bash 3.2 says there that it has no job control
					got := w.run(s, flags, lines+"claude a\n")
					if got != (result{"claude-auth [run] [--] [a]\n", own, 0}) {
						t.Errorf("%s: %+v", what, got)
					}
				}
			})
		}
	})
}
