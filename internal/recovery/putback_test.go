package recovery_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/signin"
)

// refused is a person whose sign-in fails; meanwhile is what happens during it.
type refused struct {
	nobody
	meanwhile func()
}

func (r refused) SignIn(context.Context, signin.Request) (runner.Status, error) {
	r.meanwhile()
	return runner.Status{Code: 1}, nil
}

// busy is a store whose lock another process keeps for so many attempts.
type busy struct {
	credentials.Store
	attempts int
}

func (b *busy) Replace(ctx context.Context, change func(credentials.Snapshot) ([]byte, error)) error {
	if b.attempts > 0 {
		b.attempts--
		return &credentials.LockedError{Path: "the store", Err: &lock.HeldError{}}
	}
	return b.Store.Replace(ctx, change)
}

// A client that was killed while it wrote leaves a lock that the store does not wait out in one attempt. The old login
// is restored nevertheless.
func TestTheOldLoginWaitsForALock(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	tool := newTool(t, &now)
	save(t, tool, "old")
	if err := os.WriteFile(filepath.Join(tool.Dir, "claude"), nil, 0o700); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(tool.Paths.Credentials)
	if err != nil {
		t.Fatal(err)
	}
	store := &busy{Store: tool.Store}
	tool.Store = store
	tool.Terminal = refused{nobody{t}, func() { store.attempts = 3 }}
	err = tool.Login(t.Context(), nil)
	var locked *credentials.LockedError
	if err == nil || errors.As(err, &locked) {
		t.Errorf("the sign-in ends with %v", err)
	}
	after, err := os.ReadFile(tool.Paths.Credentials)
	if err != nil || string(after) != string(before) || store.attempts != 0 {
		t.Errorf("the old login is not back: %v; %d attempts are left", err, store.attempts)
	}
}
