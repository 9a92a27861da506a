package tty

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/vt"
)

// ErrGone says that the terminal cannot be read any more.
var ErrGone = errors.New("the terminal is gone")

// Keys reads single keys from a terminal in a mode without lines; see vt.Single.
type Keys struct {
	FD     int
	Wake   *fdio.Wake     // interrupts Next
	Reply  func(p []byte) // gets the terminal's replies to others; may be nil
	single vt.Single
	read   time.Time // when something was last read
}

// Next waits for a key, or vt.Pasted. ok is false when Wake rang before that.
func (k *Keys) Next() (key vt.Key, ok bool, err error) {
	fds := []unix.PollFd{fdio.For(k.FD, unix.POLLIN), fdio.For(k.Wake.R, unix.POLLIN)}
	timeout := 0
	for {
		begun := time.Now()
		if _, err := fdio.Wait(fds, timeout); err != nil {
			return vt.Key{}, false, err
		}
		if fds[1].Revents != 0 {
			k.Wake.Clear()
			return vt.Key{}, false, nil
		}
		// The time up to which all that has arrived is read. The present may be later, when we did not get to run.
		known := begun.Add(time.Duration(timeout) * time.Millisecond)
		if fds[0].Revents != 0 {
			if !k.fill() {
				return vt.Key{}, false, ErrGone
			}
			known = k.read
		}
		key, bytes, wait, ok := k.single.Next(known)
		switch {
		case ok && bytes != nil:
			k.pass(bytes)
			timeout = 0
		case ok:
			return key, true, nil
		case wait < 0:
			timeout = -1
		default:
			timeout = int(wait/time.Millisecond) + 1
		}
	}
}

// Expect says that a program waits for a reply of the terminal.
func (k *Keys) Expect() { k.single.Expecting = true }

// maxRead bounds what is read in one go at a terminal that never falls silent, in reads.
const maxRead = 256

// Drop drops what was typed so far. Replies are passed on.
func (k *Keys) Drop() {
	for range maxRead {
		if !fdio.Readable(k.FD, 0) || !k.fill() {
			break
		}
		k.pass(k.single.Drop(time.Now()))
	}
	k.pass(k.single.Drop(time.Now()))
}

// dropTime bounds how long DropAll waits.
const dropTime = 2 * time.Second

// DropAll is Drop for the last time: it waits for the rest of a paste, or of a sequence, that has begun, so that the
// next reader does not get half of one. It does not wait any longer when stop is closed.
func (k *Keys) DropAll(stop <-chan struct{}) {
	deadline := time.Now().Add(dropTime)
	k.Drop()
	for k.single.Open() && time.Now().Before(deadline) {
		select {
		case <-stop:
			return
		default:
		}
		now := time.Now()
		if fdio.Readable(k.FD, 10) && !k.fill() {
			return
		}
		if _, bytes, _, ok := k.single.Next(now); ok {
			k.pass(bytes)
		}
	}
}

// pass passes a reply on.
func (k *Keys) pass(reply []byte) {
	if len(reply) > 0 && k.Reply != nil {
		k.Reply(reply)
	}
}

// fill reads what has been typed, and reports false when the terminal is gone.
func (k *Keys) fill() bool {
	var buf [1024]byte
	n, err := fdio.Read(k.FD, buf[:])
	if n > 0 {
		k.read = time.Now()
		k.single.Feed(buf[:n], k.read)
	}
	return n > 0 || err == unix.EAGAIN
}
