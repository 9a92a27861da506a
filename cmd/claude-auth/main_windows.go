// Claude-auth inspects and repairs the saved login of the Claude Code client.
package main

import (
	"fmt"
	"os"
)

// main says where to go: the program needs signals, terminals and file modes as Unix has them.
func main() {
	fmt.Fprint(os.Stderr, "claude-auth does not run on Windows. Install it in WSL, and run Claude Code there:\n"+
		"https://learn.microsoft.com/windows/wsl/install\n")
	os.Exit(1)
}
