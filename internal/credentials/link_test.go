package credentials

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/claude-auth/claude-auth/internal/claude"
)

const (
	withoutLogin = `{"mcpOAuth":{"a":1},"other":2}`
	newLogin     = `{"mcpOAuth":{"a":1},"other":2,"claudeAiOauth":{"accessToken":"new","refreshToken":"new"}}`
)

// TestRelink: what is moved to where the link led, by what is there when the client has replaced the link.
func TestRelink(t *testing.T) {
	const changed = `{"mcpOAuth":{"a":2},"organizationUuid":"x","claudeAiOauth":{"accessToken":"","refreshToken":""}}`
	const merged = `{"mcpOAuth":{"a":2},"other":2,"claudeAiOauth":{"accessToken":"new","refreshToken":"new"}}`
	for name, c := range map[string]struct{ there, want string }{
		"as it was":              {withoutLogin, newLogin},
		"gone":                   {"", newLogin},
		"changed beside":         {changed, merged},
		"somebody has signed in": {`{"claudeAiOauth":{"accessToken":"theirs","refreshToken":"theirs"}}`, ""},
		"not a document":         {`{"mcpOAuth":`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newStore(t, "")
			shared := filepath.Join(filepath.Dir(f.Path), "shared.json")
			writeFile(t, shared, withoutLogin)
			link := linkTo(t, f, "shared.json")
			replaceLink(t, f, newLogin)
			if writeFile(t, shared, c.there); c.there == "" {
				_ = os.Remove(shared)
			}
			target, err := f.Relink(context.Background(), link)
			switch {
			case c.want == "" && (err == nil || linkText(f.Path) != "" || readText(t, shared) != c.there):
				t.Errorf("it was not left alone: %v", err)
			case c.want != "" && (err != nil || target != shared || linkText(f.Path) != "shared.json"):
				t.Errorf("it is not a link again: %q, %v", target, err)
			case c.want != "" && readText(t, shared) != c.want:
				t.Errorf("there is %s", readText(t, shared))
			case name == "somebody has signed in" && !errors.As(err, new(*NewerLoginError)):
				t.Errorf("%v", err)
			}
		})
	}
}

// TestRelinkNothing: a link that is still there, or nothing in its place, needs nothing.
func TestRelinkNothing(t *testing.T) {
	f := newStore(t, "")
	link := linkTo(t, f, "shared.json")
	for range 2 {
		if target, err := f.Relink(context.Background(), link); target != "" || err != nil {
			t.Errorf("%q, %v", target, err)
		}
		_ = os.Remove(f.Path)
	}
}

func linkTo(t *testing.T, f *FileStore, to string) *Link {
	t.Helper()
	if err := os.Symlink(to, f.Path); err != nil {
		t.Fatal(err)
	}
	return f.Link()
}

// replaceLink does what the client does.
func replaceLink(t *testing.T, f *FileStore, text string) {
	t.Helper()
	writeFile(t, f.Path+".tmp", text)
	if err := os.Rename(f.Path+".tmp", f.Path); err != nil {
		t.Fatal(err)
	}
}

// TestLocksWhereTheLinkLeads: a client that uses the file in its own directory has its lock there.
func TestLocksWhereTheLinkLeads(t *testing.T) {
	f, theirs := newStore(t, ""), newStore(t, newLogin)
	f.Wait = 0
	linkTo(t, f, theirs.Path)
	held := filepath.Join(filepath.Dir(theirs.Path), claude.StorageLock)
	if err := os.Mkdir(held, 0o700); err != nil {
		t.Fatal(err)
	}
	err := Update(context.Background(), f, set("other", "3"))
	if !errors.As(err, new(*LockedError)) || readText(t, theirs.Path) != newLogin {
		t.Errorf("%v", err)
	}
	if err := os.Remove(held); err != nil {
		t.Fatal(err)
	}
	if err := Update(context.Background(), f, set("other", "3")); err != nil || linkText(f.Path) == "" {
		t.Errorf("%v", err)
	}
	if names, _ := filepath.Glob(filepath.Join(filepath.Dir(theirs.Path), ".*")); len(names) != 1 {
		t.Errorf("there is %q", names)
	}
}
