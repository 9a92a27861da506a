// Claude-auth inspects and repairs the saved login of the Claude Code client.
package main

import (
	"os"

	"github.com/claude-auth/claude-auth/cmd"
)

func main() { os.Exit(cmd.Main(os.Args)) }
