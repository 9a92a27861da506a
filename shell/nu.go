package shell

import "runtime"

func init() { register(&nu) }

// nushell, whose program is nu, from 0.114 on. In 0.108 `~` and `*` in the arguments of a function are not expanded.
var nu = Shell{
	Name:  "nu",
	Order: 6,
	Startup: []Place{
		{"XDG_CONFIG_HOME", "nushell/config.nu"}, {"HOME", nuFolder(".config") + "/nushell/config.nu"},
	},
	// Nothing can be written for a quote between quotes, so a word is a sum of texts.
	Escapes:  []string{`'`, `' + "'" + '`},
	Verbatim: [2]string{"(", ")"},
	Reserved: []string{
		"and", "append", "const", "def", "default", "extern", "first", "get", "let", "ls", "match", "module", "mut", "not",
		"open", "or", "overlay", "parse", "path", "scope", "skip", "try", "use", "view", "where", "which", "whoami",
	},
	// The hook runs before the first prompt: nushell evaluates no other text.
	Eval:       "$env.config.hooks.pre_prompt = ($env.config.hooks.pre_prompt | append (^%s))",
	Script:     "source %s",
	IfPresent:  "if (%[3]s | path exists) { %[2]s }",
	Completion: "$env.config.hooks.pre_prompt = ($env.config.hooks.pre_prompt | append (^claude-auth completion nu))",
	Completions: []Place{
		{"XDG_DATA_HOME", "nushell/vendor/autoload/claude-auth.nu"},
		{"HOME", nuFolder(".local/share") + "/nushell/vendor/autoload/claude-auth.nu"},
	},
	Packaged: "share/nushell/vendor/autoload/claude-auth.nu",
	Override: `'%s' `,
	Or:       " ",
	NoLook:   true,
	Bare:     []string{"--no-config-file"},
}

// nuFolder is where nushell keeps its files below the home directory: in the system's folder for them.
func nuFolder(elsewhere string) string {
	if runtime.GOOS == "darwin" {
		return "Library/Application Support"
	}
	return elsewhere
}
