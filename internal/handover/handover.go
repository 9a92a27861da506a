// Package handover makes way for the client where there is nothing to watch.
package handover

import (
	"slices"

	"github.com/claude-auth/claude-auth/internal/paths"
)

// commands are the client's own subcommands (2.1.165, 2.1.330); none of them asks the model anything with the saved
// login in a way that a repeat could fix, and `auth` is how this program itself signs in.
var commands = []string{
	"agents", "attach", "auth", "auto-mode", "config", "doctor", "gateway", "import", "install", "kill", "logs", "mcp",
	"migrate-installer", "plugin", "plugins", "project", "purge", "respawn", "rm", "setup-token", "stop", "ultrareview",
	"update", "upgrade",
}

// flags end the client before it needs a login, or hand the work to another process (2.1.165, 2.1.330).
var flags = []string{
	"-h", "--help", "-v", "--version", "--bg", "--background", "--cloud", "--teleport", "--desktop", "--remote-control",
}

// IsCommand reports whether a command line of the client with this first positional argument needs no watch.
func IsCommand(name string) bool { return slices.Contains(commands, name) }

// IsFlag reports whether a command line of the client with this flag needs no watch.
func IsFlag(flag string) bool { return slices.Contains(flags, flag) }

// Client returns the client and its arguments where args, a whole command line, is `run --` and a client's command line
// whose very first argument says that there is nothing to watch. ok is false for everything else: for the whole program
// to look at.
func Client(args []string, env paths.Env) (client string, rest []string, ok bool) {
	if len(args) < 4 || args[1] != "run" || args[2] != "--" || !IsCommand(args[3]) && !IsFlag(args[3]) {
		return "", nil, false
	}
	client, err := paths.FindClient(env, "claude")
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
