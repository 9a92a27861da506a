// Package headless is how a sign-in in the background hands its link out, and gets the code for it from another
// process.
//
// Both sides meet in a private directory. A lock shows that a sign-in waits, a file says with which link. Calls come in
// through one FIFO and answers go out through another, so that a code is never on the disk. One process calls at a
// time. The end of a process closes its side, however it ends, and the other side notices.
package headless

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/create"
	"github.com/claude-auth/claude-auth/internal/flock"
)

// The files of the directory.
const (
	lockName   = "lock"         // held for as long as the sign-in waits; never removed
	turnName   = "turn"         // held by the process that calls; never removed
	stateName  = "waiting.json" // Waiting
	callName   = "call"         // a FIFO: a Call, as a line of JSON
	answerName = "answer"       // a FIFO that the caller makes: Messages, the same
)

// ErrNone says that no sign-in waits.
var ErrNone = errors.New("no sign-in is waiting for a code")

// ErrBusy says that another sign-in waits already.
var ErrBusy = errors.New("another sign-in is waiting for its code")

// ErrShared says that other users could use the directory, or what is in it.
var ErrShared = errors.New("is not private to this user")

// Waiting is a sign-in that waits for its code, or the last one that did.
type Waiting struct {
	Link  string    `json:"link"`  // "" until the client has printed it
	Until time.Time `json:"until"` // when the sign-in ends by itself
	File  string    `json:"file"`  // the credentials file that it is for; "" until that is known
	// LinkFile is the file that also has the link; "" for none.
	LinkFile string `json:"link_file,omitempty"`
	// Ended says what became of it; "" while it waits, and when it was killed.
	Ended   string    `json:"ended,omitempty"`
	EndedAt time.Time `json:"ended_at,omitzero"`
}

// IsFor reports whether the sign-in is for this credentials file, as far as is known.
func (w Waiting) IsFor(file string) bool { return w.File == "" || w.File == file }

// Call is what a process asks of the sign-in that waits.
type Call struct {
	Code   string `json:"code,omitempty"`
	Cancel bool   `json:"cancel,omitempty"`
}

// Kind is what a Message is about.
type Kind string

// The kinds.
const (
	Heard Kind = "heard" // the call has arrived
	Note  Kind = "note"  // Text is a note to the person
	Said  Kind = "said"  // Text is what the client says
	Link  Kind = "link"  // the client waits for the code to Link, until Until
	Again Kind = "again" // the code was not taken; the sign-in goes on with Link
	Done  Kind = "done"  // the sign-in has ended: with Status, Text and Hint
	Busy  Kind = "busy"  // nothing was begun: another sign-in waits
)

// Message is what the sign-in says to the process that has started it, and to one that calls.
type Message struct {
	Kind   Kind      `json:"kind"`
	Text   string    `json:"text,omitempty"`
	Hint   string    `json:"hint,omitempty"`
	Link   string    `json:"link,omitempty"`
	Until  time.Time `json:"until,omitzero"`
	Status int       `json:"status,omitempty"` // the exit status of the command
}

// maxMessage bounds a call and what is kept of messages, in bytes.
const maxMessage = 64 << 10

// Find returns the sign-in that waits. Where none does, it returns the last one, and busy is false.
func Find(dir string) (waiting Waiting, busy bool) {
	_, busy = flock.HeldBy(filepath.Join(dir, lockName))
	if text, _, err := atomicfile.ReadRegular(filepath.Join(dir, stateName), maxMessage); err == nil {
		if err := json.Unmarshal(text, &waiting); err != nil { // not written by this program
			waiting = Waiting{}
		}
	}
	if busy && waiting.Ended != "" { // that was the one before
		waiting = Waiting{}
	}
	return waiting, busy
}

// openFIFO opens a FIFO that only this user can use.
func openFIFO(path string, flags int) (*os.File, error) {
	file, err := os.OpenFile(path, flags|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && (info.Mode().Type() != fs.ModeNamedPipe || !isPrivate(info)) {
		err = fmt.Errorf("%s %w", path, ErrShared)
	}
	if err != nil {
		_ = file.Close() // nothing was written
		return nil, err
	}
	return file, nil
}

// isPrivate reports whether only this user can use the file. Root may also use that of another user.
func isPrivate(info fs.FileInfo) bool {
	owner := int(info.Sys().(*syscall.Stat_t).Uid) // always, on Unix
	return info.Mode().Perm()&0o077 == 0 && (owner == os.Geteuid() || os.Geteuid() == 0)
}

// makeFIFO makes a FIFO, in place of what an earlier process has left, and opens it.
func makeFIFO(path string, flags int) (*os.File, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := unix.Mkfifo(path, 0o600); err != nil {
		return nil, &fs.PathError{Op: "mkfifo", Path: path, Err: err}
	}
	file, err := openFIFO(path, flags)
	if err != nil {
		return nil, err
	}
	if err := create.Give(file); err != nil {
		_ = file.Close() // nothing was written
		_ = os.Remove(path)
		return nil, err
	}
	return file, nil
}
