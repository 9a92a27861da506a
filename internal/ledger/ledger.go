// Package ledger remembers what happened to each login: when it was made, how often the client renewed it, when the
// service rejected it, and what this program did about it.
//
// The client keeps no such record, and without one nothing can tell a login that was rejected a minute ago from one
// that works: the file looks the same. The ledger names logins by fingerprint (package secret), so it says nothing
// about a token to anyone.
//
// It is a file of JSON lines that only grows, until it is compacted at 1 MiB. Writers take turns with flock(2) on a
// file beside it, which the kernel lets go when a writer dies. Readers take no lock: they see whole lines, and a last
// line that a crash tore is passed over, and cut off by the next writer. Beside it the file `seen` keeps the answer that
// `status` wants, so that a `status` that finds nothing changed neither reads the ledger nor locks it.
//
// A ledger that cannot be written must not keep anyone from working: callers report its errors and go on.
package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// Ledger is the ledger in one file.
type Ledger struct {
	path string
	key  secret.Key
	now  func() time.Time
}

// New returns the ledger in the file path, which need not exist. key keys the fingerprints.
func New(path string, key secret.Key, now func() time.Time) *Ledger {
	return &Ledger{path: path, key: key, now: now}
}

// Identify fingerprints the tokens of a login with the key of the ledger.
func (l *Ledger) Identify(access, refresh secret.Secret) LoginID {
	return LoginID{Access: access.Fingerprint(l.key), Refresh: refresh.Fingerprint(l.key)}
}

// Append adds events. A zero Time is the time now. It fails when another process holds the ledger for longer
// than a short wait.
func (l *Ledger) Append(events ...Event) error {
	w, err := l.open()
	if err != nil {
		return err
	}
	defer w.close()
	return w.append(events...)
}

// NotifyOnce reports whether what is to be done now for this login, and notes that it is done: true for the first
// caller, false for every other one, however many processes ask at once. When it cannot be noted it is not to be done
// either: once too few is better than once for every prompt.
func (l *Ledger) NotifyOnce(what, file string, id LoginID) (first bool, err error) {
	w, err := l.open()
	if err != nil {
		return false, err
	}
	defer w.close()
	_, done := w.replay().last(func(e *Event) bool {
		return e.Kind == Notified && e.Login == id && e.File == file && e.Detail[detailWhat] == what
	})
	if done {
		return false, nil
	}
	err = w.append(Event{Kind: Notified, File: file, Login: id, Detail: map[string]string{detailWhat: what}})
	return err == nil, err
}

// readable is the size up to which a ledger is read: many times what compaction leaves.
const readable = 64 << 20

// Replay reads the ledger and returns what its events say about each login. A ledger that does not exist is empty.
func (l *Ledger) Replay() (*Replay, error) {
	text, _, err := atomicfile.ReadRegular(l.path, readable)
	if errors.Is(err, fs.ErrNotExist) {
		return NewReplay(nil), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	return NewReplay(decodeAll(text)), nil
}

// lockPath is the file that writers lock.
func (l *Ledger) lockPath() string { return filepath.Join(filepath.Dir(l.path), "ledger.lock") }

// millis cuts t to the precision of the ledger.
func millis(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
