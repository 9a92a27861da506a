package handover_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/claude-auth/claude-auth/internal/handover"
	"github.com/claude-auth/claude-auth/internal/paths"
)

func TestClient(t *testing.T) {
	claude := filepath.Join(t.TempDir(), "claude")
	if err := os.WriteFile(claude, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	env := paths.New([]string{"PATH=" + filepath.Dir(claude)})
	for _, test := range []struct {
		args []string
		env  paths.Env
		ok   bool
	}{
		{[]string{"run", "--", "--version"}, env, true},
		{[]string{"run", "--", "-h"}, env, true},
		{[]string{"run", "--", "mcp", "list"}, env, false},             // may renew the login
		{[]string{"run", "--", "--version", "--bg", "hi"}, env, false}, // renews it
		{[]string{"run", "--", "--bg"}, env, false},
		{[]string{"run", "--", "-p", "--version"}, env, false}, // plain too, as the whole program finds
		{[]string{"run", "--", "hello"}, env, false},
		{[]string{"run", "--"}, env, false},
		{[]string{"run", "--version"}, env, false}, // our own flag, if it were one
		{[]string{"run", "--mode", "off", "--", "--version"}, env, false},
		{[]string{"status", "--", "--version"}, env, false},
		{[]string{"run", "--", "--version"}, paths.New([]string{"PATH=/nonexistent"}), false},
		{[]string{"run", "--", "--version"}, env.Inside(claude), false}, // a loop
		{nil, env, false},
	} {
		client, rest, ok := handover.Client(append([]string{"claude-auth"}, test.args...), test.env)
		if ok != test.ok || ok && (client != claude || !slices.Equal(rest, test.args[2:])) {
			t.Errorf("%q: %s %q, %v", test.args, client, rest, ok)
		}
	}
}
