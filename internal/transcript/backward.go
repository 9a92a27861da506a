package transcript

import (
	"bytes"
	"errors"
	"io"
	"iter"
)

// How a transcript is read from its end, in bytes.
const (
	backStep = 256 << 10
	maxBack  = 8 << 20
)

// A backward gives the lines of a file from its end, reading steps of backStep and at most maxBack in all, so that a
// transcript of a gigabyte costs what a small one costs.
type backward struct {
	f    io.ReaderAt
	pos  int64  // where buf begins in the file
	stop int64  // no byte before it is read
	buf  []byte // what is read and not yet given out
}

func newBackward(f io.ReaderAt, size int64) *backward {
	return &backward{f: f, pos: size, stop: max(size-maxBack, 0)}
}

// next returns the line before the last one it returned, without its line feed, or io.EOF when there is none, or
// none within the bound. The line is valid until the next call.
func (b *backward) next() ([]byte, error) {
	searched := 0 // bytes at the end of buf that hold no line feed
	for {
		if n := bytes.LastIndexByte(b.buf[:len(b.buf)-searched], '\n'); n >= 0 {
			line := b.buf[n+1:]
			b.buf = b.buf[:n]
			return line, nil
		}
		searched = len(b.buf)
		if b.pos == b.stop {
			if b.stop > 0 || len(b.buf) == 0 {
				return nil, io.EOF // what is left is a part of a line, or nothing
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

// entries gives the entries of the conversation, the newest first.
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
