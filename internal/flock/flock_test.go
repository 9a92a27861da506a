package flock_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/claude-auth/claude-auth/internal/flock"
)

// With these variables this test binary is one of several processes that want a lock.
const (
	envPath = "FLOCK_TEST_PATH"
	envWho  = "FLOCK_TEST_WHO"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(envPath); path != "" {
		attempt(path, os.Getenv(envWho))
		return
	}
	os.Exit(m.Run())
}

// attempt takes the lock, checks that nobody else has it, and says so.
func attempt(path, who string) {
	release, err := flock.Acquire(context.Background(), path, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	inside, err := os.OpenFile(path+".inside", os.O_CREATE|os.O_EXCL, 0o600) // fails when another one is inside
	if err != nil {
		fmt.Fprintln(os.Stderr, who, err)
		os.Exit(1)
	}
	if who == "dies" {
		os.Remove(inside.Name())
		os.Exit(3) // without letting go
	}
	os.Remove(inside.Name())
	release()
}

func TestAcquireIsForOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "attempt.lock")
	var commands []*exec.Cmd
	for i := range 16 {
		who := strconv.Itoa(i)
		if i%4 == 0 {
			who = "dies"
		}
		command := exec.Command(os.Args[0])
		command.Env = append(os.Environ(), envPath+"="+path, envWho+"="+who)
		command.Stderr = os.Stderr
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		commands = append(commands, command)
	}
	for i, command := range commands {
		want := 0
		if i%4 == 0 {
			want = 3
		}
		_ = command.Wait() // its status says the same
		if got := command.ProcessState.ExitCode(); got != want {
			t.Errorf("process %d ended with %d, want %d", i, got, want)
		}
	}
}

func TestAcquireWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "attempt.lock")
	if _, held := flock.HeldBy(path); held {
		t.Error("held before anybody took it")
	}
	first, err := flock.Acquire(t.Context(), path, func(flock.Holder) { t.Error("waited for nobody") })
	if err != nil {
		t.Fatal(err)
	}
	if holder, held := flock.HeldBy(path); !held || holder.PID != os.Getpid() || holder.Since.IsZero() {
		t.Errorf("holder %v, %v; want this process", holder, held)
	}
	ctx, cancel := context.WithCancel(t.Context())
	waiting := 0
	_, err = flock.Acquire(ctx, path, func(flock.Holder) { waiting++; cancel() })
	if err == nil || waiting != 1 {
		t.Errorf("a second lock: %v, said %d times that it waits", err, waiting)
	}
	second := make(chan error, 1)
	waits := make(chan struct{}, 1)
	go func() { // ends when the lock below is let go
		release, err := flock.Acquire(context.Background(), path, func(flock.Holder) { waits <- struct{}{} })
		if err == nil {
			release()
		}
		second <- err
	}()
	select {
	case <-waits:
	case err := <-second:
		t.Fatalf("it did not wait: %v", err)
	}
	first()
	first()
	if err := <-second; err != nil {
		t.Errorf("the one that waited: %v", err)
	}
	if _, held := flock.HeldBy(path); held {
		t.Error("still held after the last release")
	}
}
