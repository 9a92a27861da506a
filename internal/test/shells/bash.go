package shells

func init() {
	drivers["bash"] = &Driver{
		Interactive: []string{"--noprofile", "-i"},
		Forced:      []string{"-i"},
		Alias:       "alias claude='%s'\n",
		Preamble:    "PS1='[ready] '\n",
		Group:       "{ %s; }",
		Export:      "export %s='%s'",
		Status:      "$?",
		PID:         "$$",
		PipeStatus:  "${PIPESTATUS[*]}",
		FailTwo:     "(exit 3) | (exit 4)",
		Function:    "claude() { command claude --mine \"$@\"; }\n",
		Hostile: "for word in $(compgen -b | grep -vx '[.]')" +
			"; do alias -- \"$word=sh -c 'echo $word >>~/hostile; exit 1'\"; done\n",
		Aliases: "shopt -s expand_aliases\n", // bash 3.2 runs no alias of a script, not even with -i
		Trace:   "set -x\n",
		// In bash 3.2 `declare -p` prints functions too, with their bodies.
		State: "set -o; shopt; trap; alias; IFS=; declare -p | grep '^declare' | " +
			"grep -vE ' (BASH_|_=|_$|LINENO|RANDOM|SECONDS|EPOCH|" +
			"SRANDOM|BASHPID|PIPESTATUS|FUNCNAME)'; declare -F | sed 's/^declare -f //'",
		Leaves:      []string{"claude-auth"},
		OtherPrompt: "PROMPT_COMMAND='other=\"$?,${PIPESTATUS[*]}\";'\n",
		ShellTool:   true,
		// A function that a person calls looks unused.
		Checkers: [][]string{{"shellcheck", "-s", "bash", "-e", "SC2317,SC2329"}},
		ListKeys: "\t\t",
		Stopped:  "Stopped",
		FgStatus: 7,
		Clock:    ":",
	}
}
