package shells

func init() {
	drivers["xonsh"] = &Driver{
		Interactive: []string{"--shell-type", "readline"},
		Preamble:    "$PROMPT = '[ready] '\n",
		Foreign:     true,
		Through:     true,
		Group:       "%s",
		Export:      "$%s = '%s'",
		PID:         "@(__import__('os').getpid())",
		Exit:        "p = ![%s]\nimport sys; sys.exit(p.rtn)\n",
		Mark:        "open('%s', 'w').close()",
		Groups:      true,
		Slow:        true,
		UTF8:        true,
		Alias:       "aliases['claude'] = r'''%s'''\n",
		Function:    "aliases['claude'] = lambda args: ![$HOME/bin/claude --mine @(args)].rtn\n",
		ListKeys:    "\t\t",
	}
}
