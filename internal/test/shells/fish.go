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
		// Some builtins can't be replaced: fish refuses a function of their names. Before 4.0 `.` is a function of fish's
		// own, which calls two others.
		Hostile: "set -l kept '[.]'; builtin --names | grep -qx '[.]'; or set kept '[.]|count|source'\n" +
			"for word in (builtin --names | grep -vxE $kept); " +
			"echo \"function $word; sh -c 'echo $word >>~/hostile; exit 1'; end\"; end >hostile.fish\n" +
			"for line in (cat hostile.fish); builtin echo $line | builtin source 2>/dev/null; end\n",
		Trace: "set -g fish_trace 1\n",
		// `trap` loads functions of fish's own, so it comes first.
		State: "trap; set --names | grep -vE '^(history|pipestatus|status|status_generation)$'; " +
			"functions --all --names; bind",
		OtherPrompt:      "function other --on-event fish_prompt; set -g other \"$status,$pipestatus\"; end\n",
		Clockless:        "contains path (builtin --names); and path mtime --relative / 2>/dev/null; and exit 1; exit 0",
		ClientCompletion: "complete -c claude -f -l model\n",
		ListKeys:         "\t",
		Stopped:          "stopped",
		FgStatus:         0, // fish 3.6 forgets the status of what fg has brought back
	}
}
