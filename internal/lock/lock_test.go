package lock

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
)

func TestLockKeepsOthersOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	before := time.Now().Add(-time.Second)
	l := mustTake(t, path, options{})
	if info, err := os.Lstat(path); err != nil || !info.IsDir() || info.ModTime().Before(before) {
		t.Fatalf("the lock is %v, %v", info, err)
	}
	_, err := tryTake(context.Background(), path, options{})
	var held *HeldError
	if !errors.As(err, &held) {
		t.Fatalf("second take: %v", err)
	}
	if held.Path != path || held.Since.Before(before) {
		t.Errorf("held = %+v", held)
	}
	owner := held.Owner
	named := owner != nil && owner.PID == os.Getpid() && owner.Ours && !owner.gone()
	if hasAttributes(t, filepath.Dir(path)) && !named {
		t.Errorf("owner = %+v", held.Owner)
	}
	if err := l.check(); err != nil {
		t.Error(err)
	}
	if err := l.release(); err != nil {
		t.Error(err)
	}
	if err := l.release(); err != nil {
		t.Errorf("second Release: %v", err)
	}
	if err := l.check(); err == nil {
		t.Error("a released lock passes Check")
	}
	if left := names(t, filepath.Dir(path)); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
}

func TestManyProcessesCount(t *testing.T) {
	dir := t.TempDir()
	path, file := filepath.Join(dir, "x.lock"), filepath.Join(dir, "number")
	if err := os.WriteFile(file, []byte("0"), 0o600); err != nil {
		t.Fatal(err)
	}
	const count, times = 8, 25
	var all []*process
	for range count {
		all = append(all, start(t, "count", path, file, strconv.Itoa(times)))
	}
	for _, p := range all {
		if err := p.end(); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil || string(data) != strconv.Itoa(count*times) {
		t.Fatalf("counted to %s, %v; want %d", data, err, count*times)
	}
	if left := names(t, dir); len(left) != 1 {
		t.Errorf("left: %q", left)
	}
}

func TestStaleLockIsTakenByExactlyOne(t *testing.T) {
	for range 5 {
		path := filepath.Join(t.TempDir(), "x.lock")
		makeForeign(t, path, time.Hour)
		var all []*process
		for range 8 {
			p := start(t, "try", path)
			p.want("ready")
			all = append(all, p)
		}
		for _, p := range all {
			p.stdin.Close()
		}
		got := 0
		for _, p := range all {
			if p.line() == "got" {
				got++
			}
		}
		if got != 1 {
			t.Fatalf("%d processes took the lock", got)
		}
		owner := ownerOf(path, identity{}, options{})
		if hasAttributes(t, filepath.Dir(path)) && (owner == nil || owner.gone()) {
			t.Errorf("owner = %+v", owner)
		}
	}
}

func TestLiveLockIsNeverTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	clock := newFakeClock()
	l := mustTake(t, path, options{clock: clock})
	for range 20 { // six times the stale time
		eventually(t, "the holder waits", func() bool { return clock.waiting() == 1 })
		clock.advance(updateEvery)
		eventually(t, "the mtime is updated", func() bool {
			id, err := identify(path)
			return err == nil && id.modTime().Equal(clock.Now())
		})
		var held *HeldError
		if _, err := tryTake(context.Background(), path, options{clock: clock}); !errors.As(err, &held) {
			t.Fatalf("a live lock: %v", err)
		}
	}
	if err := errors.Join(l.check(), l.release()); err != nil {
		t.Error(err)
	}
}

func TestForeignLockByAge(t *testing.T) {
	for age, taken := range map[time.Duration]bool{
		testStale + time.Second:   true,
		testStale - 2*time.Second: false,
		0:                         false,
		-time.Second:              false, // the client's first mtime lies ahead
		-time.Hour:                false,
	} {
		t.Run(age.String(), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.lock")
			makeForeign(t, path, age)
			l, err := tryTake(context.Background(), path, options{})
			if taken {
				if err != nil {
					t.Fatal(err)
				}
				if err := l.release(); err != nil || exists(path) {
					t.Errorf("release: %v", err)
				}
				return
			}
			var held *HeldError
			if !errors.As(err, &held) || held.Owner != nil {
				t.Fatalf("%v", err)
			}
			if !exists(path) {
				t.Error("the lock was removed")
			}
		})
	}
}

func TestWaitsForRelease(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	first := mustTake(t, path, options{})
	clock := newFakeClock()
	result := make(chan error, 1)
	go func() {
		l, err := tryTake(context.Background(), path, options{wait: time.Minute, clock: clock})
		if err == nil {
			err = l.release()
		}
		result <- err
	}()
	eventually(t, "the second waits", func() bool { return clock.waiting() == 1 })
	if err := first.release(); err != nil {
		t.Fatal(err)
	}
	clock.advance(time.Second)
	if err := <-result; err != nil {
		t.Error(err)
	}
}

func TestWaitEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	mustTake(t, path, options{})
	clock := newFakeClock()
	result := make(chan error, 1)
	acquire := func(ctx context.Context) {
		_, err := tryTake(ctx, path, options{wait: time.Minute, clock: clock, stale: time.Hour})
		result <- err
	}
	go acquire(context.Background())
	for range 2 {
		eventually(t, "it waits", func() bool { return clock.waiting() == 1 })
		clock.advance(30 * time.Second)
	}
	var held *HeldError
	if err := <-result; !errors.As(err, &held) {
		t.Errorf("after the time: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go acquire(ctx)
	eventually(t, "it waits", func() bool { return clock.waiting() >= 1 })
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("after cancel: %v", err)
	}
	if _, err := tryTake(ctx, filepath.Join(t.TempDir(), "free.lock"), options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
}

func TestLostLockIsReported(t *testing.T) {
	replace := func(t *testing.T, path string) {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		makeForeign(t, path, 0)
	}
	for name, lose := range map[string]func(*testing.T, string){
		"removed": func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		},
		"taken over": replace,
		"a file": func(t *testing.T, path string) {
			if err := errors.Join(os.Remove(path), os.WriteFile(path, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name+", by the next update", func(t *testing.T) {
			path, clock := filepath.Join(t.TempDir(), "x.lock"), newFakeClock()
			l := mustTake(t, path, options{clock: clock})
			eventually(t, "the holder waits", func() bool { return clock.waiting() == 1 })
			lose(t, path)
			clock.advance(updateEvery)
			<-l.ended
			wantLost(t, l, path)
		})
		t.Run(name+", by a check", func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.lock")
			l := mustTake(t, path, options{})
			lose(t, path)
			if err := l.check(); !errors.As(err, new(*LostError)) {
				t.Fatalf("check: %v", err)
			}
			wantLost(t, l, path)
		})
		t.Run(name+", by the release", func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.lock")
			l := mustTake(t, path, options{})
			lose(t, path)
			wantLost(t, l, path)
		})
	}
}

// wantLost releases a lost lock: that is reported, and what is in its place stays.
func wantLost(t *testing.T, l *dirLock, path string) {
	t.Helper()
	was := exists(path)
	if err := l.release(); !errors.As(err, new(*LostError)) {
		t.Errorf("release: %v", err)
	}
	if err := l.err; !errors.As(err, new(*LostError)) {
		t.Errorf("why it was lost: %v", err)
	}
	if was != exists(path) {
		t.Error("somebody else's lock was removed")
	}
}

func TestStoppedProcessHasLostItsLock(t *testing.T) {
	path, clock := filepath.Join(t.TempDir(), "x.lock"), newFakeClock()
	l := mustTake(t, path, options{stale: time.Minute, lifetime: 10 * time.Second, clock: clock})
	clock.advance(10 * time.Second) // whichever of the two looks first
	if err := l.check(); !errors.As(err, new(*LostError)) || !strings.Contains(err.Error(), "stopped") {
		t.Errorf("check: %v", err)
	}
}

// A process that saw the stale lock before we took it over may still remove ours, as the client does: then it is lost.
func TestTakeoverThatIsUndone(t *testing.T) {
	path, clock := filepath.Join(t.TempDir(), "x.lock"), newFakeClock()
	makeForeign(t, path, time.Hour)
	result := make(chan error, 1)
	go func() {
		_, err := tryTake(context.Background(), path, options{clock: clock})
		result <- err
	}()
	eventually(t, "the new lock is made, and looked at again later", func() bool { return clock.waiting() == 1 })
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	makeForeign(t, path, 0)
	clock.advance(settleTime)
	if err := <-result; !errors.As(err, new(*HeldError)) {
		t.Errorf("%v", err)
	}
	if !exists(path) {
		t.Error("somebody else's lock was removed")
	}
}

// A directory of the same inode number and time of birth as ours is not ours without our mark.
func TestLockWithoutOurMarkIsNotOurs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	l := mustTake(t, path, options{})
	if _, err := setOwner(path); errors.Is(err, errUnsupported) {
		return // no marks here: the mtime decides, as TestLostLockIsReported holds
	} else if err != nil {
		t.Fatal(err)
	}
	if err := l.check(); !errors.As(err, new(*LostError)) {
		t.Errorf("check: %v", err)
	}
	wantLost(t, l, path)
}

func TestGoneIsNeverSaidOfNoProcess(t *testing.T) {
	for _, pid := range []int{1, 0, -1, -99999999} {
		if (&Owner{PID: pid, Space: ownSpace(), Ours: true}).gone() {
			t.Errorf("%d is gone", pid)
		}
	}
}

func TestBlocked(t *testing.T) {
	for name, block := range map[string]func(path string) error{
		"a file":                        func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"a symbolic link":               func(path string) error { return os.Symlink(os.TempDir(), path) },
		"a directory that is not empty": func(path string) error { return os.MkdirAll(filepath.Join(path, "x"), 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.lock")
			if err := block(path); err != nil {
				t.Fatal(err)
			}
			if name != "a symbolic link" {
				setAge(t, path, time.Hour)
			}
			_, err := tryTake(context.Background(), path, options{wait: time.Minute})
			var blocked *BlockedError
			if !errors.As(err, &blocked) || blocked.What != name || blocked.Path != path {
				t.Errorf("%v", err)
			}
			if !exists(path) {
				t.Error("it was removed")
			}
		})
	}
}

// A lock that cannot be removed in the end is made as old as one of a process that died long ago.
func TestLockThatCannotBeRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	l := mustTake(t, path, options{})
	inside := filepath.Join(path, ".DS_Store") // as the Finder would
	if err := os.WriteFile(inside, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var left *LeftError
	if err := l.release(); !errors.As(err, &left) || left.Path != path || left.Hint() == "" {
		t.Errorf("release: %v", err)
	}
	if info, err := os.Lstat(path); err != nil || time.Since(info.ModTime()) < claude.LongestRefreshStale {
		t.Errorf("it looks alive: %v, %v", info, err)
	}
	if err := os.Remove(inside); err != nil {
		t.Fatal(err)
	}
	setAge(t, path, abandoned) // removing the file has set the mtime
	if err := mustTake(t, path, options{stale: claude.LongestRefreshStale}).release(); err != nil {
		t.Errorf("the next one: %v", err)
	}
}

func TestCannotMake(t *testing.T) {
	_, err := tryTake(context.Background(), filepath.Join(t.TempDir(), "missing", "x.lock"), options{wait: time.Minute})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing directory: %v", err)
	}
}

// A name that leaves no room for another beside it, as a file system without exclusive rename, means the client's way.
func TestMadeInPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("n", 240)+".lock")
	l := mustTake(t, path, options{})
	if _, err := tryTake(context.Background(), path, options{}); !errors.As(err, new(*HeldError)) {
		t.Errorf("second take: %v", err)
	}
	if err := errors.Join(l.check(), l.release()); err != nil {
		t.Error(err)
	}
	if left := names(t, filepath.Dir(path)); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
}
