//go:build linux

package torture

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// full is whether everything is to be tried, not a bounded part.
var full = os.Getenv("TORTURE") == "full"

// beside lets a long test of an ordinary run go on beside the others, whose waits it fills. With everything to be tried
// each has the machine to itself.
func beside(t *testing.T) {
	if !full {
		t.Parallel()
	}
}

// programs is the directory of claude-auth, the stand-in client `claude`, and fake-browser, built for this run: what is
// tortured is the program as it is shipped.
var programs string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "torture-")
	if err == nil {
		defer os.RemoveAll(dir)
		err = os.Chmod(dir, 0o755) // some tests run the programs as another user
	}
	if err == nil {
		programs = filepath.Join(dir, "bin")
		err = build(programs)
	}
	temporaries := filepath.Join(dir, "tmp")
	if err == nil {
		err = errors.Join(os.Mkdir(temporaries, 0o755), os.Setenv("TMPDIR", temporaries), adopt())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		return 1
	}
	// Half of the long tests wait for most of their time: for locks, for tokens to end.
	if err := flag.Set("test.parallel", "4"); err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		return 1
	}
	status := m.Run()
	fmt.Print(tried.String())
	if err := left(temporaries); err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		status = 1
	} else {
		fmt.Println("no process and no temporary is left")
	}
	return status
}

const module = "github.com/claude-auth/claude-auth/"

func build(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for name, pkg := range map[string]string{
		"claude-auth": "cmd/claude-auth", "claude": "internal/test/harness/cmd/standin",
		"fake-browser": "internal/test/anthropic/cmd/fake-browser",
		"fault":        "internal/test/torture/fault",
		"security":     "internal/test/keychain/cmd/security",

		"keychain/claude-auth": "internal/test/keychain/cmd/claude-auth",
	} {
		if name == "fault" && runtime.GOARCH != "amd64" {
			continue
		}
		out, err := exec.Command("go", "build", "-tags", "urfave_cli_no_docs", "-o", filepath.Join(dir, name),
			module+pkg).CombinedOutput()
		if err != nil {
			return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
		}
	}
	return nil
}
