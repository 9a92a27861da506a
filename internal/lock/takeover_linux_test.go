package lock

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// waitsForFlock reports whether this process waits for a flock(2).
func waitsForFlock(t *testing.T) bool {
	t.Helper()
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(locks)) {
		if strings.Contains(line, "-> FLOCK") && strings.Contains(line, fmt.Sprintf(" %d ", os.Getpid())) {
			return true
		}
	}
	return false
}

// A process that waits its turn to break a stale lock looks again when it comes: the lock may be a new one by then.
func TestStaleLockIsLookedAtAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	makeForeign(t, path, time.Hour)
	unguard, err := guard(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() {
		_, err := breakIfStale(path, withDefaults(options{}))
		result <- err
	}()
	eventually(t, "it waits its turn", func() bool { return waitsForFlock(t) })
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	makeForeign(t, path, 0)
	unguard()
	if err := <-result; !errors.As(err, new(*HeldError)) {
		t.Errorf("%v", err)
	}
	if !exists(path) {
		t.Error("a live lock was removed")
	}
}
