package handover

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// CommandLine returns the command line that this process stands for: args, unless it was started under the name
// paths.Wrapper, by which editors and SDK programs start it in place of Claude Code. They can set the path of a program
// and no arguments of ours. VS Code calls WRAPPER CLIENT ARGS, the SDK calls it as the client: WRAPPER ARGS. A first
// argument that is the path of a program is the client.
//
// Where the client is a script for node, as older ones are, VS Code calls WRAPPER node SCRIPT ARGS. A client of two
// words cannot be watched, so it is only started.
func CommandLine(args []string) []string {
	if len(args) == 0 || filepath.Base(args[0]) != paths.Wrapper {
		return args
	}
	run, rest := []string{args[0], "run"}, args[1:]
	if len(rest) > 0 && isProgram(rest[0]) {
		run = append(run, "--client", rest[0])
		if filepath.Base(rest[0]) == claude.Interpreter {
			run = append(run, "--mode", "off")
		}
		rest = rest[1:]
	}
	return slices.Concat(run, []string{"--"}, rest)
}

// isProgram reports whether arg is the absolute path of a program.
func isProgram(arg string) bool {
	if !filepath.IsAbs(arg) {
		return false
	}
	info, err := os.Stat(arg)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
