package fdio

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestSleepUntil(t *testing.T) {
	until := time.Now().Add(30 * time.Millisecond)
	if err := SleepUntil(context.Background(), until); err != nil || time.Now().Before(until) {
		t.Errorf("%v, %v early", err, time.Until(until))
	}
	for _, past := range []time.Time{{}, time.Unix(0, 0), time.Now().Add(-time.Hour)} {
		if err := SleepUntil(context.Background(), past); err != nil {
			t.Errorf("until %v: %v", past, err)
		}
	}
}

func TestSleepUntilEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	if err := SleepUntil(ctx, time.Now().Add(time.Hour)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

const envInherits = "FDIO_TEST_INHERITS"

// TestCloseInherited starts itself with a pipe as descriptor 3, which must then be at its end.
func TestCloseInherited(t *testing.T) {
	if os.Getenv(envInherits) != "" {
		CloseInherited()
		time.Sleep(time.Minute) // the other side ends it
		return
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0], "-test.run=^TestCloseInherited$")
	child.Env, child.ExtraFiles = append(os.Environ(), envInherits+"=1"), []*os.File{w}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Wait()
	defer child.Process.Kill()
	_ = w.Close()
	var b [1]byte
	if err := r.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if n, err := r.Read(b[:]); n != 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the pipe is still open: %d, %v", n, err)
	}
}
