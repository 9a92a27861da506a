package fdio

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// SleepUntil sleeps until the wall clock shows t, also when the machine sleeps meanwhile or its clock is set: a timer
// of Go's stands still while the machine sleeps. It returns ctx's error when that ends first.
func SleepUntil(ctx context.Context, t time.Time) error {
	timer, err := unix.TimerfdCreate(unix.CLOCK_REALTIME, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return fmt.Errorf("make a timer: %w", err)
	}
	defer Close(timer)
	// A timer of 0 would be switched off.
	at := unix.ItimerSpec{Value: unix.NsecToTimespec(max(t.UnixNano(), 1))}
	if err := unix.TimerfdSettime(timer, unix.TFD_TIMER_ABSTIME, &at, nil); err != nil {
		return fmt.Errorf("set a timer: %w", err)
	}
	wake, err := NewWake()
	if err != nil {
		return err
	}
	defer wake.Close()
	defer context.AfterFunc(ctx, wake.Ring)()
	if _, err := Wait([]unix.PollFd{For(timer, unix.POLLIN), For(wake.R, unix.POLLIN)}, -1); err != nil {
		return err
	}
	return ctx.Err()
}
