package credentials

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
)

const others = `"mcpOAuth":{"s|1":{"accessToken":"FIXTURE-mcp"}},"futureKey":[1,2.50,1e3]`

// wipe takes the account out of the store and keeps a backup, as recovery does.
func wipe(t *testing.T, f *FileStore, b *Backups, at time.Time) *Backup {
	t.Helper()
	var backup *Backup
	err := Update(t.Context(), f, func(s Snapshot) (*Document, error) {
		after, removed, err := s.Doc.WithoutAccount()
		if err == nil {
			backup, err = b.Create(BackupRequest{
				Snapshot: s, After: after.Bytes(), Removed: removed, Reason: "wipe",
				Login: Fingerprints{Access: "a1", Refresh: "b2"}, Time: at,
			})
		}
		return after, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return backup
}

func TestBackupFile(t *testing.T) {
	f := newStore(t, `{"claudeAiOauth":{"accessToken":"`+access+`"},`+others+"}\n")
	b := OpenBackups(filepath.Join(t.TempDir(), "state", "backups"))
	backup := wipe(t, f, b, noon)
	path := filepath.Join(b.dirs[0], backup.ID+".json")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup: %v, %v; want 0600", info, err)
	}
	if info, err := os.Stat(b.dirs[0]); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory: %v, %v; want 0700", info, err)
	}
	d := mustParse(t, readText(t, path))
	if keys := strings.Join(d.Keys(), " "); keys != "schema id time file reason removed login document after" {
		t.Errorf("members: %s", keys)
	}
	if raw, _, _ := d.Get("time"); string(raw) != `"2026-03-01T12:00:00Z"` {
		t.Errorf("time: %s", raw)
	}
	loaded, err := b.Load(backup.ID)
	if err != nil || string(loaded.Document) != string(backup.Document) ||
		!slices.Equal(loaded.Removed, []string{claude.LoginKey}) || loaded.Login != (Fingerprints{"a1", "b2"}) {
		t.Errorf("Load = %+v, %v", loaded, err)
	}
}

func TestBackupsListLoadPrune(t *testing.T) {
	b := OpenBackups(filepath.Join(t.TempDir(), "backups"))
	if list, err := b.List(); err != nil || len(list) != 0 {
		t.Errorf("List of nothing = %v, %v", list, err)
	}
	if _, err := b.Load("2026"); !errors.Is(err, ErrNoBackup) {
		t.Errorf("Load of nothing: %v", err)
	}
	var ids []string
	for i := range 4 {
		backup, err := b.Create(BackupRequest{Snapshot: Snapshot{Path: "/f", Data: []byte("{}")},
			Time: noon.Add(time.Duration(i) * 24 * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		ids = append([]string{backup.ID}, ids...)
	}
	list, err := b.List()
	var got []string
	for _, backup := range list {
		got = append(got, backup.ID)
	}
	if err != nil || !slices.Equal(got, ids) {
		t.Errorf("List = %v, %v; want %v", got, err, ids)
	}
	if backup, err := b.Load(ids[1][:len("20260303")]); err != nil || backup.ID != ids[1] {
		t.Errorf("Load of a prefix = %v, %v", backup, err)
	}
	if _, err := b.Load("2026"); err == nil || strings.Count(err.Error(), "-") != 2*4 {
		t.Errorf("Load of a short prefix: %v", err)
	}
	for _, bad := range []string{"", "../x", "*", "2027"} {
		if _, err := b.Load(bad); !errors.Is(err, ErrNoBackup) {
			t.Errorf("Load(%q): %v", bad, err)
		}
		if err := b.Remove(bad); err == nil {
			t.Errorf("Remove(%q) removed something", bad)
		}
	}
	for _, id := range []string{ids[0], ids[3]} {
		if err := b.MarkVerified(id, noon.Add(100*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if removed, err := b.Prune(noon.Add(KeepVerified - 1)); err != nil || len(removed) != 0 {
		t.Errorf("Prune before the time = %v, %v", removed, err)
	}
	if removed, err := b.Prune(noon.Add(KeepVerified)); err != nil || !slices.Equal(removed, ids[3:]) {
		t.Errorf("Prune = %v, %v; want %v", removed, err, ids[3:])
	}
	if removed, err := b.Prune(noon.Add(1000 * time.Hour)); err != nil || !slices.Equal(removed, ids[:1]) {
		t.Errorf("Prune much later = %v, %v; want the verified one alone, %v", removed, err, ids[:1])
	}
}

func TestADamagedBackupHidesNoOther(t *testing.T) {
	b := OpenBackups(t.TempDir())
	good, err := b.Create(BackupRequest{Snapshot: Snapshot{Path: "/f", Data: []byte("{}")}, Time: noon})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(b.dirs[0], "20200101-000000-aaaaaa.json"), `{"schema":1,"id":`)
	writeFile(t, filepath.Join(b.dirs[0], "20200101-000000-bbbbbb.json"), `{}`)
	list, err := b.List()
	if len(list) != 1 || list[0].ID != good.ID || err == nil || !strings.Contains(err.Error(), "aaaaaa") ||
		!strings.Contains(err.Error(), "bbbbbb") || strings.Contains(err.Error(), "\n") {
		t.Errorf("List = %v, %v", list, err)
	}
	if removed, err := b.Prune(noon.Add(10000 * time.Hour)); len(removed) != 0 || err == nil {
		t.Errorf("Prune = %v, %v; what cannot be read is not removed", removed, err)
	}
	if latest, err := b.Latest("/f"); err != nil || latest.ID != good.ID {
		t.Errorf("Latest = %v, %v", latest, err)
	}
}

func TestUndoIsExact(t *testing.T) {
	for _, text := range []string{
		"{ \"claudeAiOauth\" : {\"accessToken\":\"" + access + "\"},\n" + others + "}\n\n",
		`{"organizationUuid":"o","claudeAiOauth":null}`,
		"{\"claudeAiOauth\":{},\"x\":\"\xff\"}",
	} {
		f := newStore(t, text)
		b := OpenBackups(filepath.Join(t.TempDir(), "backups"))
		backup := wipe(t, f, b, noon)
		if readText(t, f.Path) == text {
			t.Fatal("nothing was wiped")
		}
		done, err := b.Undo(t.Context(), f, backup, false, noon)
		if err != nil || !done.Exact || readText(t, f.Path) != text {
			t.Errorf("Undo = %+v, %v; the file is %q, want %q", done, err, readText(t, f.Path), text)
		}
		if done, err = b.Undo(t.Context(), f, backup, false, noon); err != nil || !done.Exact {
			t.Errorf("Undo again = %+v, %v", done, err)
		}
		if _, err := b.Latest(f.Path); !errors.Is(err, ErrNoBackup) {
			t.Errorf("Latest gives what was put back: %v", err)
		}
	}
}

func TestUndoMerges(t *testing.T) {
	login := `{"accessToken":"` + access + `","expiresAt":1.0}`
	f := newStore(t, `{"claudeAiOauth":`+login+`,"organizationUuid":"old","designOauth":1,`+others+`}`)
	b := OpenBackups(filepath.Join(t.TempDir(), "backups"))
	backup := wipe(t, f, b, noon)
	for _, change := range []func(Snapshot) (*Document, error){set("mcpOAuth.new", "7"), set("designOauth", "2"),
		set("claudeAiOauth", `{"accessToken":"","refreshToken":""}`)} {
		if err := Update(t.Context(), f, change); err != nil {
			t.Fatal(err)
		}
	}
	done, err := b.Undo(t.Context(), f, backup, false, noon)
	if err != nil || done.Exact || !slices.Equal(done.Keys, []string{claude.LoginKey, "organizationUuid"}) ||
		!slices.Equal(done.Kept, []string{"designOauth"}) {
		t.Errorf("Undo = %+v, %v", done, err)
	}
	want := `{"mcpOAuth":{"s|1":{"accessToken":"FIXTURE-mcp"},"new":7},"futureKey":[1,2.50,1e3],"designOauth":2,` +
		`"claudeAiOauth":` + login + `,"organizationUuid":"old"}`
	if text := readText(t, f.Path); text != want {
		t.Errorf("the file is %s, want %s", text, want)
	}
}

func TestUndoLeavesANewerLogin(t *testing.T) {
	f := newStore(t, `{"claudeAiOauth":{"accessToken":"old"},`+others+`}`)
	b := OpenBackups(filepath.Join(t.TempDir(), "backups"))
	backup := wipe(t, f, b, noon)
	if err := Update(t.Context(), f, set("claudeAiOauth", `{"accessToken":"new"}`)); err != nil {
		t.Fatal(err)
	}
	before := readText(t, f.Path)
	var newer *NewerLoginError
	if _, err := b.Undo(t.Context(), f, backup, false, noon); !errors.As(err, &newer) || readText(t, f.Path) != before {
		t.Errorf("Restore = %v, the file is %s; want a *NewerLoginError and no change", err, readText(t, f.Path))
	}
	done, err := b.Undo(t.Context(), f, backup, true, noon.Add(time.Second))
	if raw, _, _ := mustParse(t, readText(t, f.Path)).Get("claudeAiOauth.accessToken"); err != nil ||
		string(raw) != `"old"` {
		t.Errorf("Undo by force = %+v, %v; the access token is %s", done, err, raw)
	}
	if done.Replaced == nil || string(done.Replaced.Document) != before {
		t.Fatalf("the newer login is lost: %+v", done)
	}
	if _, err := b.Undo(t.Context(), f, done.Replaced, false, noon); err != nil || readText(t, f.Path) != before {
		t.Errorf("the way back: %v, the file is %s", err, readText(t, f.Path))
	}
}

func TestUndoOverNothingAndOverGarbage(t *testing.T) {
	text := `{"claudeAiOauth":{"accessToken":"old"},` + others + `}`
	f := newStore(t, text)
	b := OpenBackups(filepath.Join(t.TempDir(), "backups"))
	backup := wipe(t, f, b, noon)
	if err := os.Remove(f.Path); err != nil { // what `claude auth logout` does
		t.Fatal(err)
	}
	done, err := b.Undo(t.Context(), f, backup, false, noon)
	if err != nil || readText(t, f.Path) != `{"claudeAiOauth":{"accessToken":"old"}}` {
		t.Errorf("over nothing: %+v, %v, %s", done, err, readText(t, f.Path))
	}
	garbage := `{"half`
	writeFile(t, f.Path, garbage)
	var syntax *SyntaxError
	if _, err := b.Undo(t.Context(), f, backup, false, noon); !errors.As(err, &syntax) || readText(t, f.Path) != garbage {
		t.Errorf("over garbage: %v", err)
	}
	done, err = b.Undo(t.Context(), f, backup, true, noon.Add(time.Second))
	if err != nil || readText(t, f.Path) != text || done.Replaced == nil || string(done.Replaced.Document) != garbage {
		t.Errorf("over garbage by force: %+v, %v, %s", done, err, readText(t, f.Path))
	}
}

func TestUndoOfASetAsideFile(t *testing.T) {
	garbage := `{"claudeAiOauth":`
	f := newStore(t, garbage)
	b := OpenBackups(filepath.Join(t.TempDir(), "backups"))
	var backup *Backup
	err := f.Replace(t.Context(), func(s Snapshot) (_ []byte, err error) {
		backup, err = b.Create(BackupRequest{Snapshot: s, After: []byte("{}\n"), Removed: []string{"everything"},
			Reason: "login", Time: noon})
		return []byte("{}\n"), err
	})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, f.Path, `{"claudeAiOauth":{"accessToken":"new"}}`)
	var newer *NewerLoginError
	if _, err := b.Undo(t.Context(), f, backup, false, noon); !errors.As(err, &newer) {
		t.Errorf("over a login: %v", err)
	}
	writeFile(t, f.Path, "{}")
	if _, err := b.Undo(t.Context(), f, backup, false, noon); err != nil || readText(t, f.Path) != garbage {
		t.Errorf("over an empty document: %v, %q", err, readText(t, f.Path))
	}
}

func TestAFailedUndoLeavesNoBackup(t *testing.T) {
	f := newStore(t, `{"claudeAiOauth":{"accessToken":"old"}}`)
	b := OpenBackups(filepath.Join(t.TempDir(), "backups"))
	backup := wipe(t, f, b, noon)
	writeFile(t, f.Path, `{"claudeAiOauth":{"accessToken":"new"}}`)
	store := failing{f}
	if _, err := b.Undo(t.Context(), store, backup, true, noon); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Restore = %v", err)
	}
	if list, err := b.List(); err != nil || len(list) != 1 {
		t.Errorf("List = %v, %v; want the first backup alone", list, err)
	}
}

// Backups that the first directory does not take are in the second one, which counts only while nobody else can write
// to it.
func TestSpareBackups(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	spare := filepath.Join(t.TempDir(), "spare")
	b := OpenBackups(filepath.Join(blocked, "backups"), spare)
	made, err := b.Create(BackupRequest{Snapshot: Snapshot{Path: "/f", Data: []byte("{}")}, Time: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	again := OpenBackups(filepath.Join(t.TempDir(), "backups"), spare) // the first one can be written by now
	if err := again.MarkVerified(made.ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	latest, err := again.Latest("/f")
	if err != nil || latest.ID != made.ID || latest.Verified.IsZero() {
		t.Errorf("%+v, %v", latest, err)
	}
	if err := os.Chmod(spare, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := again.Latest("/f"); !errors.Is(err, ErrNoBackup) {
		t.Errorf("believed though others may write there: %v", err)
	}
	if err := os.Chmod(spare, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := again.Remove(made.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(spare); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the empty directory is left: %v", err)
	}
}
