package ledger

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/cache"
	"github.com/claude-auth/claude-auth/internal/create"
	"github.com/claude-auth/claude-auth/internal/flock"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// maxSize is the size in bytes from which the ledger is compacted.
const maxSize = 1 << 20

// writer is the process that holds the ledger's lock.
type writer struct {
	ledger *Ledger
	lock   *os.File
	text   []byte // the ledger without a torn last line
	torn   bool   // the file has a torn last line
}

// patience bounds how long this process waits for the ledger's lock while the ledger does not change. Writing takes a
// millisecond, so only a process that hangs holds the lock for longer, and one such wait is enough: see Ledger.hangs.
const patience = time.Second

// maxWaits bounds how often it waits that long. Where many others write, it can be unlucky more than once.
const maxWaits = 10

// take takes the ledger's lock.
func (l *Ledger) take() (lock *os.File, err error) {
	for range maxWaits {
		wait, before := patience, cache.StampOf(l.path)
		if l.hangs.Load() {
			wait = 0
		}
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		lock, err = flock.Open(ctx, l.lockPath(), nil)
		cancel()
		if !errors.As(err, new(*flock.HeldError)) || wait == 0 {
			return lock, err
		}
		if cache.StampOf(l.path) == before {
			break
		}
	}
	l.hangs.Store(true)
	return nil, err
}

// open locks and reads the ledger.
func (l *Ledger) open() (*writer, error) {
	lock, err := l.take()
	if err != nil {
		return nil, err
	}
	text, err := l.read()
	if err != nil {
		_ = lock.Close()
		return nil, err
	}
	w := &writer{ledger: l, lock: lock, text: text}
	whole := bytes.LastIndexByte(text, '\n') + 1
	if _, ok := decode(text[whole:]); !ok {
		w.text, w.torn = text[:whole], whole < len(text)
	}
	return w, nil
}

// close unlocks the ledger.
func (w *writer) close() { _ = w.lock.Close() }

// append adds events, and compacts a ledger that has grown too large. Appending makes the answers in `seen` stale,
// because `seen` names the size of the ledger. The shells' prompt state does not, so append removes it.
func (w *writer) append(events ...Event) error {
	var lines []byte
	for _, e := range events {
		if e.Time.IsZero() {
			e.Time = w.ledger.now()
		}
		text, err := e.encode()
		if err != nil {
			return err
		}
		lines = append(lines, text...)
	}
	if err := w.write(lines); err != nil {
		return err
	}
	// It may not exist, and a prompt that is out of date for at most a minute is not worth an error.
	_ = os.Remove(paths.Paths{StateDir: filepath.Dir(w.ledger.path)}.PromptState())
	if len(w.text) > maxSize {
		return w.compact()
	}
	return nil
}

// write appends all lines or none, in the place of a torn last line, which a crash or a full disk has left.
func (w *writer) write(lines []byte) error {
	file, err := create.Open(w.ledger.path, os.O_WRONLY|os.O_APPEND)
	if err != nil {
		return atomicfile.Failed("cannot open "+w.ledger.path, err)
	}
	defer file.Close() // every write is checked
	whole := int64(len(w.text))
	if w.torn {
		err = file.Truncate(whole)
	}
	if len(w.text) > 0 && !bytes.HasSuffix(w.text, []byte("\n")) {
		lines = append([]byte("\n"), lines...)
	}
	if err == nil {
		_, err = file.Write(lines)
	}
	if err != nil {
		_ = file.Truncate(whole) // the next writer removes what remains
		return atomicfile.Failed("cannot write "+w.ledger.path, err)
	}
	w.text, w.torn = append(w.text, lines...), false
	return nil
}

func (w *writer) replay() *Replay { return NewReplay(decodeAll(w.text)) }
