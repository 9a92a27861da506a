package cmd

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"
)

// A signal ends a command with its own status, but only a command that failed because of it.
func TestAfterSignal(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	stopped := fmt.Errorf("wait for a lock: %w", context.Canceled)
	if err := afterSignal(ctx, stopped); exitStatus(err) != exitFailed {
		t.Errorf("without a signal: status %d", exitStatus(err))
	}
	cancel(signalled(syscall.SIGTERM))
	for want, err := range map[int]error{
		143:        stopped,
		exitOK:     nil,
		exitFailed: errors.New("another reason"),
		exitUsage:  usageErrorf("", "wrong"),
	} {
		if got := exitStatus(afterSignal(ctx, err)); got != want {
			t.Errorf("%v: status %d, want %d", err, got, want)
		}
	}
	if err := afterSignal(ctx, context.Cause(ctx)); exitStatus(err) != 143 {
		t.Errorf("the cause of the context: status %d", exitStatus(err))
	}
}
