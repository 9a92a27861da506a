// Package realclient installs the real client from npm, once for each version, and finds it. Use it when a test runs
// the real client.
package realclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// EnvClients names the clients of a run, separated by spaces, in the place of claude.Tested: versions that need not be
// in the program.
const EnvClients = "CLAUDE_AUTH_TEST_CLIENT"

// Versions lists the clients that the tests know facts about: all of claude.Tested, or what EnvClients names.
func Versions() []string {
	if asked := strings.Fields(os.Getenv(EnvClients)); len(asked) > 0 {
		return asked
	}
	var names []string
	for _, version := range claude.Tested {
		names = append(names, version.String())
	}
	return names
}

// Watched lists the clients that claude-auth itself is tested with: Versions, of which only TORTURE=full has the
// oldest, because each of them takes minutes.
func Watched() []string {
	versions := Versions()
	if os.Getenv(EnvClients) == "" && os.Getenv("TORTURE") != "full" {
		versions = versions[1:]
	}
	return versions
}

const npmPackage = "@anthropic-ai/claude-code"

// ErrNoNPM says that npm is not installed.
var ErrNoNPM = errors.New("npm is not installed: the tests against the real client need it")

// CacheDir is where the clients are kept between runs: $XDG_CACHE_HOME or ~/.cache, claude-auth-test/clients.
func CacheDir() (string, error) {
	dir := os.Getenv("XDG_CACHE_HOME")
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the cache for the clients: %w", err)
		}
		dir = filepath.Join(home, ".cache")
	}
	return filepath.Join(dir, "claude-auth-test", "clients"), nil
}

// Find returns the client of that version. The error wraps os.ErrNotExist when it is not installed.
func Find(version string) (string, error) {
	dir, err := CacheDir()
	if err != nil {
		return "", err
	}
	return findIn(filepath.Join(dir, version))
}

// findIn looks for the client below dir, which npm has filled: the platform's binary, or the script for node that older
// versions are.
func findIn(dir string) (string, error) {
	modules := filepath.Join(dir, "node_modules")
	for _, pattern := range []string{
		filepath.Join(modules, npmPackage+"-*", "claude"), filepath.Join(modules, npmPackage, "cli.js"),
	} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return found[0], nil
		}
	}
	return "", fmt.Errorf("the client in %s: %w", dir, os.ErrNotExist)
}

// Latest asks npm for the newest version of the client.
func Latest(ctx context.Context) (string, error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", ErrNoNPM
	}
	out, err := exec.CommandContext(ctx, npm, "view", npmPackage, "version").Output()
	if err != nil {
		return "", fmt.Errorf("ask npm for the newest client (is the registry reachable?): %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// Install returns the client of that version, and first installs it with npm where it is not installed. Processes that
// install at the same time wait for one another. npm uses the user's configuration, because ~/.npmrc may name a
// registry.
func Install(ctx context.Context, version string) (string, error) {
	dir, err := CacheDir()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the cache for the clients: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, version+".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return "", fmt.Errorf("lock the cache for the clients: %w", err)
	}
	defer lock.Close() // which unlocks
	for err = unix.EINTR; errors.Is(err, unix.EINTR); {
		err = unix.Flock(int(lock.Fd()), unix.LOCK_EX)
	}
	if err != nil {
		return "", fmt.Errorf("lock the cache for the clients %s: %w", lock.Name(), err)
	}
	target := filepath.Join(dir, version)
	if path, err := findIn(target); err == nil {
		return path, nil
	}
	if err := npmInstall(ctx, target, version); err != nil {
		return "", err
	}
	return findIn(target)
}

// npmInstall installs beside target and renames, so target is always complete.
func npmInstall(ctx context.Context, target, version string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return fmt.Errorf("install the client %s: %w", version, ErrNoNPM)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(target), version+".tmp-")
	if err != nil {
		return fmt.Errorf("install the client %s: %w", version, err)
	}
	defer os.RemoveAll(tmp)
	// The package's scripts only link the binary, which the tests start by its own path.
	command := exec.CommandContext(ctx, npm, "install", "--prefix", tmp, "--ignore-scripts", "--no-audit", "--no-fund",
		"--loglevel=error", npmPackage+"@"+version)
	command.Dir = tmp
	command.Env = withoutClient(os.Environ())
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	if err := command.Run(); err != nil {
		return fmt.Errorf("install the client %s with npm (is the registry reachable?): %w\n%s", version, err, output.Bytes())
	}
	if _, err := findIn(tmp); err != nil {
		return fmt.Errorf("npm brought no client %s for this platform: %w", version, err)
	}
	if err := os.RemoveAll(target); err != nil { // what an older layout, or a person, has left there
		return fmt.Errorf("install the client %s: %w", version, err)
	}
	if err := os.Rename(tmp, target); err != nil {
		return fmt.Errorf("install the client %s: %w", version, err)
	}
	return nil
}

// withoutClient takes the client's own variables out of an environment.
func withoutClient(environ []string) []string {
	var kept []string
	for _, pair := range environ {
		if !strings.HasPrefix(pair, "CLAUDE") && !strings.HasPrefix(pair, "ANTHROPIC") {
			kept = append(kept, pair)
		}
	}
	return kept
}
