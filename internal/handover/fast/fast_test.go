package fast_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The client's arguments, name and environment are what the whole program would give it, and that was never initialised.
func TestBecomesTheClient(t *testing.T) {
	dir := t.TempDir()
	program, client := filepath.Join(dir, "claude-auth"), filepath.Join(dir, "claude")
	build := exec.Command("go", "build", "-tags", "urfave_cli_no_docs", "-o", program, "./cmd/claude-auth")
	build.Dir = "../../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	script := "#!/bin/sh\nprintf '%s|' \"$0\" \"$@\" \"$A\" \"$CLAUDE_AUTH_INSIDE\"\nexit 7\n"
	if err := os.WriteFile(client, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, whole := range []bool{false, true} {
		args := []string{"run", "--", "mcp", "a b", ""}
		if whole {
			args = []string{"run", "--mode=ask", "--", "mcp", "a b", ""}
		}
		command := exec.Command(program, args...)
		command.Env = []string{"HOME=" + dir, "PATH=" + dir + ":/bin:/usr/bin", "A=1", "GODEBUG=inittrace=1"}
		var stderr bytes.Buffer
		command.Stderr = &stderr
		out, err := command.Output()
		if want := client + "|mcp|a b||1|" + client + "|"; string(out) != want || command.ProcessState.ExitCode() != 7 {
			t.Errorf("%q: got %q, %v; want %q", args, out, err, want)
		}
		for _, heavy := range []string{"init github.com/urfave/cli/v2 ", "init regexp "} {
			if strings.Contains(stderr.String(), heavy) != whole {
				t.Errorf("%q: %sis in the trace: %v", args, heavy, !whole)
			}
		}
	}
}
