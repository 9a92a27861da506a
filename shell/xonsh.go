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
	// Not execx($(…)): xonsh loses what a command prints, 8 times of 120 on a busy machine (0.13.4).
	Eval:      "execx(__import__('subprocess').check_output('%s', shell=True, text=True, env=${...}.detype()))",
	EvalInSh:  true,
	Script:    "execx(__import__('subprocess').check_output('cat %s', shell=True, text=True))",
	IfPresent: "if __import__('os').access(%[3]s, 1): %[2]s",
	Override:  "'%s', ",
	Or:        ", ",
	// For a person, short: a completion that is lost once in a while is there in the next shell.
	Completion: "execx( $(claude-auth completion xonsh) )",
	// Not the alias: it would be run as a program is, and what it sets would still be to come.
	Prompt:    "if '__claude_auth_prompt' in aliases: aliases['__claude_auth_prompt']()",
	Completes: "$__claude_auth_completes = 'yes'",
	Bare:      []string{"--no-rc"},
	Check: []string{
		"-c", "_ = __xonsh__.execer.compile(open(__import__('sys').argv[-1]).read(), mode='exec', glbs={})",
	},
	UnquotesWords: true,
}
