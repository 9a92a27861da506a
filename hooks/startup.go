package hooks

import (
	"path/filepath"
	"strings"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/shell"
)

// CurrentShell returns the user's shell: the one that started the program, whose process is called parent ("" when that
// is not known), else $SHELL. A parent that also runs scripts counts only when $SHELL has no hook. CurrentShell returns
// nil when neither has a hook.
func CurrentShell(env paths.Env, parent string) *shell.Shell {
	started, login := shell.ByName(parent), shell.ByName(env.Get("SHELL"))
	if started != nil && (login == nil || !started.RunsScripts) {
		return started
	}
	return login
}

// StartupFile is the file that an interactive shell reads for this user. The error is paths.ErrNoHome when env has no
// home directory.
func StartupFile(s *shell.Shell, env paths.Env) (string, error) {
	for _, place := range s.Startup {
		if dir := env.Get(place.Var); filepath.IsAbs(dir) {
			return filepath.Join(dir, place.Name), nil
		}
	}
	return "", paths.ErrNoHome
}

// maxStartup is the size, in bytes, above which a startup file is not edited.
const maxStartup = 4 << 20

// LoginFile returns the file that a login shell (in macOS's Terminal every window has one) reads instead of the startup
// file called startup. path is "" when the shell has no such file, or it reads the startup file in turn.
func LoginFile(s *shell.Shell, env paths.Env) (path, startup string, err error) {
	if len(s.LoginStartup) == 0 {
		return "", "", nil
	}
	home := env.Get("HOME")
	if !filepath.IsAbs(home) {
		return "", "", paths.ErrNoHome
	}
	path, startup = filepath.Join(home, s.LoginStartup[0]), s.Startup[0].Name
	for _, name := range s.LoginStartup {
		file := filepath.Join(home, name)
		data, _, err := atomicfile.ReadRegular(file, maxStartup)
		if err != nil {
			continue // bash, too, goes on to the next file when it can't read one
		}
		if path = file; strings.Contains(string(data), startup) {
			path = ""
		}
		break
	}
	return path, startup, nil
}
