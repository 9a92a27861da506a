package handover

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// CommandLine returns the command line that this process stands for: args, unless it was started under the name
// paths.Wrapper, by which editors and SDK programs start it in place of Claude Code. They can set the path of a program
// and no arguments of ours. VS Code calls WRAPPER CLIENT ARGS, the SDK calls it as the client: WRAPPER ARGS. A first
// argument that is the path of a program is the client, and one that names a claude which is not there is an error.
//
// Where the client is a script for node, as older ones are, VS Code calls WRAPPER node SCRIPT ARGS, with or without the
// path of node. A client of two words cannot be watched, so it is only started.
func CommandLine(args []string) []string {
	if len(args) == 0 || filepath.Base(args[0]) != paths.Wrapper {
		return args
	}
	run, rest := []string{args[0], "run"}, args[1:]
	if client := namedClient(rest); client != "" {
		run = append(run, "--client", client)
		if filepath.Base(client) == claude.Interpreter {
			run = append(run, "--mode", "off")
		}
		rest = rest[1:]
	}
	return slices.Concat(run, []string{"--"}, rest)
}

// namedClient returns the client that the first of args names; "" when it is an argument for the client.
func namedClient(args []string) string {
	switch {
	case len(args) == 0:
	case isProgram(args[0]), isMissingClient(args[0]):
		return args[0]
	case args[0] == claude.Interpreter && len(args) > 1 && isScript(args[1]):
		if path, found := paths.Look(paths.FromOS(), args[0]); found {
			return path
		}
		return args[0]
	}
	return ""
}

// isScript reports whether arg is an existing file for node.
func isScript(arg string) bool {
	info, err := os.Stat(arg)
	return slices.Contains([]string{".js", ".mjs", ".cjs"}, filepath.Ext(arg)) && err == nil && info.Mode().IsRegular()
}

// isMissingClient reports whether arg is the path of a claude where nothing is. /claude-x is a command of a prompt.
func isMissingClient(arg string) bool {
	dir, name := filepath.Split(arg)
	if !filepath.IsAbs(arg) || dir == "/" || !strings.HasPrefix(name, claude.Program) || strings.Contains(name, " ") {
		return false
	}
	_, err := os.Stat(arg)
	return errors.Is(err, fs.ErrNotExist)
}

// isProgram reports whether arg is the absolute path of a program.
func isProgram(arg string) bool {
	if !filepath.IsAbs(arg) {
		return false
	}
	info, err := os.Stat(arg)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
