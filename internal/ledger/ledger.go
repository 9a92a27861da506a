// Package ledger records what happened to each login: when it was made, how often the client renewed it, when the
// service rejected it, and what this program did about it.
//
// The client keeps no such record. Without one, a login that was rejected a minute ago looks like one that works: the
// credentials file is the same. The ledger names logins by fingerprints (package secret), which reveal no token.
//
// The ledger is a file of JSON lines. Lines are appended until compaction at 1 MiB. Writers take turns with flock(2) on
// a file beside it, which the kernel unlocks when a writer dies. Readers take no lock: they see whole lines, and skip a
// last line that a crash has torn; the next writer removes it. The file `seen` caches what `status` needs, so that a
// `status` neither reads nor locks the ledger while nothing changes.
//
// A ledger that cannot be written must not stop anyone's work: callers report its errors and go on.
package ledger

import (
	"errors"
	"io/fs"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// Ledger is the ledger in one file.
type Ledger struct {
	path string
	key  secret.Key
	now  func() time.Time

	hangs atomic.Bool // a process has held the lock for too long: do not wait for it again
}

// NeverWait makes each call that finds the lock held give up at once: what it had to record, the next one can.
func (l *Ledger) NeverWait() { l.hangs.Store(true) }

// New returns the ledger in the file path, which need not exist. key is the key of the fingerprints.
func New(path string, key secret.Key, now func() time.Time) *Ledger {
	return &Ledger{path: path, key: key, now: now}
}

// Identify fingerprints the tokens of a login with the key of the ledger.
func (l *Ledger) Identify(access, refresh secret.Secret) LoginID {
	return LoginID{Access: access.Fingerprint(l.key), Refresh: refresh.Fingerprint(l.key)}
}

// IdentifyKey fingerprints the key of a Console sign-in.
func (l *Ledger) IdentifyKey(key secret.Secret) LoginID {
	return LoginID{Access: consoleMark + key.Fingerprint(l.key)}
}

// Append adds events. A zero Time stands for now. The error is a *flock.HeldError when another process keeps the ledger
// locked.
func (l *Ledger) Append(events ...Event) error {
	w, err := l.open()
	if err != nil {
		return err
	}
	defer w.close()
	return w.append(events...)
}

// NotifyOnce returns true to the first caller that asks about what and this login, and false to all others, however
// many processes ask at once. When the call cannot be recorded it returns false: no notification is better than one for
// every prompt.
func (l *Ledger) NotifyOnce(what, file string, id LoginID) (first bool, err error) {
	event := Event{Kind: Notified, File: file, Login: id, Detail: map[string]string{detailWhat: what}}
	return l.appendOnce(event, func(e *Event) bool { return e.Detail[detailWhat] == what })
}

// tokenMark begins the fingerprint of a token in the environment, which is used in the place of the access token's.
const tokenMark = "token:"

// TokenSeen returns when a token in the environment was first seen, and notes that it is seen now if it never was.
func (l *Ledger) TokenSeen(token secret.Secret) (first time.Time, err error) {
	id := LoginID{Access: tokenMark + token.Fingerprint(l.key)}
	replay, err := l.Replay()
	if err != nil {
		return time.Time{}, err
	}
	for _, e := range replay.events {
		if e.Kind == TokenSeen && e.Login == id {
			return e.Time, nil
		}
	}
	event := Event{Time: l.now(), Kind: TokenSeen, Login: id}
	_, err = l.appendOnce(event, func(*Event) bool { return true })
	return event.Time, err
}

// Cut is a renewal that was interrupted before its new tokens were stored.
type Cut struct {
	Began time.Time // when the client began it
	At    time.Time // when it was interrupted, as far as that is known
	By    string    // what interrupted it, for people; "" when not known
}

// IsAfter reports whether the renewal began after the interruption e of another one.
func (c Cut) IsAfter(e Event) bool { return e.Time.Before(millis(c.Began)) }

// NoteCut notes that a renewal of this login was interrupted, and returns true to the first caller that does so,
// however many processes find it.
func (l *Ledger) NoteCut(file string, id LoginID, cut Cut) (first bool, err error) {
	event := Event{Time: cut.At, Kind: RenewalCut, File: file, Login: id, Detail: map[string]string{detailBy: cut.By}}
	return l.appendOnce(event, func(e *Event) bool { return !cut.IsAfter(*e) })
}

// appendOnce adds an event, unless there is one of its kind about the same login for which same returns true.
func (l *Ledger) appendOnce(event Event, same func(*Event) bool) (first bool, err error) {
	w, err := l.open()
	if err != nil {
		return false, err
	}
	defer w.close()
	_, done := w.replay().last(func(e *Event) bool {
		return e.Kind == event.Kind && e.Login == event.Login && e.File == event.File && same(e)
	})
	if done {
		return false, nil
	}
	err = w.append(event)
	return err == nil, err
}

// readable is the largest size of a ledger that is read, in bytes: many times what compaction leaves.
const readable = 64 << 20

// read returns the text of the ledger. One that does not exist is empty.
func (l *Ledger) read() ([]byte, error) {
	text, _, err := atomicfile.ReadRegular(l.path, readable)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return nil, atomicfile.Failed("cannot read "+l.path, err)
	}
	return text, nil
}

// Replay reads the ledger.
func (l *Ledger) Replay() (*Replay, error) {
	text, err := l.read()
	if err != nil {
		return nil, err
	}
	return NewReplay(decodeAll(text)), nil
}

// lockPath returns the file that writers lock.
func (l *Ledger) lockPath() string { return paths.Paths{StateDir: filepath.Dir(l.path)}.LedgerLock() }

// millis cuts t to the precision of the ledger.
func millis(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
