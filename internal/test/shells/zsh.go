package shells

func init() {
	drivers["zsh"] = &Driver{
		Interactive: []string{"-o", "no_global_rcs", "-i"},
		Forced:      []string{"-i"},
		Alias:       "alias claude='%s'\n",
		Preamble:    "unsetopt zle\nPS1='[ready] '\n",
		Group:       "{ %s; }",
		Export:      "export %s='%s'",
		Status:      "$?",
		PID:         "$$",
		PipeStatus:  "$pipestatus",
		FailTwo:     "(exit 3) | (exit 4)",
		Function:    "claude() { command claude --mine \"$@\"; }\n",
		Hostile: "for word in ${(k)builtins:#.}" +
			"; do alias -- \"$word=sh -c 'echo $word >>~/hostile; exit 1'\"; done\n",
		Trace: "set -x\n",
		State: ": ${functions} ${aliases}; setopt; unsetopt; trap; alias; typeset | grep -vE '^(integer |float |[0-9]|_=|" +
			"LINENO|RANDOM|SECONDS|TTYIDLE|_$|.*(EPOCH|pipestatus|zsh_eval_context|ZSH_EXECUTION))'; " +
			"print -rl -- ${(ok)functions}",
		OtherPrompt:      "precmd() { other=\"$?,$pipestatus\" }\n",
		ShellTool:        true,
		Editing:          "PS1='[ready] '\nbindkey '^I' complete-word\nautoload -Uz compinit; compinit -D -u\n",
		ClientCompletion: "theirs() { compadd -- --model }; compdef theirs claude\n",
		ListKeys:         "\t",
		Stopped:          "suspended",
		FgStatus:         7,
		Clock:            "zmodload zsh/datetime",
	}
}
