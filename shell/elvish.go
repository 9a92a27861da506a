package shell

func init() { register(&elvish) }

// elvish, from 0.19 (Debian 12) on.
var elvish = Shell{
	Name:  "elvish",
	Order: 4,
	// elvish looks here first, and then in ~/.elvish, which only old installations have.
	Startup: []Place{{"XDG_CONFIG_HOME", "elvish/rc.elv"}, {"HOME", ".config/elvish/rc.elv"}},
	Escapes: []string{`'`, `''`},
	Reserved: []string{
		"and", "coalesce", "del", "except", "fn", "not", "or", "path", "put", "str", "tmp", "try", "use", "var",
	},
	Eval: "eval (%s | slurp)",
	// The hook's functions belong to what is evaluated. Only the line editor, which a script has not, can add them to the
	// shell.
	Script: "fn claude {|@args| e:claude $@args }; fn __claude_auth_prompt { }; " +
		"eval (slurp <%s) &on-end={|ns| " +
		"if (has-key $ns __claude_auth_run~) { set claude~ = $ns[__claude_auth_run~] }; " +
		"if (has-key $ns __claude_auth_prompt~) { set __claude_auth_prompt~ = $ns[__claude_auth_prompt~] } }",
	IfPresent:  "if (has-external %[1]s) { %[2]s }",
	Override:   "%s ",
	Or:         " ",
	Completion: "eval (claude-auth completion elvish | slurp)",
	NoLook:     true,
	Fails:      2,
	Bare:       []string{"-norc"},
	Check:      []string{"-compileonly"},
}
