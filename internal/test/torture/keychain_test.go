//go:build linux

package torture

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/standin"
	"github.com/claude-auth/claude-auth/internal/test/keychain"
)

// TestKeychainFaults makes each call of `security` fail in each way, as on macOS: by a status, by a lie, by a kill of
// it or of claude-auth. The client's own calls are left alone. A login is never lost, and the old one comes back.
func TestKeychainFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("not with -short")
	}
	beside(t)
	for _, s := range scenarios {
		if s.mounted || s.link != "" {
			continue
		}
		t.Run(s.name, func(t *testing.T) { tortureKeychain(t, &checker{scenario: s, h: newKeychainHome(t)}) })
	}
}

// tortureKeychain tries the faults of one scenario: all of them, or every fifth; a sign-in takes its time.
func tortureKeychain(t *testing.T, c *checker) {
	c.prepareKeychain(t)
	step := 5
	if c.signsIn {
		step = 29
	}
	tested := 0
	for n, what := range slices.Repeat(keychain.Faults, c.h.keychainCalls(t, c.args...)) {
		call := n/len(keychain.Faults) + 1
		if !full && n%step != call%step {
			continue
		}
		c.h.restore(t, "template")
		must(t, keychain.Fault{Call: call, What: what}.Set(c.h.keychain))
		r := c.h.tool(c.args...)
		must(t, keychain.Clear(c.h.keychain, ".fault"))
		tested++
		if wrong := c.checkKeychain(r); wrong != nil {
			t.Errorf("%s at call %d: %v\n%s", what, call, wrong, r)
		}
	}
	t.Logf("%d faults", tested)
}

// newKeychainHome is a home whose login is in the stand-in keychain.
func newKeychainHome(t *testing.T) *home {
	t.Helper()
	h := newHome(t, t.TempDir())
	h.keychain = filepath.Join(h.dir, ".keychain")
	tool := filepath.Join(programs, "security")
	h.env = append(h.env, keychain.EnvDir+"="+h.keychain, keychain.EnvTool+"="+tool, standin.EnvSecurity+"="+tool)
	must(t, os.MkdirAll(filepath.Dir(h.credentials()), 0o700))
	return h
}

func (c *checker) prepareKeychain(t *testing.T) {
	h := c.h
	c.old = h.fixture(t, c.fixture)
	c.runBefore(t)
	must(t, keychain.Clear(h.keychain, ".calls"))
	c.record(t)
}

// keychainCalls is how many calls of security a command makes.
func (h *home) keychainCalls(t *testing.T, args ...string) int {
	t.Helper()
	if r := h.tool(args...); r.status != 0 {
		t.Fatalf("without a fault: %s", r)
	}
	return keychain.Calls(h.keychain)
}

// checkKeychain says what is wrong after the command met a fault.
func (c *checker) checkKeychain(r result) error {
	if r.hung {
		return fmt.Errorf("it hung")
	}
	if err := told(r, point{}); err != nil {
		return err
	}
	after := read(c.h.credentials())
	known := func(document []byte) bool { return document != nil && bytes.Equal(after, document) }
	if !known(c.start) && !known(c.end) && !known(c.wiped) {
		if !c.signsIn {
			return fmt.Errorf("the document is neither the old one nor the new one: %d bytes", len(after))
		}
		if err := c.newLogin(after); err != nil {
			return err
		}
	}
	done := known(c.end) || c.signsIn && !known(c.start) && !known(c.wiped)
	if r.status == 0 && !done {
		return fmt.Errorf("it says that it is done, and it is not")
	}
	if s := c.h.tool("status"); s.status != 0 && s.status != 4 {
		return fmt.Errorf("status afterwards: %s", s)
	}
	if !c.signsIn || !done {
		again := c.h.tool(c.args...)
		if undone := c.args[0] == "undo" && known(c.old); again.status != 0 && !undone {
			return fmt.Errorf("the command again: %s", again)
		}
	}
	if _, err := os.Lstat(filepath.Join(c.h.config(), claude.CredentialsFile)); err == nil {
		return fmt.Errorf("the login is in the file too")
	}
	return c.bringBack()
}
