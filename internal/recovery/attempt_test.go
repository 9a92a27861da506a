package recovery

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/claude-auth/claude-auth/internal/flock"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// noted is a terminal that nobody reads.
type noted struct{ Terminal }

func (noted) Notef(string, ...any) {}

// An attempt in a process that does not end is waited for as long as a sign-in may take, and no longer.
func TestLockAttemptEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &Repairer{Paths: paths.Paths{StateDir: t.TempDir()}, Terminal: noted{}, Timeout: time.Minute}
		release, err := flock.Acquire(context.Background(), r.Paths.AttemptLock(), nil)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, err = r.lockAttempt(context.Background())
		if took := time.Since(began); took < time.Minute || took > 2*time.Minute {
			t.Errorf("it took %v", took)
		}
		if !errors.Is(err, ErrLocked) || ui.HintOf(err) == "" {
			t.Errorf("%v; hint: %q", err, ui.HintOf(err))
		}
		release()
		unlock, err := r.lockAttempt(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		unlock()
	})
}

// Where no lock can be made, a repair goes on without.
func TestLockAttemptWithoutState(t *testing.T) {
	r := &Repairer{Terminal: noted{}, Quiet: true}
	r.Paths.StateDir = filepath.Join("/dev/null", "state")
	unlock, err := r.lockAttempt(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}
