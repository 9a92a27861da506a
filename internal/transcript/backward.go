package transcript

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

// How a transcript is read from its end, in bytes.
const (
	backStep = 256 << 10 // at a time
	maxBack  = 8 << 20   // in all: a transcript of a gigabyte costs what a small one costs
)

// entries yields the entries of the conversation in the transcript at path, the newest first. It reads only the end of
// the file, at most maxBack bytes. A missing file has none.
func entries(path string) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		f, info, err := atomicfile.OpenRegular(path)
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			yield(entry{}, fmt.Errorf("reading the transcript: %w", err))
			return
		}
		defer f.Close() // read only: nothing can be lost
		for e, err := range newBackward(f, info.Size()).entries() {
			if err != nil {
				err = fmt.Errorf("reading the transcript %s: %w", path, err)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// A backward reads the lines of a file from its end.
type backward struct {
	f    io.ReaderAt
	pos  int64  // where buf begins in the file
	stop int64  // nothing before it is read
	buf  []byte // what is read and not yet returned
}

func newBackward(f io.ReaderAt, size int64) *backward {
	return &backward{f: f, pos: size, stop: max(size-maxBack, 0)}
}

// next returns the line before the one that it returned last, without its line feed. It returns io.EOF when there is
// none within the bound. The line is valid until the next call.
func (b *backward) next() ([]byte, error) {
	searched := 0 // bytes at the end of buf without a line feed
	for {
		if n := bytes.LastIndexByte(b.buf[:len(b.buf)-searched], '\n'); n >= 0 {
			line := b.buf[n+1:]
			b.buf = b.buf[:n]
			return line, nil
		}
		searched = len(b.buf)
		if b.pos == b.stop {
			if b.stop > 0 || len(b.buf) == 0 {
				return nil, io.EOF // a part of a line is left, or nothing
			}
			line := b.buf
			b.buf = nil
			return line, nil
		}
		if err := b.fill(); err != nil {
			return nil, err
		}
	}
}

// entries yields the entries of the conversation, the newest first.
func (b *backward) entries() iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		for {
			line, err := b.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(entry{}, err)
				return
			}
			if e, ok := parseEntry(line); ok && !yield(e, nil) {
				return
			}
		}
	}
}

// fill reads the step before what is in buf.
func (b *backward) fill() error {
	n := min(backStep, b.pos-b.stop)
	grown := make([]byte, int(n)+len(b.buf))
	got, err := b.f.ReadAt(grown[:n], b.pos-n)
	if int64(got) < n {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // the file was cut meanwhile
		}
		return err
	}
	copy(grown[n:], b.buf)
	b.buf, b.pos = grown, b.pos-n
	return nil
}
