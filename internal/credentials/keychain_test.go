package credentials

import (
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// fakeSecurity is macOS's tool as far as it is used: an item in a file, its arguments in a log, its failures on demand.
const fakeSecurity = `#!/bin/sh
dir=$(dirname "$0")
echo "$*" >>"$dir/log"
[ -e "$dir/hang" ] && exec sleep 60
[ -e "$dir/fail" ] && exit "$(cat "$dir/fail")"
case $1 in
find-generic-password)
	[ -e "$dir/item" ] || exit 44
	if LC_ALL=C tr -d '\n' <"$dir/item" | LC_ALL=C grep -q '[^ -~]' || [ "$(wc -l <"$dir/item")" -gt 0 ]; then
		od -An -v -tx1 <"$dir/item" | tr -d ' \n'
		echo
	else
		cat "$dir/item"
		echo
	fi ;;
-i)
	dd bs=4096 count=1 2>/dev/null >"$dir/line"
	[ -e "$dir/forget" ] && exit 0
	sed 's/.*-X "\([0-9a-f]*\)".*/\1/' "$dir/line" | xxd -r -p >"$dir/item" ;;
delete-generic-password) rm "$dir/item" || exit 44 ;;
esac
`

func newKeychain(t *testing.T) (*KeychainStore, string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "security"), []byte(strings.ReplaceAll(fakeSecurity, "xxd -r -p",
		unhex(t, dir))), 0o700); err != nil {
		t.Fatal(err)
	}
	f := newStore(t, "")
	env := paths.New([]string{"PATH=" + os.Getenv("PATH"), "USER=somebody"})
	k := NewKeychainStore(env, f)
	k.Tool = filepath.Join(dir, "security")
	return k, dir
}

// unhex is a shell script that decodes hexadecimal digits, for machines without xxd.
func unhex(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "unhex")
	script := `#!/bin/sh
read -r digits
while [ -n "$digits" ]; do
	rest=${digits#??}
	printf "\\$(printf %03o "0x${digits%"$rest"}")"
	digits=$rest
done
`
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func item(t *testing.T, dir, text string) {
	t.Helper()
	writeFile(t, filepath.Join(dir, "item"), text)
}

func TestKeychainNames(t *testing.T) {
	for _, test := range []struct {
		env              []string
		service, account string
	}{
		{[]string{"USER=me"}, "Claude Code-credentials", "me"},
		// printf /other | sha256sum
		{[]string{"USER=me", "CLAUDE_CONFIG_DIR=/other"}, "Claude Code-credentials-bf2faee2", "me"},
		{[]string{"USER=me", "CLAUDE_CONFIG_DIR="}, "Claude Code-credentials", "me"},
		{[]string{"USER=me", "CLAUDE_CONFIG_DIR=/x", "CLAUDE_SECURESTORAGE_CONFIG_DIR=/other"},
			"Claude Code-credentials-bf2faee2", "me"},
		{[]string{"USER=me", "CLAUDE_CONFIG_DIR=/x", "CLAUDE_SECURESTORAGE_CONFIG_DIR="}, "Claude Code-credentials", "me"},
		{[]string{`USER=a"b`}, "Claude Code-credentials", "claude-code-user"},
		{nil, "Claude Code-credentials", "claude-code-user"},
	} {
		k := NewKeychainStore(paths.New(test.env), nil)
		if k.Service != test.service || k.Account != test.account || k.Tool != "/usr/bin/security" {
			t.Errorf("the item in %q is %q of %q", test.env, k.Service, k.Account)
		}
	}
}

func TestKeychainRead(t *testing.T) {
	for _, text := range []string{loginText(access, refresh, noon, ""), "{\n\"a\": \"ä\"}", `{}`} {
		k, dir := newKeychain(t)
		item(t, dir, text)
		s, err := k.Read(t.Context())
		if err != nil || !s.Exists || string(s.Data) != text || s.Doc == nil {
			t.Errorf("Read of %q = %q, %v, %v", text, s.Data, s.Err, err)
		}
	}
	k, _ := newKeychain(t)
	if s, err := k.Read(t.Context()); err != nil || s.Exists || s.State(noon, History{}) != Absent {
		t.Errorf("Read of nothing = %+v, %v", s, err)
	}
	writeFile(t, k.File.Path, `{"a":1}`)
	if s, err := k.Read(t.Context()); err != nil || s.Path != k.File.Path || string(s.Data) != `{"a":1}` {
		t.Errorf("Read of the fallback = %+v, %v", s, err)
	}
}

func TestKeychainUpdate(t *testing.T) {
	k, dir := newKeychain(t)
	text := loginText(access, refresh, noon, `,"name":"ä"`)
	item(t, dir, text)
	err := Update(t.Context(), k, func(s Snapshot) (*Document, error) {
		d, _, err := s.Doc.WithoutAccount()
		return d, err
	})
	if want := `{"mcpOAuth":{"s|1":{"accessToken":"FIXTURE-mcp"}}}`; err != nil ||
		readText(t, filepath.Join(dir, "item")) != want {
		t.Errorf("Update = %v, the item is %q", err, readText(t, filepath.Join(dir, "item")))
	}
	if err := k.Replace(t.Context(), func(Snapshot) ([]byte, error) { return []byte(text), nil }); err != nil ||
		readText(t, filepath.Join(dir, "item")) != text {
		t.Errorf("Replace = %v", err)
	}
	log := readText(t, filepath.Join(dir, "log"))
	if strings.Contains(log, "FIXTURE") || strings.Contains(log, hex.EncodeToString([]byte("FIXTURE"))) ||
		!strings.Contains(log, "-a somebody") {
		t.Errorf("arguments: %s", log)
	}
	if _, err := os.Stat(k.File.Path); err == nil {
		t.Error("the credentials were written into the file too")
	}
	if err := k.Replace(t.Context(), func(Snapshot) ([]byte, error) { return nil, nil }); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "item")); err == nil {
		t.Error("the item is still there")
	}
}

func TestKeychainUpdateOfTheFallback(t *testing.T) {
	k, dir := newKeychain(t)
	writeFile(t, k.File.Path, `{"a":1}`)
	if err := Update(t.Context(), k, set("a", "2")); err != nil || readText(t, k.File.Path) != `{"a":2}` {
		t.Errorf("Update = %v, the file is %q", err, readText(t, k.File.Path))
	}
	if _, err := os.Stat(filepath.Join(dir, "item")); err == nil {
		t.Error("an item was made beside the file")
	}
}

func TestKeychainFailures(t *testing.T) {
	var failure *KeychainError
	for status, locked := range map[string]bool{"36": true, "51": true, "128": true, "1": false} {
		k, dir := newKeychain(t)
		item(t, dir, "{}")
		writeFile(t, filepath.Join(dir, "fail"), status)
		s, err := k.Read(t.Context())
		if !errors.As(err, &failure) || IsKeychainLocked(err) != locked || s.State(noon, History{}) != Unreadable {
			t.Errorf("status %s: %+v, %v", status, s, err)
		}
		if err := Update(t.Context(), k, set("a", "1")); !errors.As(err, &failure) {
			t.Errorf("status %s: Update = %v", status, err)
		}
	}
	k, dir := newKeychain(t)
	item(t, dir, "{}")
	writeFile(t, filepath.Join(dir, "hang"), "")
	k.Timeout = 50 * time.Millisecond
	if _, err := k.Read(t.Context()); !IsKeychainLocked(err) {
		t.Errorf("no answer: %v", err)
	}
}

func TestKeychainThatForgets(t *testing.T) {
	k, dir := newKeychain(t)
	item(t, dir, `{"a":1}`)
	writeFile(t, filepath.Join(dir, "forget"), "")
	var failure *KeychainError
	if err := Update(t.Context(), k, set("a", "2")); !errors.As(err, &failure) ||
		readText(t, filepath.Join(dir, "item")) != `{"a":1}` {
		t.Errorf("Update = %v", err)
	}
}

func TestKeychainTooLong(t *testing.T) {
	k, dir := newKeychain(t)
	text := `{"a":"` + strings.Repeat("x", 3000) + `"}`
	item(t, dir, text)
	var failure *KeychainError
	if err := Update(t.Context(), k, set("b", "2")); !errors.As(err, &failure) ||
		readText(t, filepath.Join(dir, "item")) != text {
		t.Errorf("Update = %v, want a refusal and the old item", err)
	}
}

func TestKeychainLocked(t *testing.T) {
	k, dir := newKeychain(t)
	item(t, dir, `{"a":1}`)
	k.File.Wait = 0
	held, err := lock.Client(filepath.Dir(k.File.Path)).Acquire(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	var locked *LockedError
	if err := Update(t.Context(), k, set("a", "2")); !errors.As(err, &locked) {
		t.Errorf("Update = %v, want a *LockedError", err)
	}
}
