package hooks_test

import (
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/test/tools"
	"github.com/claude-auth/claude-auth/shell"
)

// preexecs are programs that learn from a DEBUG trap which command the person runs: each says so, and is told by its
// last prompt command that the next command is the person's.
var preexecs = map[string]string{
	// Like bash-preexec 0.6: installs itself before the first prompt, with the last command as an element of its own,
	// and passes over what is in PROMPT_COMMAND.
	"preexec": `__bp_mode=
__bp_precmd_invoke_cmd() { return $?; }
__bp_interactive_mode() { __bp_mode=on; }
__bp_trap() {
	[[ -n $__bp_mode ]] || return 0
	__bp_mode=
	[[ $'\n'"$(IFS=$'\n'; echo "${PROMPT_COMMAND[*]}")"$'\n' != *$'\n'"$BASH_COMMAND"$'\n'* ]] || return 0
	ran "$BASH_COMMAND"
}
__bp_install() {
	trap __bp_trap DEBUG
	local at
	for at in "${!PROMPT_COMMAND[@]}"; do PROMPT_COMMAND[at]="${PROMPT_COMMAND[at]//__bp_install/:}"; done
	PROMPT_COMMAND="__bp_precmd_invoke_cmd${PROMPT_COMMAND:+$'\n'$PROMPT_COMMAND}"
	PROMPT_COMMAND+=(__bp_interactive_mode)
	__bp_interactive_mode
}
declare -ft __bp_install
PROMPT_COMMAND+=(__bp_install)
`,
	// The same before bash 5.1, where PROMPT_COMMAND is a string.
	"preexec-string": `__bp_mode=
__bp_precmd_invoke_cmd() { return $?; }
__bp_interactive_mode() { __bp_mode=on; }
__bp_trap() {
	[[ -n $__bp_mode ]] || return 0
	__bp_mode=
	[[ $'\n'"$PROMPT_COMMAND"$'\n' != *$'\n'"$BASH_COMMAND"$'\n'* ]] || return 0
	ran "$BASH_COMMAND"
}
__bp_install() {
	trap __bp_trap DEBUG
	PROMPT_COMMAND="__bp_precmd_invoke_cmd"$'\n'"${PROMPT_COMMAND//__bp_install/:}"$'\n'__bp_interactive_mode
	__bp_interactive_mode
}
declare -ft __bp_install
PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}__bp_install"
`,
	// Like VS Code's shell integration: wraps the first element, and passes over its own commands.
	"editor": `__vsc_running=1
__vsc_trap() {
	[[ $__vsc_running == 0 ]] || return 0
	__vsc_running=1
	[[ $BASH_COMMAND == __vsc_prompt* ]] || ran "$BASH_COMMAND"
}
trap __vsc_trap DEBUG
__vsc_prompt_cmd_original() {
	local one
	for one in "${__vsc_original_prompt_command[@]}"; do eval "$one"; done
	__vsc_running=0
}
__vsc_prompt_cmd() { __vsc_running=0; }
__vsc_original_prompt_command=${PROMPT_COMMAND:-}
if [[ -n $__vsc_original_prompt_command ]]; then
	PROMPT_COMMAND=__vsc_prompt_cmd_original
else
	PROMPT_COMMAND=__vsc_prompt_cmd
fi
`,
	// What people write themselves: in a string, and as an element.
	"string":  ownTrap + `PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND; }own_ready"` + "\n",
	"element": ownTrap + `PROMPT_COMMAND+=(own_ready)` + "\n",
}

const ownTrap = `own=
own_ready() { own=ready; }
own_trap() { [[ -z $own ]] || { own=; [[ $BASH_COMMAND == own_ready ]] || ran "$BASH_COMMAND"; }; }
trap own_trap DEBUG
`

// bashRunsElements reports whether bash runs each element of PROMPT_COMMAND. Before 5.1 it runs the first one alone.
func bashRunsElements(t *testing.T) bool {
	t.Helper()
	tools.Need(t, "bash")
	err := exec.Command("bash", "-c", "((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501))").Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return err == nil
}

// Whatever is loaded first, a DEBUG trap sees the person's commands, each once, and none of the hook.
func TestNoPhantomCommand(t *testing.T) {
	elements := bashRunsElements(t)
	s := shell.ByName("bash")
	for name, text := range preexecs {
		if strings.Contains(text, "PROMPT_COMMAND+=(") && !elements {
			continue
		}
		for order, lines := range map[string]string{
			"hook, trap":           "HOOK TRAP",
			"trap, hook":           "TRAP HOOK",
			"string, hook, trap":   "STRING HOOK TRAP",
			"array, hook, trap":    "ARRAY HOOK TRAP",
			"array, trap, hook":    "ARRAY TRAP HOOK",
			"hook, trap, hook":     "HOOK TRAP HOOK",
			"hook, trap, more":     "HOOK TRAP MORE",
			"trap, hook, no state": "TRAP HOOK ASK",
		} {
			t.Run(name+"/"+order, func(t *testing.T) {
				w := newWorld(t)
				w.write(w.path("segment"), "claude 401\n", 0o644)
				w.write(w.path("trap.bash"), text, 0o644)
				// The hook is evaluated, as people do: a file that is sourced sees no DEBUG trap.
				hook := fmt.Sprintf(s.Eval, "cat "+w.hook(s, hooks.Options{})) + "\n"
				startup := strings.NewReplacer("HOOK", hook, "TRAP", ". ~/trap.bash\n",
					"STRING", "PROMPT_COMMAND='mine=yes'\n", "ARRAY", "PROMPT_COMMAND=('mine=yes')\n",
					"MORE", "PROMPT_COMMAND=\"more=yes; $PROMPT_COMMAND\"\n", "ASK", "mkdir -p ~/.local; >~/.local/state\n",
					" ", "").Replace(lines)
				term := w.start(s, "ran() { printf '(ran %s)\\n' \"$1\"; }\n"+startup)
				term.waitFor(`\[ready\]`)
				if got := atPrompt(term); got != "claude 401" {
					t.Errorf("CLAUDE_AUTH_PROMPT is %q", got)
				}
				term.send("echo o\"\"ne\n")
				text := term.waitFor(`(?s)\none\n.*\[ready\]`)
				if name != "string" && name != "element" { // these take their own first command for the person's
					term.send("\n")
					text += term.waitFor(`\[ready\]`)
				}
				term.send("echo t\"\"wo\n")
				text += term.waitFor(`(?s)\ntwo\n.*\[ready\]`)
				text = strings.ReplaceAll(text, "(ran more=yes)", "") // theirs, and so without the hook
				ran := strings.Join(regexp.MustCompile(`\(ran [^)]*\)`).FindAllString(text, -1), " ")
				if want := `(ran echo o""ne) (ran echo t""wo)`; ran != want {
					t.Errorf("the trap saw %s, want %s; the terminal:\n%s", ran, want, term.all())
				}
				lacks(t, term.all(), "ran __claude_auth")
				lacks(t, term.all(), "rror")
			})
		}
	}
}
