package headless

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/flock"
)

// caller is the process that has started the sign-in.
type caller struct{ closed chan struct{} }

func (caller) Write(p []byte) (int, error) { return len(p), nil }
func (c caller) Close() error              { close(c.closed); return nil }

// serve starts a sign-in that answers each call with handle.
func serve(t *testing.T, dir string, handle func(*Server, Call)) *Server {
	t.Helper()
	s, err := Serve(dir, caller{make(chan struct{})})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Listen(ctx, func(c Call) { handle(s, c) }) }() // ends with ctx
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s
}

// ask returns the kinds of what a call is answered with, and the last message.
func ask(t *testing.T, dir string, call Call) (kinds []Kind, last Message, err error) {
	t.Helper()
	err = Ask(t.Context(), dir, call, func(m Message) { kinds, last = append(kinds, m.Kind), m })
	return kinds, last, err
}

func TestACodeIsAnswered(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sign-in")
	s := serve(t, dir, func(s *Server, c Call) {
		s.Tell(Message{Kind: Said, Text: "got " + c.Code})
		s.HangUp()
	})
	s.HangUp()
	s.Tell(Message{Kind: Note, Text: "nobody hears this yet"})
	if err := s.Announce(Waiting{Link: "https://example.com/1"}); err != nil {
		t.Fatal(err)
	}
	if w, busy := Find(dir); !busy || w.Link != "https://example.com/1" {
		t.Errorf("%+v, %v", w, busy)
	}
	kinds, last, err := ask(t, dir, Call{Code: "a#b"})
	if err != nil || last.Text != "got a#b" || !slices.Equal(kinds, []Kind{Heard, Note, Said}) {
		t.Errorf("%v, %+v, %v", kinds, last, err)
	}
	if kinds, _, _ := ask(t, dir, Call{Code: "a#c"}); !slices.Equal(kinds, []Kind{Heard, Said}) {
		t.Errorf("a note comes twice: %v", kinds)
	}
	if _, err := Serve(dir, caller{}); !errors.Is(err, ErrBusy) {
		t.Errorf("a second sign-in: %v", err)
	}
	assertNoCode(t, dir)
}

// assertNoCode fails if a code of this test is in a file.
func assertNoCode(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !entry.Type().IsRegular() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil || strings.Contains(string(text), "a#") {
			t.Errorf("%s: %q, %v", entry.Name(), text, err)
		}
	}
}

func TestAfterTheEnd(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sign-in")
	if _, _, err := ask(t, dir, Call{Cancel: true}); !errors.Is(err, ErrNone) {
		t.Errorf("before the first: %v", err)
	}
	heard := caller{make(chan struct{})}
	s, err := Serve(dir, heard)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Announce(Waiting{Link: "https://example.com/1"}); err != nil {
		t.Fatal(err)
	}
	s.Close(Message{Kind: Done, Text: "it is over"}, time.Unix(7, 0))
	<-heard.closed
	if w, busy := Find(dir); busy || w.Link != "" || w.Ended != "it is over" || !w.EndedAt.Equal(time.Unix(7, 0)) {
		t.Errorf("%+v, %v", w, busy)
	}
	if _, _, err := ask(t, dir, Call{Cancel: true}); !errors.Is(err, ErrNone) {
		t.Errorf("%v", err)
	}
}

// Who waits for another process that calls can stop waiting.
func TestATurn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sign-in")
	s := serve(t, dir, func(*Server, Call) {})
	turn, err := flock.Open(t.Context(), filepath.Join(dir, turnName), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer turn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), lookEvery)
	defer cancel()
	begun := time.Now()
	err = Ask(ctx, dir, Call{Cancel: true}, func(Message) {})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > turnTime/2 {
		t.Errorf("%v after %s", err, time.Since(begun))
	}
	s.HangUp()
}

// The process that signs in ends before it has answered.
func TestAnEndWithoutAnAnswer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sign-in")
	s, err := Serve(dir, caller{make(chan struct{})})
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(2*lookEvery, func() {
		_ = s.lock.Close()
		_ = s.call.Close()
	})
	if _, _, err := ask(t, dir, Call{Code: "a#b"}); !errors.Is(err, ErrNone) {
		t.Errorf("%v", err)
	}
}

// What another user could read, write or put there is not used.
func TestOnlyPrivatePlaces(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sign-in")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	if _, err := Serve(dir, caller{}); err == nil {
		t.Error("a directory that the group can read")
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := serve(t, dir, func(*Server, Call) {})
	call := filepath.Join(dir, callName)
	if err := os.Chmod(call, 0o622); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ask(t, dir, Call{Code: "a#b"}); err == nil || errors.Is(err, ErrNone) {
		t.Errorf("a FIFO that others can write: %v", err)
	}
	if err := errors.Join(os.Remove(call), os.WriteFile(call, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ask(t, dir, Call{Code: "a#b"}); err == nil || errors.Is(err, ErrNone) {
		t.Errorf("a file in place of the FIFO: %v", err)
	}
	if text, err := os.ReadFile(call); err != nil || len(text) > 0 {
		t.Errorf("it got %q, %v", text, err)
	}
	s.HangUp()
}
