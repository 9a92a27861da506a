// Claude-auth is the program as it is on macOS, with the stand-in keychain of the tests. The real program knows no
// variable that chooses its keychain.
package main

import (
	"os"

	"github.com/claude-auth/claude-auth/cmd"
	"github.com/claude-auth/claude-auth/internal/session"
	"github.com/claude-auth/claude-auth/internal/system"
	"github.com/claude-auth/claude-auth/internal/test/keychain"
)

func main() {
	if session.IsSupervisor(os.Args) {
		os.Exit(session.Supervise(os.Args))
	}
	on := system.Here()
	on.Security = os.Getenv(keychain.EnvTool)
	os.Exit(cmd.MainOn(on, os.Args))
}
