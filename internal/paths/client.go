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
var ErrClientNotFound = errors.New("client not found")

// ErrLoop says that every client on PATH is one that a `claude-auth run` above this one has started already.
var ErrLoop = errors.New("the client on PATH is a script that calls claude-auth run in a circle")

// maxInside bounds how many runs may stand inside each other.
const maxInside = 8

// FindClient returns the path of the client to start: $CLAUDE_AUTH_CLIENT, or the first executable called name on PATH.
//
// A `claude` on PATH may be the user's own script that calls `claude-auth run`. The run that the script calls must not
// start the script again: so each run names what it starts in $CLAUDE_AUTH_INSIDE, and FindClient passes over what is
// named there (as pyenv and its like pass over their own shims). The shell tool of a running client inherits the
// variable too, and there the named client is the right one: CLAUDECODE tells the two apart.
//
// The error wraps ErrClientNotFound or ErrLoop.
func FindClient(env Env) (string, error) {
	inside := filepath.SplitList(env.Get(EnvInside))
	if len(inside) >= maxInside {
		return "", fmt.Errorf("find %s: %w", claude.Program, ErrLoop)
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
		return "", fmt.Errorf("find %s: %w", claude.Program, ErrLoop)
	}
	return "", fmt.Errorf("find %s on PATH: %w", claude.Program, ErrClientNotFound)
}

func clientCandidates(env Env) ([]string, error) {
	if path := env.Get(EnvClient); path != "" {
		if err := executable(path); err != nil {
			return nil, fmt.Errorf("find the client %s (%s): %w: %w", path, EnvClient, ErrClientNotFound, err)
		}
		return []string{path}, nil
	}
	var found []string
	for _, dir := range filepath.SplitList(env.Get("PATH")) {
		if !filepath.IsAbs(dir) { // a relative entry would run whatever the current directory holds
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

// Inside returns env for a child that is the client at path: with path added to $CLAUDE_AUTH_INSIDE.
func (e Env) Inside(path string) Env {
	list := append(filepath.SplitList(e.Get(EnvInside)), path)
	return e.With(EnvInside, strings.Join(list, string(filepath.ListSeparator)))
}
