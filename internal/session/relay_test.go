package session

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
)

// On a busy machine the child could fail before Input had heard of the key that made it.
func TestInputHearsOfAKeyBeforeTheChild(t *testing.T) {
	r, w, err := fdio.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer fdio.Close(r, w)
	heard := false
	s := &Session{master: w}
	s.o.Input = func([]byte) {
		heard = true
		ready, err := unix.Poll([]unix.PollFd{fdio.For(r, unix.POLLIN)}, 0)
		if err != nil || ready != 0 {
			t.Errorf("the child has the key already (%v)", err)
		}
	}
	s.pass([]byte("\r"))
	buf := make([]byte, 2)
	if n, err := unix.Read(r, buf); !heard || err != nil || string(buf[:n]) != "\r" {
		t.Errorf("heard %v, got %q (%v)", heard, buf[:max(n, 0)], err)
	}
}
