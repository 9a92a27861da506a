package shell

import (
	"path/filepath"
	"strings"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// Current returns the shell of this person: the one that started the program, when parent (the name of that process, "" for
// unknown) is zsh or fish; else $SHELL. A parent that is bash says little, since scripts and Makefiles run in it, so it
// counts only when $SHELL has no hook. The error wraps ErrUnknownShell.
func Current(env paths.Env, parent string) (Shell, error) {
	started, startedErr := ByName(parent)
	if startedErr == nil && started.Name() != "bash" {
		return started, nil
	}
	login, err := ByName(env.Get("SHELL"))
	if err != nil && startedErr == nil {
		return started, nil
	}
	return login, err
}

// largestStartup is the size up to which a startup file is read; people's own have some kilobytes.
const largestStartup = 4 << 20

// LoginFile tells whether a bash that is a login shell, as each window of macOS's Terminal is one, gets to read
// ~/.bashrc: path is the first file that such a shell reads (~/.bash_profile where there is none yet), and reads whether
// it speaks of .bashrc.
func LoginFile(env paths.Env) (path string, reads bool, err error) {
	for _, name := range []string{".bash_profile", ".bash_login", ".profile"} {
		file, err := underHome(env, name)
		if err != nil {
			return "", false, err
		}
		if data, _, err := atomicfile.ReadRegular(file, largestStartup); err == nil { // bash, too, goes on to the next file when it can't read one
			return file, strings.Contains(string(data), ".bashrc"), nil
		}
	}
	home, err := underHome(env, ".bash_profile")
	return filepath.Clean(home), false, err
}
