package ui

import (
	"context"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/vt"
)

// What is typed can be corrected, and Enter sends it.
func TestAnAnswerIsALine(t *testing.T) {
	r, w, err := fdio.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer fdio.Close(r, w)
	q := &keyQuestion{fd: w, before: &unix.Termios{}}
	q.before.Cc[unix.VKILL], q.before.Cc[unix.VEOF] = 'u'&0x1f, 'd'&0x1f
	char := func(r rune) vt.Key { return vt.Key{Kind: vt.KeyRune, Rune: r} }
	erase, kill := vt.Key{Kind: vt.KeyBackspace}, vt.Key{Kind: vt.KeyCtrl, Rune: 'u'}
	end := vt.Key{Kind: vt.KeyCtrl, Rune: 'd'}
	for _, key := range []vt.Key{erase, char('n'), char('é'), end, kill, char('y'), char('x'), erase} {
		if answer, done := q.press(context.Background(), key); done {
			t.Fatalf("%+v ends it with %q", key, answer)
		}
	}
	if answer, done := q.press(context.Background(), vt.Key{Kind: vt.KeyEnter}); !done || answer != "y\n" {
		t.Errorf("the answer is %q", answer)
	}
	echo := make([]byte, 256)
	n, _ := fdio.Read(r, echo)
	if want := "né\b \b\b \byx\b \b\n"; string(echo[:n]) != want {
		t.Errorf("it shows %q, want %q", echo[:n], want)
	}
	q.line = nil
	if answer, done := q.press(context.Background(), end); !done || answer != "" {
		t.Errorf("the end of input is %q %v", answer, done)
	}
}
