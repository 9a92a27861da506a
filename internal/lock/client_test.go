package lock

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/test/seeds"
)

// newDir is a config directory in a directory of its own, both after symbolic links.
func newDir(t *testing.T) string {
	t.Helper()
	parent, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(parent, "cfg")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func three(dir string) []string {
	return []string{filepath.Join(dir, ".oauth_refresh.lock"), dir + ".lock", filepath.Join(dir, ".storage-write.lock")}
}

func mustHold(t *testing.T, s Set) *Held {
	t.Helper()
	h, err := s.Acquire(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Release() })
	return h
}

func paths(h *Held) []string {
	var paths []string
	for _, l := range h.locks {
		paths = append(paths, l.path)
	}
	return paths
}

func TestSetTakesTheClientsLocksInItsOrder(t *testing.T) {
	dir := newDir(t)
	h := mustHold(t, Client(dir))
	if got := paths(h); !slices.Equal(got, three(dir)) {
		t.Errorf("took %q", got)
	}
	for _, path := range three(dir) {
		if !exists(path) {
			t.Errorf("no %s", path)
		}
	}
	if err := h.Check(); err != nil {
		t.Error(err)
	}
	if err := h.Release(); err != nil {
		t.Error(err)
	}
	if left := append(names(t, dir), names(t, filepath.Dir(dir))...); !slices.Equal(left, []string{"cfg"}) {
		t.Errorf("left: %q", left)
	}
}

func TestSetReleasesWhatItTookWhenOneIsHeld(t *testing.T) {
	for i := range 3 {
		dir := newDir(t)
		makeForeign(t, three(dir)[i], 0)
		_, err := Client(dir).Acquire(context.Background(), 0)
		var held *HeldError
		if !errors.As(err, &held) || held.Path != three(dir)[i] {
			t.Errorf("lock %d: %v", i, err)
		}
		for j, path := range three(dir) {
			if exists(path) != (i == j) {
				t.Errorf("lock %d held: %s exists: %v", i, path, exists(path))
			}
		}
	}
}

func TestSetTakesStaleLocks(t *testing.T) {
	dir := newDir(t)
	ages := []time.Duration{60 * time.Second, 60 * time.Second, 15 * time.Second}
	for i, path := range three(dir) {
		makeForeign(t, path, ages[i]-2*time.Second)
		if _, err := Client(dir).Acquire(context.Background(), 0); !isHeld(err) {
			t.Errorf("%s, live: %v", path, err)
		}
		setAge(t, path, ages[i]+time.Second)
	}
	mustHold(t, Client(dir))
}

// 2.1.165 takes over the first two after 10 s, 2.1.330 after 60 s.
func TestSetIsLostWhenTheFirstClientMayTakeIt(t *testing.T) {
	clock := newFakeClock()
	h := mustHold(t, Set{Dir: newDir(t), clock: clock})
	clock.advance(10 * time.Second)
	if err := h.Check(); !errors.As(err, new(*LostError)) {
		t.Errorf("Check: %v", err)
	}
}

func TestSetFollowsALinkToTheDirectory(t *testing.T) {
	dir := newDir(t)
	link := filepath.Join(newDir(t), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	h := mustHold(t, Client(link))
	want := three(link)
	want[1] = dir + ".lock" // the client resolves for this one only (2.1.165, 2.1.330)
	if got := paths(h); !slices.Equal(got, want) {
		t.Errorf("took %q", got)
	}
	if _, err := Client(dir).Acquire(context.Background(), 0); !isHeld(err) {
		t.Errorf("by the other name: %v", err)
	}
}

// The lock outside of the directory may be in nobody's power to make: the client goes on without, as this does.
func TestSetSkipsTheLockOutside(t *testing.T) {
	for name, block := range map[string]func(dir string) (string, error){
		"a file there": func(dir string) (string, error) { return dir, os.WriteFile(dir+".lock", nil, 0o600) },
		"a name too long": func(dir string) (string, error) {
			long := filepath.Join(filepath.Dir(dir), strings.Repeat("n", 252))
			return long, os.Rename(dir, long)
		},
	} {
		dir, err := block(newDir(t))
		if err != nil {
			t.Fatal(err)
		}
		h := mustHold(t, Client(dir))
		if len(h.locks) != 2 {
			t.Errorf("%s: took %q", name, paths(h))
		}
		if err := h.Release(); err != nil {
			t.Error(err)
		}
	}
}

func TestSetWithoutItsDirectory(t *testing.T) {
	dir := filepath.Join(newDir(t), "a", "b")
	h := mustHold(t, Client(dir))
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
	if err := h.Release(); err != nil {
		t.Error(err)
	}
}

func TestSetOfAKilledProcessIsFreeAtOnce(t *testing.T) {
	dir := newDir(t)
	p := start(t, "die", dir)
	p.want("holding")
	if err := p.end(); err == nil {
		t.Fatal("the helper lives")
	}
	for _, path := range three(dir) {
		if !exists(path) {
			t.Fatalf("%s is gone already", path)
		}
	}
	h, err := Client(dir).Acquire(context.Background(), 0)
	if !hasAttributes(t, dir) {
		if !isHeld(err) { // nothing says that nobody holds it: the stale time has to do
			t.Errorf("%v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Release(); err != nil {
		t.Error(err)
	}
}

func TestSetOfALiveProcessIsHeld(t *testing.T) {
	dir := newDir(t)
	p := start(t, "hold", dir)
	p.want("holding")
	_, err := Client(dir).Acquire(context.Background(), 0)
	var held *HeldError
	if !errors.As(err, &held) {
		t.Fatal(err)
	}
	if hasAttributes(t, dir) && (held.Owner == nil || held.Owner.PID != p.cmd.Process.Pid) {
		t.Errorf("owner = %+v", held.Owner)
	}
	p.stdin.Close()
	if err := p.end(); err != nil {
		t.Fatal(err)
	}
	mustHold(t, Client(dir))
}

// A process may be killed before its lock has its name.
func TestLeftoversAreCleaned(t *testing.T) {
	dir := newDir(t)
	dead := start(t, "unknown role")
	_ = dead.end()
	here, elsewhere := hashSpace(ownSpace()), hashSpace("another machine")
	name := func(path, space string, pid int) string {
		return fmt.Sprintf("%s.claude-auth.%s.%d.0123456789abcdef", path, space, pid)
	}
	gone := []string{
		name(three(dir)[0], here, dead.cmd.Process.Pid),
		name(three(dir)[1], here, dead.cmd.Process.Pid),
		name(three(dir)[2], elsewhere, dead.cmd.Process.Pid),
	}
	kept := []string{
		name(three(dir)[0], here, os.Getpid()),
		name(three(dir)[1], elsewhere, dead.cmd.Process.Pid),
		three(dir)[0] + ".claude-auth.mine",
	}
	for _, path := range append(gone, kept...) {
		makeForeign(t, path, 0)
	}
	setAge(t, gone[2], claude.StorageStale+time.Second)
	if err := mustHold(t, Client(dir)).Release(); err != nil {
		t.Fatal(err)
	}
	for _, path := range gone {
		if exists(path) {
			t.Errorf("%s is left", path)
		}
	}
	for _, path := range kept {
		if !exists(path) {
			t.Errorf("%s was removed", path)
		}
	}
}

func TestHoldersAndBreakStale(t *testing.T) {
	dir := newDir(t)
	s := Client(dir)
	if holders := s.Holders(); len(holders) != 0 {
		t.Fatalf("%+v", holders)
	}
	makeForeign(t, three(dir)[0], 0)
	makeForeign(t, three(dir)[1], time.Hour)
	if err := os.WriteFile(three(dir)[2], nil, 0o600); err != nil {
		t.Fatal(err)
	}
	holders := s.Holders()
	if len(holders) != 3 {
		t.Fatalf("%+v", holders)
	}
	if h := holders[0]; h.Path != three(dir)[0] || h.Stale || h.Err != nil || time.Since(h.Since) > time.Minute {
		t.Errorf("live: %+v", h)
	}
	if h := holders[1]; h.Path != three(dir)[1] || !h.Stale || h.Err != nil || time.Since(h.Since) < time.Minute {
		t.Errorf("stale: %+v", h)
	}
	if h := holders[2]; !errors.As(h.Err, new(*BlockedError)) {
		t.Errorf("blocked: %+v", h)
	}
	removed, err := s.BreakStale()
	if !slices.Equal(removed, three(dir)[1:2]) || !errors.As(err, new(*BlockedError)) {
		t.Errorf("removed %q, %v", removed, err)
	}
	if !exists(three(dir)[0]) || exists(three(dir)[1]) || !exists(three(dir)[2]) {
		t.Error("removed the wrong ones")
	}
}

// writeRecord writes an owner file as 2.1.330 does, for the lock at path, with changes.
func writeRecord(t *testing.T, dir string, pid int, change map[string]any) {
	t.Helper()
	domain, space, _ := strings.Cut(clientSpace(), "\n")
	r := map[string]any{"pid": pid, "pidDomain": domain, "pidSpace": space}
	for name, path := range map[string]string{"lockBirthtimeMs": three(dir)[0], "legacyLockBirthtimeMs": three(dir)[1]} {
		if id, err := identify(path); err == nil {
			r[name] = id.birthMs()
		}
	}
	for k, v := range change {
		r[k] = v
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, claude.RefreshOwner), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOwnerFileOfTheClient(t *testing.T) {
	dead := start(t, "unknown role")
	_ = dead.end()
	gone, alive, old := dead.cmd.Process.Pid, os.Getpid(), claude.OwnerGrace+time.Second
	for _, test := range []struct {
		name   string
		pid    int
		age    time.Duration
		change map[string]any
		stale  bool
		owner  bool
	}{
		{"dead", gone, old, nil, true, true},
		{"dead, but touched just now", gone, 0, nil, false, true},
		{"alive", alive, old, nil, false, true},
		{"its pid is another process's now", alive, old, map[string]any{"procStart": "1"}, true, true},
		{"alive, started then", alive, old, map[string]any{"procStart": startOf(alive)}, false, true},
		{"another machine", gone, old, map[string]any{"pidSpace": "elsewhere#pid:[1]"}, false, true},
		{"another domain", gone, old, map[string]any{"pidDomain": "linux:x:y"}, false, true},
		{"another lock", gone, old, map[string]any{"lockBirthtimeMs": 12345.5}, false, false},
		{"everybody", -1, old, nil, false, false},
		{"init", 1, old, nil, false, false},
		{"no number", alive, old, map[string]any{"pid": "x"}, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := newDir(t)
			makeForeign(t, three(dir)[0], test.age)
			if id, err := identify(three(dir)[0]); err != nil || id.birth == 0 {
				t.Fatalf("this file system tells no time of birth, the client's owner file means nothing here: %v", err)
			}
			writeRecord(t, dir, test.pid, test.change)
			holders := Client(dir).Holders()
			if len(holders) != 1 {
				t.Fatalf("%+v", holders)
			}
			if h := holders[0]; h.Stale != test.stale || (h.Owner != nil) != test.owner {
				t.Errorf("%+v, owner %+v", h, h.Owner)
			}
			if _, err := Client(dir).Acquire(t.Context(), 0); isHeld(err) == test.stale {
				t.Errorf("Acquire: %v", err)
			}
		})
	}
}

func TestOwnerFileNamesTheLegacyLockToo(t *testing.T) {
	dir := newDir(t)
	dead := start(t, "unknown role")
	_ = dead.end()
	for _, path := range three(dir)[:2] {
		makeForeign(t, path, claude.OwnerGrace+time.Second)
	}
	writeRecord(t, dir, dead.cmd.Process.Pid, nil)
	removed, err := Client(dir).BreakStale()
	if err != nil || !slices.Equal(removed, three(dir)[:2]) {
		t.Errorf("removed %q, %v", removed, err)
	}
}

// Whatever stands in the owner file's place says nothing, and never stops us.
func TestHostileOwnerFile(t *testing.T) {
	for name, put := range map[string]func(path string) error{
		"fifo":      func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"directory": func(path string) error { return os.Mkdir(path, 0o700) },
		"link":      func(path string) error { return os.Symlink("/dev/zero", path) },
		"huge":      func(path string) error { return os.WriteFile(path, make([]byte, 1<<20), 0o600) },
		"link to a record": func(path string) error {
			dir := filepath.Dir(path)
			writeRecord(t, dir, os.Getpid(), nil)
			return errors.Join(os.Rename(path, filepath.Join(dir, "record")), os.Symlink("record", path))
		},
		"garbage": func(path string) error { return os.WriteFile(path, []byte(`{"pid":`), 0o600) },
		"array":   func(path string) error { return os.WriteFile(path, []byte(`[1]`), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := newDir(t)
			makeForeign(t, three(dir)[0], claude.OwnerGrace+time.Second)
			if err := put(filepath.Join(dir, claude.RefreshOwner)); err != nil {
				t.Fatal(err)
			}
			holders := Client(dir).Holders()
			if len(holders) != 1 || holders[0].Stale || holders[0].Owner != nil {
				t.Errorf("%+v", holders)
			}
		})
	}
}

// An attribute is believed about this machine, boot and pid namespace only.
func TestAttributeOfAnotherMachine(t *testing.T) {
	dir := newDir(t)
	if !hasAttributes(t, dir) {
		return // then nothing is believed, as TestSetOfAKilledProcessIsFreeAtOnce holds
	}
	dead := start(t, "unknown role")
	_ = dead.end()
	for space, stale := range map[string]bool{ownSpace(): true, "another": false, "": false} {
		path := three(dir)[2]
		makeForeign(t, path, 0)
		value, err := json.Marshal(attribute{Owner: Owner{PID: dead.cmd.Process.Pid, Start: "1", Space: space}})
		if err != nil {
			t.Fatal(err)
		}
		if err := setAttribute(path, ownerAttribute, value); err != nil {
			t.Fatal(err)
		}
		holders := Client(dir).Holders()
		if len(holders) != 1 || holders[0].Stale != stale {
			t.Errorf("%q: %+v", space, holders)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"pid":4242,"procStart":"77","pidDomain":"linux:x:y","pidSpace":"h#y",` +
		`"lockBirthtimeMs":1795460650807.5}`))
	f.Add([]byte(`{"pid":1e99}`))
	for _, document := range seeds.Documents(f) { // a client that writes that file also writes other JSON
		f.Add(document)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, claude.RefreshOwner)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		r, _ := readRecord(path) // what could be read of a torn one, too
		owner := r.owner()
		if owner != nil && owner.PID <= 1 {
			t.Errorf("%q names process %d", data, owner.PID)
		}
	})
}

func FuzzStaging(f *testing.F) {
	f.Add(filepath.Base(stagingName("/x.lock")))
	f.Add("x.lock.claude-auth.01234567.99999999999999999999.0123456789abcdef")
	for _, text := range seeds.Texts(f) {
		if bytes.Contains(text, []byte("lock")) {
			f.Add(filepath.Base(string(text)))
		}
	}
	f.Fuzz(func(t *testing.T, name string) {
		space, pid, ok := parseStaging(name, "x.lock")
		if ok && (pid <= 1 || len(space) != 8 || !strings.HasPrefix(name, "x.lock.claude-auth.")) {
			t.Errorf("%q is of process %d in %q", name, pid, space)
		}
	})
}
