package transcript

import (
	"bytes"
	"errors"
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
	budget := int64(maxBack)
	return entriesWithin(path, &budget)
}

// entriesWithin is entries with a bound of its own if that is less, from which it takes what it reads.
func entriesWithin(path string, budget *int64) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		f, info, err := atomicfile.OpenRegular(path)
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			yield(entry{}, atomicfile.Failed("cannot read the transcript "+path, err))
			return
		}
		defer f.Close() // read only: nothing can be lost
		b := newBackward(f, info.Size(), min(maxBack, *budget))
		defer func() { *budget -= info.Size() - b.pos }()
		for e, err := range b.entries() {
			if err != nil {
				err = atomicfile.Failed("cannot read the transcript "+path, err)
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
	pos  int64  // where the data in room begins in the file
	stop int64  // nothing before it is read
	room []byte // grows at its beginning
	lo   int    // room[lo:hi] is read and not yet returned
	hi   int
}

// newBackward reads at most this many bytes.
func newBackward(f io.ReaderAt, size, most int64) *backward {
	return &backward{f: f, pos: size, stop: max(size-most, 0)}
}

// next returns the line before the one that it returned last, without its line feed. It returns io.EOF when there is
// none within the bound. The line is valid until the next call.
func (b *backward) next() ([]byte, error) {
	searched := 0 // bytes at the end of the data without a line feed
	for {
		data := b.room[b.lo:b.hi]
		if n := bytes.LastIndexByte(data[:len(data)-searched], '\n'); n >= 0 {
			b.hi = b.lo + n
			return data[n+1:], nil
		}
		searched = len(data)
		if b.pos == b.stop {
			if b.stop > 0 || len(data) == 0 {
				return nil, io.EOF // a part of a line is left, or nothing
			}
			b.hi = b.lo
			return data, nil
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

// fill reads the step before the data. The room doubles, so that an endless line costs no more than many short ones.
func (b *backward) fill() error {
	n := int(min(backStep, b.pos-b.stop))
	if b.lo < n {
		data := b.room[b.lo:b.hi]
		room := make([]byte, max(2*len(b.room), n+len(data)))
		b.lo, b.hi = len(room)-copy(room[len(room)-len(data):], data), len(room)
		b.room = room
	}
	got, err := b.f.ReadAt(b.room[b.lo-n:b.lo], b.pos-int64(n))
	if got < n {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // the file was cut meanwhile
		}
		return err
	}
	b.lo, b.pos = b.lo-n, b.pos-int64(n)
	return nil
}
