package lock

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// leftover is what is on the disk, by the version of the client and by what has become of it.
type leftover struct {
	name   string
	lock   bool
	pid    int // of the owner file; 0 for no file
	age    time.Duration
	change map[string]any
	want   Renewal
	ok     bool
}

const (
	old   = claude.LongestRefreshStale + time.Second
	young = time.Second
)

func leftovers(gone, alive int) []leftover {
	elsewhere := map[string]any{"pidSpace": "elsewhere#pid:[1]"}
	return []leftover{
		{name: "nothing"},
		{name: "2.1.330 renews", lock: true, pid: alive, age: young, ok: true},
		{name: "2.1.330 is stopped", lock: true, pid: alive, age: old, ok: true},
		{name: "2.1.330 was killed", lock: true, pid: gone, age: young, want: Renewal{Over: true, Killed: true}, ok: true},
		{name: "2.1.330 got SIGTERM", pid: gone, age: young, want: Renewal{Over: true}, ok: true},
		{name: "2.1.330 is removing its lock", pid: alive, age: young},
		{name: "2.1.330 has kept its file", pid: alive, age: old},
		{name: "2.1.330 in a container", lock: true, pid: gone, age: young, change: elsewhere, ok: true},
		{
			name: "2.1.330 was killed in a container", lock: true, pid: gone, age: old, change: elsewhere,
			want: Renewal{Over: true, Killed: true}, ok: true,
		},
		{name: "2.1.330 in a container got SIGTERM", pid: gone, age: young, change: elsewhere},
		{
			name: "2.1.330 in a container got SIGTERM long ago", pid: gone, age: old, change: elsewhere,
			want: Renewal{Over: true}, ok: true,
		},
		{name: "2.1.165 renews", lock: true, age: young, ok: true},
		{name: "2.1.165 was killed", lock: true, age: old, want: Renewal{Over: true, Killed: true}, ok: true},
		{
			name: "2.1.165, and an older file", lock: true, pid: gone, age: young,
			change: map[string]any{"lockBirthtimeMs": 1, "legacyLockBirthtimeMs": 1}, ok: true,
		},
		{name: "a file of no process", pid: 1, age: old},
	}
}

// What a client leaves on the disk when it ends in the middle of a renewal, by version and by what ended it.
func TestRenewal(t *testing.T) {
	dead := start(t, "unknown role")
	_ = dead.end()
	gone, alive := dead.cmd.Process.Pid, os.Getpid()
	for _, test := range leftovers(gone, alive) {
		t.Run(test.name, func(t *testing.T) {
			dir := newDir(t)
			lock, file := filepath.Join(dir, claude.RefreshLock), filepath.Join(dir, claude.RefreshOwner)
			if test.lock {
				makeForeign(t, lock, test.age)
			}
			if test.pid != 0 {
				writeRecord(t, dir, test.pid, test.change)
				setAge(t, file, test.age)
			}
			r, ok := Client(dir).Renewal()
			touched, began := r.Touched, r.Began
			r.Touched, r.Began = time.Time{}, time.Time{}
			if ok != test.ok || r != test.want {
				t.Errorf("%+v, %v, want %+v, %v", r, ok, test.want, test.ok)
			}
			if age := time.Since(touched); ok && (age < test.age || age > test.age+time.Minute) {
				t.Errorf("last touched %v ago, want %v", age, test.age)
			}
			if age := time.Since(began); ok && test.lock && age > young {
				t.Errorf("began %v ago, but the lock was made just now", age)
			}
		})
	}
}

// This program takes the lock too, but it renews nothing.
func TestOurOwnLockIsNoRenewal(t *testing.T) {
	dir := newDir(t)
	if !hasAttributes(t, dir) {
		t.Skip("locks of ours look like the client's on this file system")
	}
	p := start(t, "die", dir)
	p.want("holding")
	_ = p.end()
	if r, ok := Client(dir).Renewal(); ok {
		t.Errorf("%+v", r)
	}
}

func BenchmarkNoRenewal(b *testing.B) {
	s := Client(b.TempDir())
	for b.Loop() {
		if _, ok := s.Renewal(); ok {
			b.Fatal("there is one")
		}
	}
}

// A renewal has one beginning, whether its lock is still there or only its owner file.
func TestRenewalHasOneBeginning(t *testing.T) {
	dir := newDir(t)
	lock := filepath.Join(dir, claude.RefreshLock)
	makeForeign(t, lock, 0)
	dead := start(t, "unknown role")
	_ = dead.end()
	writeRecord(t, dir, dead.cmd.Process.Pid, nil)
	with, ok := Client(dir).Renewal()
	if !ok {
		t.Fatal("no renewal")
	}
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	without, ok := Client(dir).Renewal()
	if diff := with.Began.Sub(without.Began); !ok || diff.Abs() > 2*time.Microsecond {
		t.Errorf("it began at %v, and without its lock at %v", with.Began, without.Began)
	}
}
