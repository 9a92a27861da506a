package shell

func init() { register(&bash) }

// GNU bash, from 3.2 (macOS) on.
var bash = Shell{
	Name:         "bash",
	Order:        1,
	Startup:      []Place{{"HOME", ".bashrc"}},
	LoginStartup: []string{".bash_profile", ".bash_login", ".profile"},
	RunsScripts:  true,
	Escapes:      []string{`'`, `'\''`},
	Reserved:     []string{"coproc", "declare", "path", "typeset"},
	Eval:         `eval "$(%s)"`,
	// Not `[ -x … ] && …`: its status is 1 when the program is gone, which ends a startup file under `set -e`.
	IfPresent: `if [ -x %[1]s ]; then %[2]s; fi`,
	Override:  "${%s:+1}",
	Or:        " | ",
	// Not `source <(…)`: in bash 3.2 that reads nothing, and says nothing.
	Completion: `eval "$(claude-auth completion bash)"`,
	Completions: []Place{
		{"BASH_COMPLETION_USER_DIR", "completions/claude-auth"},
		{"XDG_DATA_HOME", "bash-completion/completions/claude-auth"},
		{"HOME", ".local/share/bash-completion/completions/claude-auth"},
	},
	Packaged: "share/bash-completion/completions/claude-auth",
	// bash-completion is the default completion of each command.
	Completes: "complete -p -D >/dev/null 2>&1 && export __claude_auth_completes=yes",
	Loader:    "bash-completion",
	Bare:      []string{"--noprofile", "--norc"},
	Strict:    []string{"-eu", "-o", "pipefail"},
	Check:     []string{"-n"},
	// readline's own marks: bash does not understand \[ and \] in what a command in the prompt prints.
	Invisible: [2]string{"\x01", "\x02"},
}
