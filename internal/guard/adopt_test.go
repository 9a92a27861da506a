package guard

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/flock"
)

// leave writes a login into a site, as a renewer does.
func leave(t *testing.T, s *site, text string) {
	t.Helper()
	if err := os.MkdirAll(s.Paths.StorageDir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.Paths.Credentials, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func renewedText(text string) string { return strings.ReplaceAll(text, "FIXTURE-", "FIXTURE-new-") }

// The renewer of a keeper that was killed may store its tokens when the next keeper has looked for them already.
func TestOpenFindsWhatAKilledKeeperHasRenewed(t *testing.T) {
	text := document(at(-time.Hour) + scopes)
	g, file := newSiteGuard(t, text)
	leave(t, g.privateSite(loginOf(t, text)), renewedText(document(at(time.Hour)+scopes)))
	_, result := g.open(context.Background(), loginOf(t, text))
	if result.Outcome != Renewed || !result.ExpiresAt.After(now) {
		t.Errorf("%+v", result)
	}
	if got := read(t, file); !strings.Contains(got, "FIXTURE-new-a") {
		t.Errorf("the file has %s", got)
	}
	if _, err := os.Stat(g.allSites()); err == nil {
		t.Error("the copy is left")
	}
}

// Tokens that come when the guard has given the renewal up are moved all the same, before a client gets the lock.
func TestClearMovesLateTokens(t *testing.T) {
	text := document(at(-time.Hour) + scopes)
	g, file := newSiteGuard(t, text)
	s, result := g.open(context.Background(), loginOf(t, text))
	if result.Outcome != "" {
		t.Fatalf("%+v", result)
	}
	defer s.close()
	leave(t, s, renewedText(document(at(time.Hour)+scopes)))
	g.clear(context.Background(), s, loginOf(t, text))
	if got := read(t, file); !strings.Contains(got, "FIXTURE-new-a") {
		t.Errorf("the file has %s", got)
	}
	if _, err := os.Stat(g.allSites()); err == nil {
		t.Error("the copy is left")
	}
}

// Two credentials files can have one state directory. What is renewed and not moved for one stays when the other is
// renewed.
func TestClearLeavesTheSitesOfOtherFiles(t *testing.T) {
	text := document(at(-time.Hour) + scopes)
	g, file := newSiteGuard(t, text)
	other, _ := newSiteGuard(t, text)
	g.Paths.StateDir, g.Ledger = other.Paths.StateDir, other.Ledger
	leave(t, g.privateSite(loginOf(t, text)), renewedText(document(at(time.Hour)+scopes)))
	s, result := other.open(context.Background(), loginOf(t, text))
	if result.Outcome != "" {
		t.Fatalf("%+v", result)
	}
	other.clear(context.Background(), s, loginOf(t, text))
	s.close()
	g.Rescue(context.Background(), nil)
	if got := read(t, file); !strings.Contains(got, "FIXTURE-new-a") {
		t.Errorf("the file has %s", got)
	}
}

// A keeper that is killed right after it has moved the new tokens leaves its copy.
func TestRescueRemovesWhatIsAdopted(t *testing.T) {
	text := document(at(-time.Hour) + scopes)
	g, file := newSiteGuard(t, text)
	leave(t, g.privateSite(loginOf(t, text)), renewedText(text))
	if err := os.WriteFile(file, []byte(renewedText(text)), 0o600); err != nil {
		t.Fatal(err)
	}
	g.Rescue(context.Background(), nil)
	if _, err := os.Stat(g.allSites()); err == nil {
		t.Error("the copy is left")
	}
	leave(t, g.privateSite(loginOf(t, renewedText(text))), renewedText(text)) // one that is not renewed yet
	g.Rescue(context.Background(), nil)
	if _, err := os.Stat(g.allSites()); err != nil {
		t.Error("the copy of a renewer that may be at work is gone")
	}
}

// While a keeper works its site is its own.
func TestRescueLeavesAKeeperAlone(t *testing.T) {
	text := document(at(-time.Hour) + scopes)
	g, file := newSiteGuard(t, text)
	leave(t, g.privateSite(loginOf(t, text)), renewedText(document(at(time.Hour)+scopes)))
	release, err := flock.Acquire(context.Background(), g.Paths.RenewLock(), nil)
	if err != nil {
		t.Fatal(err)
	}
	g.Rescue(context.Background(), nil)
	if read(t, file) != text {
		t.Errorf("the file has %s", read(t, file))
	}
	waited := false
	g.Rescue(context.Background(), func(flock.Holder) { waited = true; release() })
	if got := read(t, file); !waited || !strings.Contains(got, "FIXTURE-new-a") {
		t.Errorf("waited: %v; the file has %s", waited, got)
	}
}

// Where no copy can be made, the client may renew by itself.
func TestOpenWithoutRoomForACopy(t *testing.T) {
	text := document(at(-time.Hour) + scopes)
	g, _ := newSiteGuard(t, text)
	if err := os.WriteFile(g.allSites(), nil, 0o600); err != nil { // in the place of the directory
		t.Fatal(err)
	}
	if _, result := g.open(context.Background(), loginOf(t, text)); result.Outcome != Failed {
		t.Errorf("%+v", result)
	}
}
