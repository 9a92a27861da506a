package schedule

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/paths"
)

// hard are names that a scheduler's file, or the shell behind it, reads as something else when they are not quoted.
var hard = []string{
	"plain", "two words", "per%cent %h", `back\slash\n`, `double"quote`, "single'quote", "$HOME ${x}", "semi;colon #&|",
	"<tag>&amp;", "ünï", "a=b",
}

// world is a home with a client, and a directory at the head of PATH for the programs of a test.
func world(t *testing.T) (home, bin string, env paths.Env, p paths.Paths) {
	t.Helper()
	root := t.TempDir()
	home, bin = filepath.Join(root, "home"), filepath.Join(root, "bin")
	script(t, filepath.Join(bin, "claude"), "")
	if err := os.MkdirAll(home, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	t.Setenv("TRIAL", root)
	env = paths.New([]string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TRIAL=" + root})
	p, err := paths.Resolve(env, "")
	if err != nil {
		t.Fatal(err)
	}
	return home, bin, env, p
}

// script writes a program for sh.
func script(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// carry makes a plan and carries it out. It returns the number of its steps.
func carry(t *testing.T, s *Schedule, plan func(context.Context) (Plan, error)) int {
	t.Helper()
	made, err := plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Carry(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	return len(made.Steps)
}

func turnOn(job Job, s *Schedule) func(context.Context) (Plan, error) {
	return func(ctx context.Context) (Plan, error) { return s.PlanOn(ctx, job) }
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// clock is a time that stands still.
func clock(text string) func() time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return func() time.Time { return at }
}

// environment returns the variables of a job by name.
func environment(job Job) map[string]string {
	values := map[string]string{}
	for _, pair := range job.Env {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	return values
}
