package credentials

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/system"
)

// newStore is a store in a directory of its own, with text in its file unless text is "".
func newStore(t testing.TB, text string) *FileStore {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "claude")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	f := NewFileStore(filepath.Join(dir, ".credentials.json"))
	if text != "" {
		writeFile(t, f.Path, text)
	}
	return f
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func readText(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// set is a change that sets path to value.
func set(path, value string) func(Snapshot) (*Document, error) {
	return func(s Snapshot) (*Document, error) { return s.Doc.Set(path, []byte(value)) }
}

// leftovers lists what is in and beside the store's directory but its file.
func leftovers(t testing.TB, f *FileStore) []string {
	t.Helper()
	var names []string
	for _, dir := range []string{filepath.Dir(f.Path), filepath.Dir(filepath.Dir(f.Path))} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if path := filepath.Join(dir, e.Name()); path != f.Path && path != filepath.Dir(f.Path) {
				names = append(names, path)
			}
		}
	}
	return names
}

func TestReadStates(t *testing.T) {
	ctx := t.Context()
	f := newStore(t, "")
	s, err := f.Read(ctx)
	if err != nil || s.Exists || s.Doc == nil || s.State(noon, History{}) != Absent {
		t.Errorf("no file: %+v, %v", s, err)
	}
	writeFile(t, f.Path, loginText(access, refresh, noon.Add(time.Hour), ""))
	if err := os.Chmod(f.Path, 0o640); err != nil {
		t.Fatal(err)
	}
	s, err = f.Read(ctx)
	if err != nil || !s.Exists || s.Mode.Perm() != 0o640 || s.Size != int64(len(s.Data)) ||
		s.State(noon, History{}) != OK {
		t.Errorf("a login: %+v, %v", s, err)
	}
	writeFile(t, f.Path, `{"claudeAiOauth":`)
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(f.Path, old, old); err != nil {
		t.Fatal(err)
	}
	s, err = f.Read(ctx)
	if err != nil || s.Doc != nil || !s.Corrupt() || s.State(noon, History{}) != Corrupt ||
		!strings.Contains(s.Err.Error(), f.Path+" is not valid JSON: line 1, column 18") {
		t.Errorf("half a file: %+v, %v", s, err)
	}
}

func TestReadRefusesWhatIsNoFile(t *testing.T) {
	f := newStore(t, "")
	for name, make := range map[string]func() error{
		"a directory": func() error { return os.Mkdir(f.Path, 0o700) },
		"a FIFO":      func() error { return syscall.Mkfifo(f.Path, 0o600) },
		"a device":    func() error { return os.Symlink("/dev/zero", f.Path) },
	} {
		if err := make(); err != nil {
			t.Fatal(err)
		}
		var irregular *atomicfile.NotRegularError
		s, err := f.Read(t.Context())
		if !errors.As(err, &irregular) || s.State(noon, History{}) != Unreadable {
			t.Errorf("%s: %+v, %v; want a *NotRegularError", name, s, err)
		}
		if err := Update(t.Context(), f, set("a", "1")); !errors.As(err, &irregular) {
			t.Errorf("update of %s: %v", name, err)
		}
		if err := os.Remove(f.Path); err != nil {
			t.Fatal(err)
		}
	}
	if left := leftovers(t, f); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestReadTooLarge(t *testing.T) {
	f := newStore(t, "{}")
	if err := os.Truncate(f.Path, 1<<40); err != nil { // sparse: reading it would take all the memory there is
		t.Skip(err)
	}
	var large *atomicfile.TooLargeError
	if s, err := f.Read(t.Context()); err != nil || !errors.As(s.Err, &large) || large.Size != 1<<40 ||
		s.State(noon, History{}) != Corrupt {
		t.Errorf("a file of a terabyte: %v, %v", s.Err, err)
	}
}

func TestReadWithoutPermission(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	f := newStore(t, "{}")
	if err := os.Chmod(f.Path, 0); err != nil {
		t.Fatal(err)
	}
	if s, err := f.Read(t.Context()); !IsPermission(err) || s.State(noon, History{}) != Unreadable {
		t.Errorf("a file of mode 0: %+v, %v", s, err)
	}
}

func TestReadWaitsForTheOtherHalf(t *testing.T) {
	f := newStore(t, `{"claudeAiOauth":`)
	looked := make(chan struct{})
	var once sync.Once
	f.Now = func() time.Time { // asked only after a read that met no document
		once.Do(func() { close(looked) })
		return time.Now()
	}
	done := make(chan error)
	go func() {
		<-looked
		done <- os.WriteFile(f.Path, []byte(`{"claudeAiOauth":{"accessToken":"a"}}`), 0o600)
	}()
	s, err := f.Read(t.Context())
	if writeErr := <-done; writeErr != nil {
		t.Fatal(writeErr)
	}
	if err != nil || s.Doc == nil {
		t.Errorf("a file that was completed meanwhile: %v, %v", s.Err, err)
	}
}

func TestReadEndsWithItsContext(t *testing.T) {
	f := newStore(t, `{"half`)
	ctx, cancel := context.WithCancel(t.Context())
	f.Now = func() time.Time { cancel(); return time.Now() }
	if _, err := f.Read(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Read = %v, want the context's end", err)
	}
}

func TestUpdate(t *testing.T) {
	f := newStore(t, "{\"a\": 1.50 }\n")
	if err := os.Chmod(f.Path, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Update(t.Context(), f, set("b", "2")); err != nil {
		t.Fatal(err)
	}
	if text := readText(t, f.Path); text != "{\"a\": 1.50,\"b\": 2 }\n" {
		t.Errorf("the file is %q", text)
	}
	if info, err := os.Stat(f.Path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v: want 0600, whatever it was", info.Mode(), err)
	}
	if left := leftovers(t, f); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestUpdateHoldsTheClientsLocks(t *testing.T) {
	f := newStore(t, "{}")
	err := Update(t.Context(), f, func(s Snapshot) (*Document, error) {
		for _, path := range []string{filepath.Join(f.Locks.Dir, ".oauth_refresh.lock"), f.Locks.Dir + ".lock",
			filepath.Join(f.Locks.Dir, ".storage-write.lock")} {
			if info, err := os.Stat(path); err != nil || !info.IsDir() {
				t.Errorf("%s is not held: %v", path, err)
			}
		}
		return s.Doc, nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestUpdateReadsUnderTheLocks(t *testing.T) {
	f := newStore(t, `{"a":1}`)
	held, err := lock.Client(f.Locks.Dir).Acquire(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- Update(t.Context(), f, set("b", "2")) }()
	writeFile(t, f.Path, `{"a":7}`)
	if err := held.Release(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil || readText(t, f.Path) != `{"a":7,"b":2}` {
		t.Errorf("Update = %v, the file is %q", err, readText(t, f.Path))
	}
}

// TestRefusalsChangeNothing: no byte, no mtime, no inode, nothing left.
func TestRefusalsChangeNothing(t *testing.T) {
	boom := errors.New("boom")
	for _, test := range []struct {
		name, text string
		change     func(Snapshot) (*Document, error)
		fails      bool
	}{
		{"no JSON", `{"a":1,}`, set("a", "2"), true},
		{"a byte order mark", "\xef\xbb\xbf{}", set("a", "2"), true},
		{"no object", `[1]`, set("a", "2"), true},
		{"an empty file", " ", set("a", "2"), true},
		{"twice the key", `{"a":1,"a":2}`, set("a", "2"), true},
		{"a value that is none", `{"a":1}`, set("a", "{"), true},
		{"the caller says no", `{"a":1}`, func(Snapshot) (*Document, error) { return nil, boom }, true},
		{"no change", `{"a":1}`, set("a", "1"), false},
		{"no document", `{"a":1}`, func(Snapshot) (*Document, error) { return nil, nil }, false},
	} {
		f := newStore(t, test.text)
		old := noon.Add(-time.Hour)
		if err := os.Chtimes(f.Path, old, old); err != nil {
			t.Fatal(err)
		}
		before, err := os.Stat(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		if err := Update(t.Context(), f, test.change); (err != nil) != test.fails {
			t.Errorf("%s: Update = %v", test.name, err)
		}
		after, err := os.Stat(f.Path)
		if err != nil || !os.SameFile(before, after) || !after.ModTime().Equal(old) || readText(t, f.Path) != test.text {
			t.Errorf("%s: the file was touched: %v, %v, %q", test.name, err, after.ModTime(), readText(t, f.Path))
		}
		if left := leftovers(t, f); len(left) != 0 {
			t.Errorf("%s: left behind: %q", test.name, left)
		}
	}
}

func TestUpdateOfALockedStore(t *testing.T) {
	f := newStore(t, `{"a":1}`)
	f.Wait = 0
	held, err := lock.Client(f.Locks.Dir).Acquire(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	var locked *LockedError
	err = Update(t.Context(), f, func(Snapshot) (*Document, error) {
		t.Error("asked for a change without the lock")
		return nil, nil
	})
	if !errors.As(err, &locked) || readText(t, f.Path) != `{"a":1}` {
		t.Errorf("Update = %v, want a *LockedError", err)
	}
}

func TestUpdateThatLosesItsLock(t *testing.T) {
	f := newStore(t, `{"a":1}`)
	err := Update(t.Context(), f, func(s Snapshot) (*Document, error) {
		if err := os.Remove(filepath.Join(f.Locks.Dir, ".storage-write.lock")); err != nil {
			t.Fatal(err)
		}
		return s.Doc.Set("a", []byte("2"))
	})
	var locked *LockedError
	if !errors.As(err, &locked) || readText(t, f.Path) != `{"a":1}` {
		t.Errorf("Update = %v, the file is %q; want a *LockedError and the old file", err, readText(t, f.Path))
	}
	if left := leftovers(t, f); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestUpdateOfNothing(t *testing.T) {
	f := newStore(t, "")
	dir := filepath.Join(f.Locks.Dir, "new", "deeper")
	f = NewFileStore(filepath.Join(dir, ".credentials.json"))
	if err := Update(t.Context(), f, func(s Snapshot) (*Document, error) { return s.Doc, nil }); err != nil {
		t.Errorf("no change of nothing: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(dir)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no change made a directory: %v", err)
	}
	if err := Update(t.Context(), f, set("a", "1")); err != nil || readText(t, f.Path) != `{"a":1}` {
		t.Errorf("Update = %v", err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory: %v, %v; want 0700", info, err)
	}
}

func TestReplace(t *testing.T) {
	f := newStore(t, `{"half`)
	give := func(text string) func(Snapshot) ([]byte, error) {
		return func(Snapshot) ([]byte, error) { return []byte(text), nil }
	}
	if err := f.Replace(t.Context(), give("{}\n")); err != nil || readText(t, f.Path) != "{}\n" {
		t.Errorf("over something that is not a document: %v", err)
	}
	if err := f.Replace(t.Context(), func(Snapshot) ([]byte, error) { return nil, nil }); err != nil {
		t.Errorf("removal: %v", err)
	}
	if _, err := os.Stat(f.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
	if err := f.Replace(t.Context(), func(s Snapshot) ([]byte, error) { return s.Data, nil }); err != nil {
		t.Errorf("no change of nothing: %v", err)
	}
	if _, err := os.Stat(f.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no change of nothing made a file: %v", err)
	}
}

func TestUpdateKeepsASymlink(t *testing.T) {
	f := newStore(t, "")
	target := filepath.Join(t.TempDir(), "dotfiles.json")
	writeFile(t, target, `{"a":1}`)
	if err := os.Symlink(target, f.Path); err != nil {
		t.Fatal(err)
	}
	if err := Update(t.Context(), f, set("a", "2")); err != nil || readText(t, target) != `{"a":2}` {
		t.Errorf("Update = %v, the target is %q", err, readText(t, target))
	}
	if info, err := os.Lstat(f.Path); err != nil || info.Mode().Type() != fs.ModeSymlink {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
}

// TestConcurrentUpdates: no edit is lost, and a reader never sees anything but a document.
func TestConcurrentUpdates(t *testing.T) {
	f := newStore(t, `{"futureKey":[1,2.50,1e3]}`)
	f.Wait = time.Minute
	const writers, edits = 4, 10
	ctx, stop := context.WithCancel(t.Context())
	reader := make(chan error)
	go func() {
		for ctx.Err() == nil {
			if _, err := Parse([]byte(readText(t, f.Path))); err != nil {
				reader <- err
				return
			}
		}
		reader <- nil
	}()
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range edits {
				if err := Update(t.Context(), f, set(fmt.Sprintf("k%d.n%d", w, i), "1")); err != nil {
					t.Errorf("writer %d, edit %d: %v", w, i, err)
				}
			}
		})
	}
	wg.Wait()
	stop()
	if err := <-reader; err != nil {
		t.Errorf("a reader met something that is not a document: %v", err)
	}
	d := mustParse(t, readText(t, f.Path))
	for w := range writers {
		for i := range edits {
			if _, ok, err := d.Get(fmt.Sprintf("k%d.n%d", w, i)); err != nil || !ok {
				t.Errorf("edit %d of writer %d is lost", i, w)
			}
		}
	}
	if left := leftovers(t, f); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestOpen(t *testing.T) {
	env := paths.New([]string{"HOME=/nowhere", "USER=u"})
	p, err := paths.Resolve(env, "")
	if err != nil {
		t.Fatal(err)
	}
	if !usualFile(p, env) {
		t.Errorf("%s is not taken for the client's own file", p.Credentials)
	}
	p, err = paths.Resolve(env.With(paths.EnvFile, "/other/file.json"), "")
	if err != nil {
		t.Fatal(err)
	}
	if usualFile(p, env.With(paths.EnvFile, "/other/file.json")) {
		t.Errorf("%s is taken for the client's own file", p.Credentials)
	}
	if store, ok := Open(system.System{}, p, env).(*FileStore); !ok || store.Path != "/other/file.json" {
		t.Errorf("Open = %+v", store)
	}
}
