package shell

func init() { register(&fish) }

// fish 3 and 4.
var fish = Shell{
	Name:  "fish",
	Order: 3,
	// config.fish, which direnv and zoxide use too. fish reads conf.d before it, so an alias made in config.fish would
	// displace a hook in conf.d.
	Startup:    []Place{{"XDG_CONFIG_HOME", "fish/config.fish"}, {"HOME", ".config/fish/config.fish"}},
	Escapes:    []string{`'`, `\'`, `\`, `\\`},
	Reserved:   []string{"and", "begin", "end", "functions", "math", "not", "or", "path", "status", "string", "switch"},
	Eval:       "%s | source",
	IfPresent:  "test -x %[1]s; and %[2]s",
	Override:   "%s ",
	Or:         " ",
	Completion: "claude-auth completion fish | source",
	Completions: []Place{
		{"XDG_CONFIG_HOME", "fish/completions/claude-auth.fish"}, {"HOME", ".config/fish/completions/claude-auth.fish"},
	},
	Packaged:  "share/fish/vendor_completions.d/claude-auth.fish",
	Completes: "set -gx __claude_auth_completes yes",
	// Not `--no-config`, which is new in 3.3. Where a person's own files must not count, HOME is another directory.
	Bare:  []string{"--private"},
	Check: []string{"--no-execute"},
}
