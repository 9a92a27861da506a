//go:build !linux

package fdio

import (
	"context"
	"time"
)

// longestNap bounds one sleep, because a timer of Go's stands still while the machine sleeps.
const longestNap = time.Minute

// SleepUntil sleeps until the wall clock shows t. After a sleep of the machine it may take longestNap longer. It
// returns ctx's error when that ends first.
func SleepUntil(ctx context.Context, t time.Time) error {
	for {
		left := time.Until(t.Round(0))
		if left <= 0 {
			return ctx.Err()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(left, longestNap)):
		}
	}
}
