package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/paths"
)

// maxSize is the size in bytes from which the ledger is compacted.
const maxSize = 1 << 20

// writer is the process that holds the ledger's lock.
type writer struct {
	ledger *Ledger
	lock   *os.File
	file   *os.File
	text   []byte // the content of the file
}

// open locks and reads the ledger, which it creates when it is missing.
func (l *Ledger) open() (*writer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), appendWait)
	defer cancel()
	lock, err := flock(ctx, l.lockPath(), nil)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("the ledger is in use by another process (%s)", l.lockPath())
	}
	if err != nil {
		return nil, err
	}
	w := &writer{ledger: l, lock: lock}
	if err := w.load(); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *writer) load() error {
	file, err := os.OpenFile(w.ledger.path, os.O_RDWR|os.O_APPEND|os.O_CREATE|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return fmt.Errorf("open the ledger: %w", err)
	}
	w.file = file
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return fmt.Errorf("open the ledger: %s: not a regular file", w.ledger.path)
	}
	if w.text, err = io.ReadAll(io.LimitReader(file, readable+1)); err == nil && len(w.text) > readable {
		err = fmt.Errorf("%s has more than %d bytes", w.ledger.path, readable)
	}
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	return w.heal()
}

// heal repairs a last line without a newline. A whole event gets its newline; anything else, which a crash or a full
// disk has left of a write, is removed.
func (w *writer) heal() error {
	whole := bytes.LastIndexByte(w.text, '\n') + 1
	tail := w.text[whole:]
	if len(tail) == 0 {
		return nil
	}
	if _, ok := decode(tail); ok {
		return w.write([]byte("\n"))
	}
	if err := w.file.Truncate(int64(whole)); err != nil {
		return fmt.Errorf("repair the ledger: %w", err)
	}
	w.text = w.text[:whole]
	return nil
}

// close unlocks the ledger.
func (w *writer) close() {
	if w.file != nil {
		_ = w.file.Close() // every write was checked
	}
	_ = w.lock.Close()
}

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
	// It may not exist, and a prompt that is out of date for at most ten minutes is not worth an error.
	_ = os.Remove(paths.Paths{StateDir: filepath.Dir(w.ledger.path)}.PromptState())
	if len(w.text) > maxSize {
		return w.compact()
	}
	return nil
}

// write appends all lines or none.
func (w *writer) write(lines []byte) error {
	before := int64(len(w.text))
	if _, err := w.file.Write(lines); err != nil {
		_ = w.file.Truncate(before) // the next writer heals what remains
		return fmt.Errorf("write the ledger: %w", err)
	}
	w.text = append(w.text, lines...)
	return nil
}

func (w *writer) replay() *Replay { return NewReplay(decodeAll(w.text)) }
