package credentials_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
)

const consoleKey = "sk-ant-api03-FIXTURE-console"

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The client uses the key when no login serves the model, and reads of the file what JavaScript makes of it.
func TestConsoleState(t *testing.T) {
	const withKey = `{"primaryApiKey":"` + consoleKey + `"}`
	login := func(access, scope string) string {
		return `{"claudeAiOauth":{"accessToken":"` + access + `","refreshToken":"r","expiresAt":4102444800000,"scopes":["` +
			scope + `"]}}`
	}
	for name, test := range map[string]struct {
		config, file string
		history      credentials.History
		want         credentials.State
	}{
		"the key alone":       {config: withKey, file: `{}`, want: credentials.Console},
		"no file at all":      {config: withKey, want: credentials.Console},
		"rejected":            {withKey, `{}`, credentials.History{Rejected: true}, credentials.Rejected},
		"a login that works":  {config: withKey, file: login("a", "user:inference"), want: credentials.OK},
		"an emptied login":    {config: withKey, file: login("", "user:inference"), want: credentials.Console},
		"a login not for it":  {config: withKey, file: login("a", "user:profile"), want: credentials.Console},
		"a torn file":         {config: withKey, file: `{"claudeAiOauth":`, want: credentials.Corrupt},
		"no key":              {config: `{}`, file: `{}`, want: credentials.Absent},
		"an empty key":        {config: `{"primaryApiKey":""}`, file: `{}`, want: credentials.Absent},
		"not a string":        {config: `{"primaryApiKey":5}`, file: `{}`, want: credentials.Absent},
		"the last one counts": {config: `{"primaryApiKey":5,` + withKey[1:], file: `{}`, want: credentials.Console},
		"a torn config":       {config: `{"primaryApiKey":"x`, file: `{}`, want: credentials.Absent},
	} {
		dir := t.TempDir()
		store := credentials.NewFileStore(filepath.Join(dir, "c.json"))
		store.GlobalConfig = filepath.Join(dir, "real.json")
		writeFile(t, store.GlobalConfig, test.config)
		if test.file != "" {
			writeFile(t, store.Path, test.file)
		}
		link := filepath.Join(dir, ".claude.json")
		if err := os.Symlink("real.json", link); err != nil {
			t.Fatal(err)
		}
		for _, store.GlobalConfig = range []string{store.GlobalConfig, link} {
			s, err := store.Read(context.Background())
			if got := s.State(time.Now(), test.history); err != nil || got != test.want {
				t.Errorf("%s: %s, %v; want %s", name, got, err, test.want)
			}
		}
	}
}

// consoleBackup is a backup with the key that the config at path has.
func consoleBackup(t *testing.T, path string) *credentials.Backup {
	t.Helper()
	kept := credentials.KeepConsole(t.Context(), nil, path)
	if kept == nil {
		t.Fatal("there is a key, and it is not kept")
	}
	backups := credentials.OpenBackups(t.TempDir())
	made, err := backups.Create(credentials.BackupRequest{
		Snapshot: credentials.Snapshot{Path: "/c.json"}, Console: kept, Reason: "login", Time: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := backups.Load(made.ID)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// A restored key is one more member; every other byte of the file stays, through a link too.
func TestRestoreConsole(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "real.json"), filepath.Join(dir, ".claude.json")
	if err := os.Symlink("real.json", link); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, `{"primaryApiKey":"`+consoleKey+`"}`)
	backup := consoleBackup(t, link)
	for before, want := range map[string]string{
		"{\n  \"a\": [1, 2.50],\n  \"b\": 1e3\n}": "{\n  \"a\": [1, 2.50],\n  \"b\": 1e3,\n  \"primaryApiKey\": \"" +
			consoleKey + "\"\n}",
		`{"primaryApiKey":null,"a":1}`: `{"primaryApiKey":"` + consoleKey + `","a":1}`,
	} {
		writeFile(t, path, before)
		restored, kept, err := backup.RestoreConsole(context.Background(), nil)
		after, readErr := os.ReadFile(path)
		if err != nil || readErr != nil || !restored || kept || string(after) != want {
			t.Errorf("%s: %v, %v, %v, %v:\n%s", before, restored, kept, err, readErr, after)
		}
	}
	if _, err := os.Readlink(link); err != nil {
		t.Errorf("the link is gone: %v", err)
	}
	if _, err := os.Lstat(link + ".lock"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the lock is left: %v", err)
	}
	for _, text := range []string{`{"primaryApiKey":"another"}`, `{"primaryApiKey":1,"primaryApiKey":2}`, `{"torn`} {
		writeFile(t, path, text)
		restored, _, _ := backup.RestoreConsole(context.Background(), nil)
		if after, _ := os.ReadFile(path); restored || string(after) != text {
			t.Errorf("%s became %s", text, after)
		}
	}
}

// While a client writes the file, the key is not restored, and nothing changes.
func TestRestoreConsoleLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".claude.json")
	writeFile(t, path, `{"primaryApiKey":"`+consoleKey+`"}`)
	backup := consoleBackup(t, path)
	writeFile(t, path, `{}`)
	if err := os.Mkdir(path+".lock", 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	restored, _, err := backup.RestoreConsole(ctx, nil)
	var locked *credentials.LockedError
	if restored || !errors.As(err, &locked) {
		t.Errorf("%v, %v", restored, err)
	}
	if after, _ := os.ReadFile(path); string(after) != `{}` {
		t.Errorf("the file became %s", after)
	}
}
