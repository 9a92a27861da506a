package guard

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// newSiteGuard is a guard whose renewer works in a copy.
func newSiteGuard(t *testing.T, text string) (*Guard, string) {
	t.Helper()
	if runtime.GOOS == "darwin" {
		t.Skip("there the renewer works in place")
	}
	g, file := newGuard(t, text)
	g.Paths.StateDir = t.TempDir()
	key := secret.Key(strings.Repeat("k", 32))
	g.Ledger = ledger.New(filepath.Join(g.Paths.StateDir, "ledger.jsonl"), key, g.Now)
	return g, file
}

// open copies the login, with an access token that is over, and leaves the file as it is, under the client's locks of a
// renewal; a write of something else can go on.
func TestOpenCopiesTheLogin(t *testing.T) {
	text := document(at(time.Hour) + scopes)
	g, file := newSiteGuard(t, text)
	s, result := g.open(context.Background(), loginOf(t, text))
	if result.Outcome != "" {
		t.Fatalf("%+v", result)
	}
	if read(t, file) != text {
		t.Errorf("the file has changed: %s", read(t, file))
	}
	copied := loginOf(t, read(t, s.Paths.Credentials))
	if !copied.ExpiresAt.Before(now) || !copied.AccessToken.Equal(loginOf(t, text).AccessToken) {
		t.Errorf("the copy is %s", read(t, s.Paths.Credentials))
	}
	if held := len(lock.Client(g.Paths.StorageDir).Refresh().Holders()); held != 2 {
		t.Errorf("%d locks of a renewal are held, want 2", held)
	}
	if held := len(lock.Client(g.Paths.StorageDir).Storage().Holders()); held != 0 {
		t.Error("the lock of a write is held")
	}
	g.clear(context.Background(), s, loginOf(t, text))
	s.close()
	if held := len(lock.Client(g.Paths.StorageDir).Holders()); held != 0 {
		t.Errorf("%d locks are left", held)
	}
	if _, err := os.Stat(g.allSites()); err == nil {
		t.Error("the copy is left")
	}
}

func TestOpenTakesWhatAnotherHasRenewed(t *testing.T) {
	text := document(at(time.Hour) + scopes)
	g, _ := newSiteGuard(t, text)
	before := loginOf(t, strings.Replace(text, "FIXTURE-a", "FIXTURE-before", 1))
	if _, result := g.open(context.Background(), before); result.Outcome != Renewed {
		t.Errorf("%+v", result)
	}
}

// What a keeper has renewed and could not move into the file is moved by the next one, and nothing else is changed.
func TestRescue(t *testing.T) {
	text := document(at(-time.Hour) + scopes)
	for name, test := range map[string]struct {
		left  string // in the copy
		found string // of the access token, afterwards
	}{
		"renewed":     {strings.ReplaceAll(document(at(time.Hour)+scopes), "FIXTURE-", "FIXTURE-new-"), "FIXTURE-new-a"},
		"not renewed": {text, "FIXTURE-a"},
		"emptied":     {strings.ReplaceAll(text, "sk-ant-oat01-FIXTURE-a", ""), "FIXTURE-a"},
		"torn":        {`{"claudeAiOauth":`, "FIXTURE-a"},
	} {
		g, file := newSiteGuard(t, text)
		login := loginOf(t, text)
		s := g.privateSite(login)
		if err := os.MkdirAll(s.Paths.StorageDir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(s.Paths.Credentials, []byte(test.left), 0o600); err != nil {
			t.Fatal(err)
		}
		snapshot, err := g.Store.Read(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		now := g.rescue(context.Background(), snapshot)
		if got := read(t, file); !strings.Contains(got, test.found) || !strings.Contains(got, `"mcpOAuth":{"s":{"n":1e2}}`) {
			t.Errorf("%s: the file has %s", name, got)
		}
		if string(now.Data) != read(t, file) {
			t.Errorf("%s: it goes on with %s", name, now.Data)
		}
		if held := len(lock.Client(g.Paths.StorageDir).Holders()); held != 0 {
			t.Errorf("%s: %d locks are left", name, held)
		}
	}
}

// A person who has signed in meanwhile keeps the new login.
func TestAdoptLeavesANewSignIn(t *testing.T) {
	text := document(at(time.Hour) + scopes)
	g, file := newSiteGuard(t, text)
	before := loginOf(t, text)
	s, result := g.open(context.Background(), before)
	if result.Outcome != "" {
		t.Fatalf("%+v", result)
	}
	defer s.close()
	signedIn := strings.ReplaceAll(text, "FIXTURE-", "FIXTURE-signed-in-")
	renewed := strings.ReplaceAll(text, "FIXTURE-", "FIXTURE-new-")
	for path, content := range map[string]string{file: signedIn, s.Paths.Credentials: renewed} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := g.adopt(context.Background(), s, before); err != nil {
		t.Error(err)
	}
	if read(t, file) != signedIn {
		t.Errorf("the file has %s", read(t, file))
	}
}
