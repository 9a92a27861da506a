package testscripts

import (
	"errors"
	"fmt"
	"os"
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

// standin330 is the client of the scripts that do not look at its version.
var standin330 = flavour{version: "2.1.330"}

// TestMainJob runs the scripts of the main job with the stand-in and with both real clients. It is the first of the
// tests that run side by side because its scripts take the longest.
func TestMainJob(t *testing.T) {
	runWithEveryClient(t, func(t *testing.T, f flavour) { runDir(t, "both", f) })
}

// TestClient runs the scripts that say what the client does, with the stand-in and with the real client alike: where
// they differ the stand-in is wrong.
func TestClient(t *testing.T) {
	runWithEveryClient(t, func(t *testing.T, f flavour) { runDir(t, "client", f) })
}

func TestScripts(t *testing.T) {
	t.Parallel()
	runDir(t, ".", standin330)
}

// clientVersions are the versions that scripts run with: those of every test, and with TORTURE=full the newest too.
func clientVersions() []string {
	if os.Getenv("TORTURE") == "full" {
		return append(slices.Clone(realclient.Versions), realclient.Newest)
	}
	return realclient.Versions
}

// runWithEveryClient runs tests with the real clients and the stand-in, each as every version, all side by side.
func runWithEveryClient(t *testing.T, run func(*testing.T, flavour)) {
	t.Parallel()
	for _, version := range clientVersions() {
		t.Run("real-"+version, func(t *testing.T) {
			t.Parallel()
			run(t, flavour{version: version, binary: realBinary(t, version)})
		})
	}
	for _, version := range clientVersions() {
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
	find := realclient.Find
	if version == realclient.Newest { // not among what `make clients` installs
		find = func(version string) (string, error) { return realclient.Install(t.Context(), version) }
	}
	binary, err := find(version)
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
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			log := &leakLog{T: t}
			deadline, _ := t.Deadline()
			testscript.RunT(log, testscript.Params{
				Files: []string{file}, Setup: log.wrap(f.setup), Cmds: commands, Condition: f.condition,
				Deadline: deadline, RequireUniqueNames: true,
			})
		})
	}
}

// condition is true where the script runs with the client that it names, [standin] or [real], or with one of these
// versions, [client>=2.1.330] or [client<2.1.330], or as [root], or where something
// can be mounted, [mounts], or where the command modeless works, [modeless].
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
