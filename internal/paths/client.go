package paths

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// ErrClientNotFound says that no client was found on PATH.
var ErrClientNotFound = errors.New("cannot find Claude Code")

// ErrLoop says that a `claude-auth run` above this one has already started every client on PATH.
var ErrLoop = errors.New("the claude on PATH is a script that calls 'claude-auth run' in a loop")

// maxInside bounds how many runs may be nested.
const maxInside = 8

// FindClient returns the path of the client to start: $CLAUDE_AUTH_CLIENT, or the first executable called name on PATH.
//
// A `claude` on PATH may be the user's own script that calls `claude-auth run`. That run must not start the script
// again. So each run adds what it starts to $CLAUDE_AUTH_INSIDE, and FindClient skips what is listed there (as pyenv
// skips its own shims). The shell tool of a running client inherits the variable too, and there the listed client is
// the right one: CLAUDECODE tells the two cases apart.
//
// The error wraps ErrClientNotFound or ErrLoop.
func FindClient(env Env) (string, error) {
	inside := filepath.SplitList(env.Get(EnvInside))
	if len(inside) >= maxInside {
		return "", ErrLoop
	}
	candidates, err := clientCandidates(env)
	if err != nil {
		return "", err
	}
	for _, path := range candidates {
		if !containsFile(inside, path) {
			return path, nil
		}
	}
	if len(candidates) > 0 && env.Get(claude.EnvInside) != "" {
		return inside[len(inside)-1], nil
	}
	if len(candidates) > 0 {
		return "", ErrLoop
	}
	return "", fmt.Errorf("%w: there is no %s on PATH", ErrClientNotFound, claude.Program)
}

// reasonOf returns the reason in an *fs.PathError, for a text that names the file already.
func reasonOf(err error) error {
	if wrapped := (*fs.PathError)(nil); errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

func clientCandidates(env Env) ([]string, error) {
	if path := env.Get(EnvClient); path != "" {
		if err := executable(path); err != nil {
			return nil, fmt.Errorf("%w: %s names %s: %w", ErrClientNotFound, EnvClient, path, reasonOf(err))
		}
		return []string{path}, nil
	}
	var found []string
	for _, dir := range filepath.SplitList(env.Get("PATH")) {
		if !filepath.IsAbs(dir) { // a relative entry would run a program of the current directory
			continue
		}
		if path := filepath.Join(dir, claude.Program); executable(path) == nil {
			found = append(found, path)
		}
	}
	return found, nil
}

func executable(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() || info.Mode()&0o111 == 0 {
		return fs.ErrPermission
	}
	return nil
}

func containsFile(list []string, path string) bool {
	info, err := os.Stat(path)
	return err == nil && slices.ContainsFunc(list, func(other string) bool {
		otherInfo, err := os.Stat(other)
		return err == nil && os.SameFile(info, otherInfo)
	})
}

// Inside returns the environment for the client at path, which it adds to $CLAUDE_AUTH_INSIDE.
func (e Env) Inside(path string) Env {
	list := append(filepath.SplitList(e.Get(EnvInside)), path)
	return e.With(EnvInside, strings.Join(list, string(filepath.ListSeparator)))
}
