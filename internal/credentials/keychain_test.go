package credentials

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/test/keychain"
)

// TestMain is also the stand-in for security, and notes its arguments.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != "security" {
		os.Exit(m.Run())
	}
	dir := os.Getenv(keychain.EnvDir)
	if f, err := os.OpenFile(filepath.Join(dir, ".log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
		fmt.Fprintln(f, strings.Join(os.Args[1:], " "))
		f.Close()
	}
	os.Exit(keychain.Security{Dir: dir, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}.Main(os.Args[1:]))
}

// newKeychain is a store over an empty keychain, in the directory that it returns.
func newKeychain(t *testing.T) (k *KeychainStore, dir string) {
	t.Helper()
	dir = t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	tool := filepath.Join(t.TempDir(), "security")
	if err := os.Symlink(exe, tool); err != nil {
		t.Fatal(err)
	}
	env := paths.New([]string{
		"PATH=" + os.Getenv("PATH"), "USER=somebody", keychain.EnvDir + "=" + dir,
		"GORACE=atexit_sleep_ms=0", // the race detector ends each of these processes a second late otherwise
	})
	return NewKeychainStore(tool, env, newStore(t, "")), dir
}

func itemFile(dir string) string { return keychain.ItemPath(dir, claude.KeychainService, "somebody") }

func putItem(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(itemFile(dir)), 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, itemFile(dir), text)
}

func getItem(t *testing.T, dir string) string {
	t.Helper()
	return readText(t, itemFile(dir))
}

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
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
		// printf '/caf\303\251' | sha256sum: the name in NFC, however it is written
		{[]string{"USER=me", "CLAUDE_CONFIG_DIR=/caf\u00e9"}, "Claude Code-credentials-a434c8fb", "me"},
		{[]string{"USER=me", "CLAUDE_CONFIG_DIR=/cafe\u0301"}, "Claude Code-credentials-a434c8fb", "me"},
	} {
		k := NewKeychainStore("security", paths.New(test.env), nil)
		if k.Service != test.service || k.Account != test.account {
			t.Errorf("the item in %q is %q of %q", test.env, k.Service, k.Account)
		}
	}
	if k := NewKeychainStore("security", paths.New(nil), nil); k.Account == "" || k.Account == claude.KeychainAccount {
		t.Errorf("without USER the account is %q, not the user's name", k.Account)
	}
}

func TestKeychainRead(t *testing.T) {
	for _, text := range []string{loginText(access, refresh, noon, ""), `{}`, `{"a":"7b"}`} {
		k, dir := newKeychain(t)
		putItem(t, dir, text)
		s, err := k.Read(t.Context())
		if err != nil || !s.Exists || string(s.Data) != text || s.Doc == nil || s.Item != k.Service {
			t.Errorf("Read of %q = %q, %v, %v", text, s.Data, s.Err, err)
		}
	}
	k, _ := newKeychain(t)
	if s, err := k.Read(t.Context()); err != nil || s.Exists || s.State(noon, History{}) != Absent {
		t.Errorf("Read of nothing = %+v, %v", s, err)
	}
}

// TestKeychainOrFile holds which of item and file counts: as for the client.
func TestKeychainOrFile(t *testing.T) {
	const inFile = `{"where":"file"}`
	for _, test := range []struct {
		item, control string
		file          bool // the file counts
	}{
		{`{"where":"item"}`, "", false},
		{`{}`, "", false},
		{`[]`, "", false}, // to the client an object without a login
		{``, "", true},
		{`null`, "", true},
		{`{"where":`, "", true},
		{"{\"where\":\"ä\"}", "", true},
		{`{"where":"item"}`, ".locked", true},
	} {
		k, dir := newKeychain(t)
		putItem(t, dir, test.item)
		writeFile(t, k.File.Path, inFile)
		if test.control != "" {
			writeFile(t, filepath.Join(dir, test.control), "")
		}
		s, err := k.Read(t.Context())
		if err != nil || (s.Item == "") != test.file {
			t.Errorf("%q %s: Read = %q of %q, %v", test.item, test.control, s.Data, s.Place(), err)
		}
		_ = k.Replace(t.Context(), func(s Snapshot) ([]byte, error) { return []byte(`{"new":1}`), nil })
		if changed := readText(t, k.File.Path) != inFile; changed != test.file {
			t.Errorf("%q %s: Replace changed the file: %v", test.item, test.control, changed)
		}
	}
}

func TestKeychainUpdate(t *testing.T) {
	k, dir := newKeychain(t)
	text := loginText(access, refresh, noon, `,"name":"a"`)
	putItem(t, dir, text)
	err := Update(t.Context(), k, func(s Snapshot) (*Document, error) {
		d, _, err := s.Doc.WithoutAccount()
		return d, err
	})
	if want := `{"mcpOAuth":{"s|1":{"accessToken":"FIXTURE-mcp"}}}`; err != nil || getItem(t, dir) != want {
		t.Errorf("Update = %v, the item is %q", err, getItem(t, dir))
	}
	if err := k.Replace(t.Context(), func(Snapshot) ([]byte, error) { return []byte(text), nil }); err != nil ||
		getItem(t, dir) != text {
		t.Errorf("Replace = %v", err)
	}
	log := readText(t, filepath.Join(dir, ".log"))
	if strings.Contains(log, "FIXTURE") || !strings.Contains(log, "-a somebody") {
		t.Errorf("arguments: %s", log)
	}
	if isThere(k.File.Path) {
		t.Error("the credentials were written into the file too")
	}
	remove := func(Snapshot) ([]byte, error) { return nil, nil }
	if err := k.Replace(t.Context(), remove); err != nil || isThere(itemFile(dir)) {
		t.Errorf("the item is still there, %v", err)
	}
	// The login of a stale file does not come up when the item goes.
	putItem(t, dir, text)
	writeFile(t, k.File.Path, text)
	if err := k.Replace(t.Context(), remove); err != nil || getItem(t, dir) != "{}" {
		t.Errorf("beside a file the item is %q, %v", getItem(t, dir), err)
	}
}

func TestKeychainText(t *testing.T) {
	k, dir := newKeychain(t)
	putItem(t, dir, `{"a":1}`)
	if err := Update(t.Context(), k, set("b", "\"ä\U0001f511\x7f\"")); err != nil ||
		getItem(t, dir) != `{"a":1,"b":"\u00e4\ud83d\udd11\u007f"}` {
		t.Errorf("Update = %v, the item is %q", err, getItem(t, dir))
	}
	// What the client can't read is repaired, and not edited before that.
	putItem(t, dir, "{\"a\":\"ä\",\n\"b\":2}")
	s, err := k.Read(t.Context())
	var hexed *HexItemError
	if err != nil || !errors.As(s.Err, &hexed) || s.State(noon, History{}) != Corrupt {
		t.Errorf("Read of an item in hex = %v, %v", s.Err, err)
	}
	if err := Update(t.Context(), k, set("a", "1")); !errors.As(err, &hexed) {
		t.Errorf("Update of an item in hex = %v", err)
	}
	if done, err := k.Repair(t.Context()); err != nil || !done || getItem(t, dir) != `{"a":"\u00e4", "b":2}` {
		t.Errorf("Repair = %v, %v; the item is %q", done, err, getItem(t, dir))
	}
	if done, err := k.Repair(t.Context()); err != nil || done {
		t.Errorf("Repair again = %v, %v", done, err)
	}
}

func TestKeychainFailures(t *testing.T) {
	var failure *KeychainError
	for status, shut := range map[string]bool{
		"36": true, "51": true, "128": true, "29": true, "24": true, "37": false, "50": false, "45": false, "1": false,
	} {
		k, dir := newKeychain(t)
		putItem(t, dir, "{}")
		writeFile(t, filepath.Join(dir, ".status"), status)
		s, err := k.Read(t.Context())
		if !errors.As(err, &failure) || IsKeychainShut(err) != shut || s.State(noon, History{}) != Unreadable ||
			IsKeychainLocked(err) != (status == "36") {
			t.Errorf("status %s: %+v, %v", status, s, err)
		}
		if err := Update(t.Context(), k, set("a", "1")); !errors.As(err, &failure) {
			t.Errorf("status %s: Update = %v", status, err)
		}
	}
	k, dir := newKeychain(t)
	putItem(t, dir, "{}")
	writeFile(t, filepath.Join(dir, ".hang"), "")
	k.Timeout = 50 * time.Millisecond
	if _, err := k.Read(t.Context()); !IsKeychainShut(err) {
		t.Errorf("no answer: %v", err)
	}
}

// TestKeychainFaults holds that a change whose n-th call fails leaves the old item or the new one, and says so.
func TestKeychainFaults(t *testing.T) {
	for _, what := range []string{"36", "45", "1", "lost", "killed", "killed-after"} {
		for call := 1; call <= 3; call++ { // read, write, read again
			k, dir := newKeychain(t)
			putItem(t, dir, `{"a":1}`)
			if err := (keychain.Fault{Call: call, What: what}).Set(dir); err != nil {
				t.Fatal(err)
			}
			err := Update(t.Context(), k, set("a", "2"))
			if now := getItem(t, dir); now != `{"a":1}` && now != `{"a":2}` || err == nil && now != `{"a":2}` {
				t.Errorf("%s at call %d: Update = %v, the item is %q", what, call, err, now)
			}
		}
	}
}

func TestKeychainLong(t *testing.T) {
	long := func(n int) string { return `{"a":"` + strings.Repeat("x", n) + `"}` }
	for n, fits := range map[int]bool{1000: true, 1960: true, 3000: true, 3900: true, 4100: false} {
		k, dir := newKeychain(t)
		putItem(t, dir, long(n))
		err := Update(t.Context(), k, set("b", `"a'\\b"`))
		var failure *KeychainError
		switch now := getItem(t, dir); {
		case fits && (err != nil || now != long(n)[:n+7]+`,"b":"a'\\b"}`):
			t.Errorf("%d: Update = %v, %d bytes", n, err, len(now))
		case !fits && (!errors.As(err, &failure) || !failure.TooLong || now != long(n)):
			t.Errorf("%d: Update = %v, want a refusal and the old item", n, err)
		}
		// Nothing is removed that could not be restored.
		err = k.Replace(t.Context(), func(Snapshot) ([]byte, error) { return nil, nil })
		if (err == nil) != fits || isThere(itemFile(dir)) == fits {
			t.Errorf("%d: removal = %v", n, err)
		}
	}
}

// TestKeychainSealed holds that a document too long for one item is sealed as the client does, and read again whole.
func TestKeychainSealed(t *testing.T) {
	k, dir := newKeychain(t)
	k.Version = func() claude.Version { return claude.KeychainSealed }
	mcp := map[string]any{}
	for i := range 6 {
		mcp[fmt.Sprint("server", i)] = map[string]any{"accessToken": "FIXTURE-" + strings.Repeat("x", 1500)}
	}
	raw, err := json.Marshal(mcp)
	if err != nil {
		t.Fatal(err)
	}
	text := loginText(access, refresh, noon, `,"mcpOAuth2":1`)
	putItem(t, dir, text)
	if err := Update(t.Context(), k, set("mcpOAuth", string(raw))); err != nil {
		t.Fatal(err)
	}
	s, err := k.Read(t.Context())
	if err != nil || s.Login() == nil || s.Doc.Has(claude.KeychainPointer) {
		t.Fatalf("Read = %v, %v", s.Err, err)
	}
	if now, _, _ := s.Doc.At(Path{{Name: "mcpOAuth", Key: true}}); !sameValue(t, now, raw) {
		t.Errorf("mcpOAuth is not what was stored: %d bytes", len(now))
	}
	if log := readText(t, filepath.Join(dir, ".log")); strings.Contains(log, "FIXTURE") {
		t.Error("a token was an argument")
	}
	// A removal keeps the other half whole, and can be undone.
	err = Update(t.Context(), k, func(s Snapshot) (*Document, error) {
		d, _, err := s.Doc.WithoutAccount()
		return d, err
	})
	s, readErr := k.Read(t.Context())
	if err != nil || readErr != nil || s.Login() != nil {
		t.Fatalf("removal = %v, %v", err, readErr)
	}
	if now, _, _ := s.Doc.At(Path{{Name: "mcpOAuth", Key: true}}); !sameValue(t, now, raw) {
		t.Error("the removal lost MCP logins")
	}
	// With room again nothing is sealed.
	if err := Update(t.Context(), k, set("mcpOAuth", "{}")); err != nil {
		t.Fatal(err)
	}
	for _, slot := range claude.KeychainSlots {
		if isThere(keychain.ItemPath(dir, slotService(k.Service, slot), "somebody")) {
			t.Errorf("slot %s is left", slot)
		}
	}
	// Without the second item the client goes on with the first.
	putItem(t, dir, `{"keychainOverflow":{"slot":"a","key":"AAAA"},"b":1}`)
	if s, err := k.Read(t.Context()); err != nil || !s.Partial || !s.Doc.Has("b") {
		t.Errorf("without the second item: %+v, %v", s, err)
	}
}

func sameValue(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	return fmt.Sprint(x) == fmt.Sprint(y)
}

// TestKeychainUndo holds that a backup of the item is found, and brings it back.
func TestKeychainUndo(t *testing.T) {
	k, dir := newKeychain(t)
	text := loginText(access, refresh, noon, "")
	putItem(t, dir, text)
	backups := OpenBackups(t.TempDir())
	err := k.Replace(t.Context(), func(s Snapshot) ([]byte, error) {
		_, err := backups.Create(BackupRequest{Snapshot: s, Removed: []string{claude.LoginKey}, Reason: "wipe", Time: noon})
		return nil, err
	})
	if err != nil || isThere(itemFile(dir)) {
		t.Fatal(err)
	}
	backup, err := backups.Latest(k.File.Path)
	if err != nil || backup.Item != k.Service {
		t.Fatalf("Latest = %+v, %v", backup, err)
	}
	writeFile(t, filepath.Join(dir, ".locked"), "")
	writeFile(t, k.File.Path, `{}`)
	if _, err := backups.Undo(t.Context(), k, backup, false, noon); !IsKeychainLocked(err) {
		t.Errorf("Undo with a locked keychain = %v", err)
	}
	if err := errors.Join(os.Remove(filepath.Join(dir, ".locked")), os.Remove(k.File.Path)); err != nil {
		t.Fatal(err)
	}
	done, err := backups.Undo(t.Context(), k, backup, false, noon)
	if err != nil || !done.Exact || getItem(t, dir) != text {
		t.Errorf("Undo = %+v, %v", done, err)
	}
}

func TestKeychainClientLocks(t *testing.T) {
	k, dir := newKeychain(t)
	putItem(t, dir, `{"a":1}`)
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

func TestKeychainConsole(t *testing.T) {
	k, dir := newKeychain(t)
	path := keychain.ItemPath(dir, claude.KeychainConsole, "somebody")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, "sk-ant-api03-FIXTURE")
	if s, err := k.Read(t.Context()); err != nil || s.State(noon, History{}) != Console {
		t.Errorf("state = %v, %v", s.State(noon, History{}), err)
	}
	putItem(t, dir, loginText(access, refresh, noon.Add(time.Hour), ""))
	if s, err := k.Read(t.Context()); err != nil || !s.Console.IsZero() {
		t.Errorf("beside a login: %v", err)
	}
	if at, err := k.Changed(t.Context()); err != nil || time.Since(at).Abs() > time.Minute {
		t.Errorf("Changed = %v, %v", at, err)
	}
}

// The key of a Console sign-in is in an item of its own, which the client deletes at each sign-in. An undo stores it
// there again, and leaves another key alone.
func TestKeychainConsoleRestored(t *testing.T) {
	k, dir := newKeychain(t)
	config := filepath.Join(t.TempDir(), ".claude.json")
	path := keychain.ItemPath(dir, claude.KeychainConsole, "somebody")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	const key = "sk-ant-api03-FIXTURE-'quoted\\"
	writeFile(t, path, key)
	kept := KeepConsole(t.Context(), k, config)
	if kept == nil || !strings.Contains(kept.Place(), claude.KeychainConsole) {
		t.Fatalf("kept %v", kept)
	}
	backups := OpenBackups(t.TempDir())
	made, err := backups.Create(BackupRequest{Snapshot: Snapshot{Path: k.File.Path}, Console: kept, Time: noon})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	backup, err := backups.Load(made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if done, err := backup.Preview(t.Context(), k, Snapshot{}, false); err != nil || !done.Console {
		t.Errorf("Preview = %v, %v", done, err)
	}
	done, err := backups.Undo(t.Context(), k, backup, false, noon)
	if err != nil || !done.Console || readText(t, path) != key {
		t.Errorf("Undo = %v, %v; the item has %q", done, err, readText(t, path))
	}
	if isThere(config) {
		t.Errorf("the key is in %s too", config)
	}
	writeFile(t, path, "another")
	restored, other, err := backup.RestoreConsole(t.Context(), k)
	if err != nil || restored || !other || readText(t, path) != "another" {
		t.Errorf("over another key: %v, %v, %v", restored, other, err)
	}
}
