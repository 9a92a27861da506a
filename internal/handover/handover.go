// Package handover replaces this process with the client when there is nothing to watch and nothing to guard: for
// `claude --version`, called by a script of the user's. The hooks do without a process of ours there.
package handover

import (
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// Client returns the client and its arguments when args, a whole command line, is `run --` and a command line of the
// client that never renews the login. ok is false for everything else, which the whole program looks at: a command that
// needs no login may still renew it.
func Client(args []string, env paths.Env) (client string, rest []string, ok bool) {
	if len(args) < 4 || args[1] != "run" || args[2] != "--" || !claude.NeverRenews(args[3:]) {
		return "", nil, false
	}
	client, err := paths.FindClient(env)
	return client, args[3:], err == nil
}

// Try becomes the client when args, a whole command line, asks for nothing else. Otherwise it returns.
func Try(args []string) {
	env := paths.FromOS()
	if client, rest, ok := Client(args, env); ok {
		// After an error the command tries again, and reports it.
		_ = Exec(client, append([]string{client}, rest...), env.Inside(client).Environ())
	}
}
