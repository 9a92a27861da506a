// Package handover makes way for the client where there is nothing to watch.
package handover

import (
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// Client returns the client and its arguments where args, a whole command line, is `run --` and a client's command line
// whose very first argument says that there is nothing to watch. ok is false for everything else: for the whole program
// to look at.
func Client(args []string, env paths.Env) (client string, rest []string, ok bool) {
	if len(args) < 4 || args[1] != "run" || args[2] != "--" || !claude.IsCommand(args[3]) && !claude.IsPlainFlag(args[3]) {
		return "", nil, false
	}
	client, err := paths.FindClient(env)
	return client, args[3:], err == nil
}

// Try becomes the client where that is all that args, a whole command line, asks for. Otherwise it returns.
func Try(args []string) {
	env := paths.FromOS()
	if client, rest, ok := Client(args, env); ok {
		// What fails here fails again in the command, which says so.
		_ = Exec(client, append([]string{client}, rest...), env.Inside(client).Environ())
	}
}
