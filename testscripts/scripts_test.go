package testscripts

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/test/modeless"
	"github.com/claude-auth/claude-auth/internal/test/realclient"
	"github.com/claude-auth/claude-auth/internal/test/tools"
)

// newest is the client of the scripts that do not look at its version.
var newest = flavour{version: claude.Newest.String()}

// TestMainJob runs the scripts of the main job with the stand-in and with the real clients. It is the first of the
// tests that run side by side because its scripts take the longest.
func TestMainJob(t *testing.T) {
	runWithEveryClient(t, wholly(), wholly(), func(t *testing.T, f flavour) { runDir(t, "both", f) })
}

// TestClient runs the scripts that say what the client does, with the stand-in and with the real client alike: where
// they differ the stand-in is wrong.
func TestClient(t *testing.T) {
	runWithEveryClient(t, wholly(), wholly(), func(t *testing.T, f flavour) { runDir(t, "client", f) })
}

// wholly lists the clients that all those scripts run with: the newest, because each takes many minutes; with
// TORTURE=full all.
func wholly() []string {
	all := realclient.Watched()
	if os.Getenv(realclient.EnvClients) != "" || os.Getenv("TORTURE") == "full" {
		return all
	}
	return all[len(all)-1:]
}

// The scripts that the other clients run too: of what claude-auth acts on, of what differs between versions, and the
// ones that earlier versions failed.
var (
	actedOn = []string{
		"interactive", "locks-stale", "login", "login-storage-locked", "mcp-serve-renews", "print-refused-grant",
		"renewal-refused-log", "renewer", "renews",
	}
	older = []string{
		"background", "console-login", "conversation", "interrupted", "known-dead", "main-job", "not-stored",
		"output-lost", "panel", "pipeline", "plugin", "plugin-session", "refresh-token-variable", "running", "session",
		"ten-at-once", "two-steps", "worktree-repeat",
	}
)

// TestOlderClients runs some of the scripts with each client that the others leave out. With the oldest, that is what
// claude-auth acts on.
func TestOlderClients(t *testing.T) {
	oldest := realclient.Versions()[0]
	var others []string
	for _, version := range realclient.Versions() {
		if !slices.Contains(wholly(), version) {
			others = append(others, version)
		}
	}
	if len(others) == 0 {
		t.Skip("every script runs with them")
	}
	runWithEveryClient(t, others, others, func(t *testing.T, f flavour) {
		runScripts(t, "client", f, actedOn...)
		if f.version != oldest {
			runScripts(t, "both", f, older...)
		}
	})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	runDir(t, ".", newest)
}

// TestKeychain runs the same scripts with the login in a keychain, as on macOS: in the stand-in for it.
func TestKeychain(t *testing.T) {
	t.Parallel()
	runDir(t, ".", flavour{version: newest.version, keychain: true})
}

// TestFleet asks the programs that a fleet runs about the alert rules.
func TestFleet(t *testing.T) {
	for _, tool := range []string{"prometheus", "prometheus-node-exporter", "curl", "jq"} {
		if _, err := exec.LookPath(tool); err != nil || os.Getenv("TORTURE") != "full" {
			t.Skipf("only with TORTURE=full, and where %s is: the Debian package of that name", tool)
		}
	}
	runDir(t, "fleet", newest)
}

// runWithEveryClient runs tests with these real clients and with the stand-in as these versions, all side by side.
func runWithEveryClient(t *testing.T, clients, versions []string, run func(*testing.T, flavour)) {
	t.Parallel()
	for _, version := range clients {
		t.Run("real-"+version, func(t *testing.T) {
			t.Parallel()
			run(t, flavour{version: version, binary: realBinary(t, version)})
		})
	}
	for _, version := range versions {
		f := flavour{version: version}
		t.Run(f.String(), func(t *testing.T) {
			t.Parallel()
			run(t, f)
		})
	}
}

// realBinary is the real client of that version; without it the test is skipped, or fails with CI set.
func realBinary(t *testing.T, version string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("the real client takes its time: not with -short")
	}
	binary, err := realclient.Find(version)
	if errors.Is(err, os.ErrNotExist) {
		tools.Missing(t, "client "+version+" (make clients)")
	}
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// runDir runs the scripts in dir with one client.
func runDir(t *testing.T, dir string, f flavour) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no scripts in %s", dir)
	}
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".txtar"))
	}
	runScripts(t, dir, f, names...)
}

// runScripts runs these scripts in dir with one client.
func runScripts(t *testing.T, dir string, f flavour, names ...string) {
	for _, name := range names {
		file := filepath.Join(dir, name+".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := &leakLog{T: t}
			deadline, _ := t.Deadline()
			testscript.RunT(log, testscript.Params{
				Files: []string{file}, Setup: log.wrap(f.setup), Cmds: commands, Condition: f.condition,
				Deadline: deadline, RequireUniqueNames: true,
				// All that a client does differently, not the first difference.
				ContinueOnError: os.Getenv(realclient.EnvClients) != "",
			})
		})
	}
}

// condition is true where the script runs with the client that it names, [standin] or [real], or with one of these
// versions, [client>=2.1.330] or [client<2.1.330], or as [root], or where something
// can be mounted, [mounts], or where a container can be made, [containers], or where the command modeless works,
// [modeless], or with the login in a [keychain].
func (f flavour) condition(name string) (bool, error) {
	switch name {
	case "standin":
		return f.binary == "", nil
	case "real":
		return f.binary != "", nil
	case "root":
		return os.Geteuid() == 0, nil
	case "mounts":
		return tools.CanMount(), nil
	case "containers":
		return tools.CanContain(), nil
	case "keychain":
		return f.keychain, nil
	case "modeless":
		return modeless.Available() == nil, nil
	}
	return f.hasVersion(name)
}

// hasVersion reads the conditions client>=VERSION and client<VERSION.
func (f flavour) hasVersion(name string) (bool, error) {
	text, since := strings.CutPrefix(name, "client>=")
	if !since {
		var before bool
		if text, before = strings.CutPrefix(name, "client<"); !before {
			return false, errors.New("unknown condition")
		}
	}
	bound, ok := claude.ParseVersion(text)
	own, okay := claude.ParseVersion(f.version)
	if !ok || !okay {
		return false, fmt.Errorf("no version in %q or %q", name, f.version)
	}
	return since == (own >= bound), nil
}
