package shells

func init() {
	drivers["fish"] = &Driver{
		Interactive: []string{"--private", "-i"},
		Forced:      []string{"-i"},
		Alias:       "alias claude='%s'\n",
		Preamble:    "function fish_greeting; end\nfunction fish_prompt; echo '[ready] '; end\n",
		Folders:     []string{".local/share/fish/generated_completions"}, // or fish reads all manual pages first
		Group:       "begin; %s; end",
		Export:      "set -gx %s '%s'",
		Status:      "$status",
		PID:         "$fish_pid",
		PipeStatus:  "$pipestatus",
		FailTwo:     "sh -c 'exit 3' | sh -c 'exit 4'",
		Function:    "function claude; command claude --mine $argv; end\n",
		// Some builtins can't be replaced: fish refuses a function of their names.
		Hostile: "for word in (builtin --names | grep -vx '[.]'); " +
			"echo \"function $word; sh -c 'echo $word >>~/hostile; exit 1'; end\"; end >hostile.fish\n" +
			"for line in (cat hostile.fish); builtin eval $line 2>/dev/null; end\n",
		Trace: "set -g fish_trace 1\n",
		State: "set --names | grep -vE '^(history|pipestatus|status|status_generation)$'; " +
			"functions --all --names; bind; trap",
		OtherPrompt:      "function other --on-event fish_prompt; set -g other \"$status,$pipestatus\"; end\n",
		ClientCompletion: "complete -c claude -f -l model\n",
		ListKeys:         "\t",
		Stopped:          "stopped",
		FgStatus:         0, // fish 3.6 forgets the status of what fg has brought back
	}
}
