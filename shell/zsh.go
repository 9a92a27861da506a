package shell

func init() { register(&zsh) }

// zsh 5.
var zsh = Shell{
	Name:    "zsh",
	Order:   2,
	Startup: []Place{{"ZDOTDIR", ".zshrc"}, {"HOME", ".zshrc"}},
	Ask:     "export ZDOTDIR",      // usually set in ~/.zshenv
	Escapes: []string{`'`, `'\''`}, // right with RC_QUOTES too, because it never puts two quotes together within quotes
	Reserved: []string{
		"declare", "emulate", "foreach", "functions", "nocorrect", "path", "repeat", "typeset", "whence",
	},
	Eval:          `eval "$(%s)"`,
	IfPresent:     `if [ -x %[1]s ]; then %[2]s; fi`, // see bash
	Override:      "${%s:+1}",
	Or:            " | ",
	Completion:    "source <(claude-auth completion zsh), after compinit; or as _claude-auth in $fpath",
	Packaged:      "share/zsh/site-functions/_claude-auth",
	Completes:     "whence compdef >/dev/null && export __claude_auth_completes=$FPATH",
	Loader:        "compinit",
	StartLoader:   "autoload -Uz compinit && compinit; ",
	Bare:          []string{"--no-rcs"},
	Strict:        []string{"-eu"}, // not pipefail, which zsh 5.0.0 does not have
	Check:         []string{"-n"},
	Invisible:     [2]string{"%{", "%}"},
	UnquotesWords: true,
}
