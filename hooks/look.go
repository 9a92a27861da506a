package hooks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/shell"
)

// Seen is what a new shell says once it has read its startup files.
type Seen struct {
	Loaded    bool   // the hook is loaded
	Displaced bool   // it is, but something else has the name of its function
	Path      string // PATH
	Completes string // __claude_auth_completes: see shell.Shell.Completes
}

// Finds reports whether the shell finds a claude-auth on its PATH.
func (s Seen) Finds() bool {
	return slices.ContainsFunc(filepath.SplitList(s.Path), func(dir string) bool {
		info, err := os.Stat(filepath.Join(dir, "claude-auth"))
		return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
	})
}

// ErrNoShell says that the shell is not installed.
var ErrNoShell = errors.New("is not installed")

// ErrNotAsked says that a shell was not started, because it would run another user's files as this user.
var ErrNotAsked = errors.New("was not started: the home directory belongs to another user")

// ErrNoLook says that the shell can't be asked.
var ErrNoLook = errors.New("reads its startup file only on a terminal")

// ErrNoEnv says that no program prints the environment of the shell.
var ErrNoEnv = errors.New("cannot be asked: there is no program env")

// ErrNoAnswer says that the shell has ended without an answer.
var ErrNoAnswer = errors.New("ended, or became another program, while it read its startup files")

// Look starts an interactive shell, as a new terminal would, and returns what it says. The shell has no terminal and no
// input, and it is killed when ctx ends. dir is a directory that its PATH does not have, unless its startup files add
// it; login starts a login shell.
//
// The error wraps ErrNoShell, ErrNotAsked, ErrNoLook, ErrNoEnv, ErrNoAnswer or ctx's error.
func Look(ctx context.Context, s *shell.Shell, env paths.Env, dir string, login bool) (Seen, error) {
	if s.NoLook {
		return Seen{}, fmt.Errorf("%s %w", s.Name, ErrNoLook)
	}
	// The prompt's function checks whether something has displaced the hook's.
	script := cmp.Or(s.Prompt, "type __claude_auth_prompt >/dev/null 2>&1 && __claude_auth_prompt") + "\n" +
		s.Completes + "\n" + printEnv
	args := []string{"-i", "-c", script}
	if login {
		args = append([]string{"-l"}, args...)
	}
	said, err := ask(ctx, s, newTerminal(env, dir), args...)
	if err != nil {
		return Seen{}, err
	}
	hook := said.Get("CLAUDE_AUTH_HOOK")
	return Seen{
		Loaded: strings.HasPrefix(hook, s.Name+":"), Displaced: strings.HasSuffix(hook, ":displaced"),
		Path: said.Get("PATH"), Completes: said.Get("__claude_auth_completes"),
	}, nil
}

// FindStartupFile is StartupFile for a shell that may have moved the file by a variable that it does not export, as zsh
// does with ZDOTDIR in ~/.zshenv: the shell is asked.
func FindStartupFile(ctx context.Context, s *shell.Shell, env paths.Env) (string, error) {
	if s.Ask != "" {
		ctx, cancel := context.WithTimeout(ctx, askLimit)
		defer cancel()
		// A shell that does not answer leaves what this environment says.
		if said, err := ask(ctx, s, newTerminal(env, ""), "-c", s.Ask+"; "+printEnv); err == nil {
			for _, place := range s.Startup {
				env = env.With(place.Var, said.Get(place.Var))
			}
		}
	}
	return StartupFile(s, env)
}

// askLimit bounds how long a shell without a person's startup file may take.
const askLimit = 3 * time.Second

// printEnv prints the environment, after a line that tells it from what startup files print. It is one command, because
// xonsh sets the title of the terminal before each. It has no variable, because xonsh replaces it between quotes too.
// A small system may have env in another place, or nowhere.
const (
	printEnv = "/bin/sh -c 'echo; echo " + envMark + "; " +
		"test -x /usr/bin/env && exec /usr/bin/env; test -x /bin/env && exec /bin/env; exec env'"
	envMark = "claude-auth:environment"
)

// ask runs the shell with args, which end in printEnv, and returns the environment that it prints.
func ask(ctx context.Context, s *shell.Shell, env paths.Env, args ...string) (paths.Env, error) {
	program, err := programOf(s, env)
	if err != nil {
		return paths.Env{}, fmt.Errorf("%s %w", s.Name, ErrNoShell)
	}
	home, err := os.Stat(env.Get("HOME"))
	if err != nil {
		return paths.Env{}, err
	}
	if owner := home.Sys().(*syscall.Stat_t).Uid; int(owner) != os.Geteuid() { // Stat_t: always, on Unix
		return paths.Env{}, fmt.Errorf("%s %w", s.Name, ErrNotAsked)
	}
	var out tail
	command := exec.CommandContext(ctx, program, args...)
	command.Env, command.Dir, command.Stdout = env.Environ(), env.Get("HOME"), &out
	// In a session of its own it has no terminal: it cannot read from this one, change it, or be stopped by it.
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = 500 * time.Millisecond // what it has started may keep the output open
	err = command.Run()
	if ctx.Err() != nil {
		return paths.Env{}, ctx.Err()
	}
	_, said, found := strings.Cut(string(out.data), "\n"+envMark+"\n")
	if !found {
		return paths.Env{}, errors.Join(fmt.Errorf("%s %w", s.Name, ErrNoAnswer), err)
	}
	if said == "" { // HOME is in every environment
		return paths.Env{}, fmt.Errorf("%s %w", s.Name, ErrNoEnv)
	}
	return paths.New(strings.Split(said, "\n")), nil
}

// programOf returns the path of the shell's program: the user's own, or the one on PATH.
func programOf(s *shell.Shell, env paths.Env) (string, error) {
	if own := env.Get("SHELL"); filepath.IsAbs(own) && filepath.Base(own) == s.Name {
		if info, err := os.Stat(own); err == nil && !info.IsDir() {
			return own, nil
		}
	}
	for _, dir := range filepath.SplitList(env.Get("PATH")) {
		path := filepath.Join(dir, s.Name)
		if info, err := os.Stat(path); filepath.IsAbs(dir) && err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fs.ErrNotExist
}

// newTerminal returns what a new terminal's shell finds in its environment. Whatever else is in env may be left from
// this shell: a mark that a startup file has been read, the hook's own variables, a credential. dir is not on its PATH.
func newTerminal(env paths.Env, dir string) paths.Env {
	var kept []string
	for _, pair := range env.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		switch {
		case name == "PATH":
			list := slices.DeleteFunc(filepath.SplitList(value), func(entry string) bool { return entry == dir })
			kept = append(kept, name+"="+strings.Join(list, string(filepath.ListSeparator)))
		case slices.Contains(terminalVariables, name), strings.HasPrefix(name, "LC_"), strings.HasPrefix(name, "XDG_"):
			kept = append(kept, pair)
		}
	}
	return paths.New(kept)
}

var terminalVariables = []string{
	"HOME", "USER", "LOGNAME", "SHELL", "TERM", "COLORTERM", "LANG", "LANGUAGE", "TZ", "TMPDIR", "ZDOTDIR", "DISPLAY",
	"WAYLAND_DISPLAY", "SSH_AUTH_SOCK", "SSH_CONNECTION", "BASH_COMPLETION_USER_DIR",
}

// tail keeps the end of what is written to it.
type tail struct{ data []byte }

// keptTail is larger than any environment.
const keptTail = 4 << 20

func (t *tail) Write(data []byte) (int, error) {
	t.data = append(t.data, data...)
	if len(t.data) > 2*keptTail {
		t.data = append([]byte(nil), t.data[len(t.data)-keptTail:]...)
	}
	return len(data), nil
}
