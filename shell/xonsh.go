package shell

func init() { register(&xonsh) }

// xonsh, from 0.13 (Debian 12) on.
var xonsh = Shell{
	Name:    "xonsh",
	Order:   5,
	Startup: []Place{{"HOME", ".xonshrc"}},
	// A word in quotes is a string of Python, in which the shell replaces variables and `~`; not so in @('…').
	Escapes:  []string{`'`, `\'`, `\`, `\\`, "\n", `\n`, "\r", `\r`},
	Verbatim: [2]string{"@(", ")"},
	Reserved: []string{
		"and", "as", "assert", "async", "await", "class", "def", "del", "except", "finally", "from", "global", "import",
		"is", "lambda", "nonlocal", "not", "or", "pass", "path", "raise", "try", "with", "yield", "None", "True", "False",
	},
	// What a command prints is sometimes lost when a thread reads it: 8 times of 120 on a busy machine (0.13.4).
	Eval:       "with ${...}.swap(THREAD_SUBPROCS=False): execx($(%s))",
	Script:     "with ${...}.swap(THREAD_SUBPROCS=False): execx($(cat %s))", // `source` takes only names that end in .xsh
	IfPresent:  "%[2]s if __import__('os').access(%[3]s, 1) else None",
	Override:   "'%s', ",
	Or:         ", ",
	Completion: "with ${...}.swap(THREAD_SUBPROCS=False): execx($(claude-auth completion xonsh))",
	// Not the alias: it would be run as a program is, and what it sets would still be to come.
	Prompt:    "if '__claude_auth_prompt' in aliases: aliases['__claude_auth_prompt']()",
	Completes: "$__claude_auth_completes = 'yes'",
	Bare:      []string{"--no-rc"},
	Check: []string{
		"-c", "_ = __xonsh__.execer.compile(open(__import__('sys').argv[-1]).read(), mode='exec', glbs={})",
	},
	UnquotesWords: true,
}
