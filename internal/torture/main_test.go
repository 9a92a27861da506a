//go:build linux

package torture

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// full is whether everything is to be tried, not a bounded part.
var full = os.Getenv("TORTURE") == "full"

// programs is the directory of claude-auth, the stand-in client `claude`, and fake-browser, built for this run: what is
// tortured is the program as it is shipped.
var programs string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "claude-auth-torture-")
	if err == nil {
		defer os.RemoveAll(dir)
		err = os.Chmod(dir, 0o755) // some tests run the programs as another user
	}
	if err == nil {
		programs = filepath.Join(dir, "bin")
		err = build(programs)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		return 1
	}
	status := m.Run()
	fmt.Print(tried.String())
	return status
}

const module = "github.com/claude-auth/claude-auth/"

func build(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for name, pkg := range map[string]string{
		"claude-auth": "cmd/claude-auth", "claude": "internal/realclient/cmd/standin", "fake-browser": "internal/realclient/cmd/fake-browser",
	} {
		out, err := exec.Command("go", "build", "-tags", "urfave_cli_no_docs", "-o", filepath.Join(dir, name), module+pkg).CombinedOutput()
		if err != nil {
			return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
		}
	}
	return nil
}
