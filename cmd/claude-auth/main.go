//go:build !windows

// Claude-auth inspects and repairs the saved login of the Claude Code client.
package main

import (
	"os"

	"github.com/claude-auth/claude-auth/cmd"
	_ "github.com/claude-auth/claude-auth/internal/early" // answers a prompt before the rest is initialised
	"github.com/claude-auth/claude-auth/internal/handover"
	"github.com/claude-auth/claude-auth/internal/session"
)

func main() {
	if session.IsSupervisor(os.Args) { // this program again, beside the client of a session on a terminal
		os.Exit(session.Supervise(os.Args))
	}
	args := handover.CommandLine(os.Args)
	handover.Try(args) // before a command tree is built: the client is not to wait for it
	os.Exit(cmd.Main(args))
}
