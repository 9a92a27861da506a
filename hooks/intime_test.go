package hooks_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/test/tools"
	"github.com/claude-auth/claude-auth/shell"
)

// drawers are programs that draw bash's prompt in a command of their own, from CLAUDE_AUTH_PROMPT.
var drawers = map[string]string{
	// Like starship 1.24: takes the place of PROMPT_COMMAND, and runs what was there before it draws.
	"starship": `starship_precmd() {
	[[ -z ${STARSHIP_PROMPT_COMMAND-} ]] || eval "$STARSHIP_PROMPT_COMMAND"
	PS1="($CLAUDE_AUTH_PROMPT) [ready] "
}
if [[ -z ${PROMPT_COMMAND-} ]]; then
	PROMPT_COMMAND=starship_precmd
elif [[ $PROMPT_COMMAND != *starship_precmd* ]]; then
	STARSHIP_PROMPT_COMMAND=$PROMPT_COMMAND PROMPT_COMMAND=starship_precmd
fi
`,
	// The same with bash-preexec 0.6 loaded before it, which installs itself before the first prompt.
	"preexec": `bash_preexec_imported=defined
__bp_precmd_invoke_cmd() {
	local one
	for one in "${precmd_functions[@]}"; do "$one"; done
}
__bp_install() {
	PROMPT_COMMAND="__bp_precmd_invoke_cmd"$'\n'"${PROMPT_COMMAND//__bp_install/:}"
	__bp_precmd_invoke_cmd
}
PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}__bp_install"
draw() { PS1="($CLAUDE_AUTH_PROMPT) [ready] "; }
precmd_functions+=(draw)
`,
}

// Whatever draws the prompt, and whichever is loaded first, a segment is in the prompt that it belongs to.
func TestPromptInTime(t *testing.T) {
	tools.Need(t, "bash")
	s := shell.ByName("bash")
	for name, text := range drawers {
		for _, order := range []string{"HOOK DRAWER", "DRAWER HOOK", "HOOK DRAWER HOOK", "DRAWER HOOK HOOK"} {
			t.Run(name+"/"+strings.ReplaceAll(order, " ", ", "), func(t *testing.T) {
				w := newWorld(t)
				w.logIn(2 * time.Hour)
				w.write(w.path("segment"), "claude 2d\n", 0o644)
				w.write(w.path("drawer.bash"), text, 0o644)
				hook := fmt.Sprintf(s.Eval, "cat "+w.hook(s, hooks.Options{})) + "\n"
				term := w.interactive(s, strings.NewReplacer("HOOK", hook, "DRAWER", ". ~/drawer.bash\n", " ", "").Replace(order))
				has(t, term.waitFor(`\([^)]*\) \[ready\]`), "(claude 2d)")
				w.write(w.path("segment"), "claude 401\n", 0o644)
				w.logIn(time.Hour)
				term.send("\n")
				has(t, term.waitFor(`\([^)]*\) \[ready\]`), "(claude 401)")
				if got := w.asked(); got != 2 {
					t.Errorf("asked %d times", got)
				}
			})
		}
	}
}
