package lock

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// fromTheFuture makes a lock of another process whose mtime is an hour ahead.
func fromTheFuture(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.lock")
	makeForeign(t, path, -time.Hour)
	return path
}

// Its mtime never gets old. It is taken over when nobody has touched it for the stale time, and until then the error
// says what is wrong.
func TestALockFromTheFutureIsTakenOver(t *testing.T) {
	path := fromTheFuture(t)
	var held *HeldError
	if _, err := breakIfStale(path, withDefaults(options{stale: time.Hour})); !errors.As(err, &held) || held.Ahead == 0 {
		t.Fatalf("%v", err)
	}
	eventually(t, "it is taken over", func() bool {
		broke, err := breakIfStale(path, withDefaults(options{stale: 100 * time.Millisecond}))
		if err != nil && !errors.As(err, &held) {
			t.Fatal(err)
		}
		return broke
	})
	if left := names(t, filepath.Dir(path)); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A holder whose clock is ahead touches its lock, and keeps it.
func TestALiveLockFromTheFutureIsNeverTaken(t *testing.T) {
	path := fromTheFuture(t)
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() { // ends at stop
		defer close(ended)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				ahead := time.Now().Add(time.Hour)
				_ = os.Chtimes(path, ahead, ahead)
			}
		}
	}()
	defer func() { close(stop); <-ended }()
	o := withDefaults(options{stale: time.Second})
	for end := time.Now().Add(2 * o.stale); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if broke, err := breakIfStale(path, o); broke || err == nil {
			t.Fatalf("taken: %v", err)
		}
	}
	untouched, err := staysAsItIs(t.Context(), look(path, o), time.Now().Add(time.Second))
	if untouched || err != nil {
		t.Errorf("untouched: %v, %v", untouched, err)
	}
}

// Where the clock of this machine is wrong, or the directory is on another one, the clock of the file system decides.
func TestTheClockOfTheFileSystemDecides(t *testing.T) {
	path := fromTheFuture(t)
	clock := newFakeClock()
	clock.advance(30 * time.Minute) // the lock seems untouched for half an hour
	o := withDefaults(options{stale: time.Minute, clock: clock})
	if h := look(path, o); !h.Stale || h.Ahead == 0 {
		t.Fatalf("%+v", h)
	}
	if broke, err := breakIfStale(path, o); broke || !errors.As(err, new(*HeldError)) {
		t.Errorf("taken, though it has just been touched: %v", err)
	}
}

// The last way out: what stays untouched while it is watched belongs to nobody, even if the clock of the file system
// was ahead too.
func TestALockThatIsWatched(t *testing.T) {
	path := fromTheFuture(t)
	seen := look(path, withDefaults(options{stale: time.Hour}))
	untouched, err := staysAsItIs(t.Context(), seen, time.Now().Add(300*time.Millisecond))
	if !untouched || err != nil {
		t.Errorf("%v, %v", untouched, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	untouched, err = staysAsItIs(t.Context(), seen, time.Now())
	if untouched || err != nil {
		t.Errorf("it is gone: %v, %v", untouched, err)
	}
}
