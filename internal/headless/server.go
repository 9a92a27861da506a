package headless

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/create"
	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/flock"
)

// lookTime is how long Serve waits for a process that only looks whether a sign-in waits.
const lookTime = 100 * time.Millisecond

// maxKept bounds the notes that are kept for the next caller.
const maxKept = 20

// Server is the side of the process that signs in.
type Server struct {
	dir  string
	lock *os.File
	call *os.File

	mu      sync.Mutex
	caller  io.WriteCloser // nil when nobody listens
	kept    []Message      // notes that nobody has heard
	waiting Waiting
}

// Serve takes the directory for a sign-in. It says what happens to caller, until HangUp. The error is ErrBusy when
// another sign-in waits.
func Serve(dir string, caller io.WriteCloser) (*Server, error) {
	if err := create.Dirs(dir); err != nil {
		return nil, err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() || !isPrivate(info) {
		return nil, fmt.Errorf("%s %w", dir, ErrShared)
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookTime)
	defer cancel()
	lock, err := flock.Open(ctx, filepath.Join(dir, lockName), nil)
	if errors.As(err, new(*flock.HeldError)) {
		return nil, ErrBusy
	}
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, lock: lock, caller: caller}
	_ = os.Remove(filepath.Join(dir, stateName)) // of the one before; Announce replaces it
	// Also for writing: it does not end with its first writer then.
	if s.call, err = makeFIFO(filepath.Join(dir, callName), os.O_RDWR); err != nil {
		_ = lock.Close()
		return nil, err
	}
	return s, nil
}

// Announce says with which link the sign-in waits.
func (s *Server) Announce(w Waiting) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = w
	return s.write()
}

// write writes the state.
func (s *Server) write() error {
	text, err := json.Marshal(s.waiting)
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(s.dir, stateName), append(text, '\n'), atomicfile.Options{})
}

// Tell sends a message to who listens. A note that nobody hears is kept for the next caller.
func (s *Server) Tell(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell(m)
}

func (s *Server) tell(m Message) {
	if s.caller != nil {
		if Write(s.caller, m) == nil {
			return
		}
		s.hangUp()
	}
	if m.Kind == Note && len(s.kept) < maxKept {
		s.kept = append(s.kept, m)
	}
}

// Write writes a message, for Read.
func Write(to io.Writer, m Message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = to.Write(append(text, '\n'))
	return err
}

// HangUp ends the conversation with who listens.
func (s *Server) HangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hangUp()
}

func (s *Server) hangUp() {
	if s.caller != nil {
		_ = s.caller.Close() // what was written has arrived, or nobody reads
		s.caller = nil
	}
}

// Listen calls handle with each call, until ctx ends.
func (s *Server) Listen(ctx context.Context, handle func(Call)) error {
	wake, err := fdio.NewWake()
	if err != nil {
		return err
	}
	defer wake.Close()
	defer context.AfterFunc(ctx, wake.Ring)()
	fd, release, err := fdio.Of(s.call)
	if err != nil {
		return err
	}
	defer release()
	var read []byte
	defer func() { clear(read) }()
	for {
		fds := []unix.PollFd{fdio.For(fd, unix.POLLIN), fdio.For(wake.R, unix.POLLIN)}
		if _, err := fdio.Wait(fds, -1); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		var buf [4096]byte
		n, err := fdio.Read(fd, buf[:])
		if n == 0 && err != unix.EAGAIN {
			return fmt.Errorf("read %s: %w", callName, err)
		}
		read = append(read, buf[:n]...)
		clear(buf[:])
		for line, rest, ok := bytes.Cut(read, []byte("\n")); ok; line, rest, ok = bytes.Cut(read, []byte("\n")) {
			var call Call
			if json.Unmarshal(line, &call) == nil && s.answer() {
				handle(call)
			}
			clear(line)
			read = rest
		}
		if len(read) > maxMessage { // not from this program
			read = nil
		}
	}
}

// answer opens the way to the process that has called. It reports false when that has gone.
func (s *Server) answer() bool {
	file, err := openFIFO(filepath.Join(s.dir, answerName), os.O_WRONLY)
	if err != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hangUp()
	s.caller = file
	kept := s.kept
	s.kept = nil
	s.tell(Message{Kind: Heard})
	for _, m := range kept {
		s.tell(m)
	}
	return true
}

// Close ends the service. last goes to who listens; it also stays for who asks later.
func (s *Server) Close(last Message, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting.Link != "" {
		s.waiting.Ended, s.waiting.EndedAt, s.waiting.Link = last.Text, at, ""
		_ = s.write() // only who asks later what became of it needs it
	}
	_ = os.Remove(filepath.Join(s.dir, callName)) // the next sign-in replaces it
	_ = s.call.Close()
	_ = s.lock.Close() // before last: who hears that may sign in again at once
	s.tell(last)
	s.hangUp()
}
