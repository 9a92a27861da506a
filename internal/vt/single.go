package vt

import (
	"bytes"
	"time"
)

// Single takes single keys out of what a terminal sends, for a question that a pasted text must not answer. It drops
// what is pasted, also where the terminal does not mark it: keys come one by one from a person, and in bursts from a
// paste. It waits for the rest of a reply that arrives in parts. The zero Single is ready for use.
//
// The caller passes the clock in: the time at which it last knew that the terminal had nothing more to read.
type Single struct {
	// Expecting is set while a program waits for the terminal's reply: an ESC then begins one, even when the rest is late.
	Expecting bool

	in      []byte    // not decoded yet
	last    time.Time // when something last arrived
	held    Key       // a key that is still to be alone
	heldAt  time.Time // when it arrived; zero: there is none
	stale   bool      // in begins with what was typed before Drop
	pasting bool      // between the marks around a pasted text
	burst   bool      // in a paste without marks, up to burstTime of silence
	pasted  bool      // text was dropped, and Next has not said so yet
	typed   string    // that text, as far as a program could have sent it for a person; see Key.Text
	marked  bool      // it cannot be that: it was marked as pasted, or began before Drop
}

const (
	// aloneTime is how long a key must be alone. Two keys of a person follow each other after 60 ms or more; a paste
	// arrives within a few, also on a slow line.
	aloneTime = 40 * time.Millisecond
	// burstTime is the silence that ends a paste without marks: longer than the pauses of a slow line, shorter than a
	// person needs to look up.
	burstTime = 300 * time.Millisecond
	// pasteTime is the silence that ends a paste whose end mark is lost, so that the keyboard is not lost with it.
	pasteTime = 2 * time.Second
	// escapeTime is how long the rest of a sequence may take after an ESC before that counts as the key. Vim waits 100 ms,
	// readline and tmux (up to 3.5) 500: a person does not notice 100, and the parts of a write rarely lie further apart.
	escapeTime = 100 * time.Millisecond
	// sequenceTime is the same after more than ESC, which no person types: the rest of a reply, or nothing.
	sequenceTime = time.Second
	// maxTyped bounds Key.Text, in bytes.
	maxTyped = 8
	// maxSequence bounds a sequence that does not end, in bytes. The longest replies are lists of 256 colours.
	maxSequence = 16 << 10
)

// endOfPaste is the mark behind a pasted text.
var endOfPaste = []byte("\x1b[201~")

// Feed takes what the terminal has sent.
func (s *Single) Feed(p []byte, now time.Time) {
	s.in = append(s.in, p...)
	s.last = now
}

// Next returns the next key that was pressed alone, a Reply or a lone PasteEnd with its bytes, or Pasted once for a
// text that was dropped. ok is false when there is none yet: wait is then the time after which to ask again if nothing
// arrives, and negative when only an arrival helps. The bytes are valid until the next call.
func (s *Single) Next(now time.Time) (k Key, bytes []byte, wait time.Duration, ok bool) {
	for {
		if s.pasting {
			if wait := s.skipPaste(now); wait > 0 {
				return Key{}, nil, wait, false
			}
			continue
		}
		if len(s.in) == 0 {
			return s.settled(now)
		}
		n, k := Decode(s.in, false)
		if n == 0 {
			if wait := s.patience() - now.Sub(s.last); wait > 0 && len(s.in) <= maxSequence {
				return Key{}, nil, wait, false
			}
			n, k = Decode(s.in, true)
		}
		bytes, stale := s.in[:n:n], s.stale
		s.in, s.stale = s.in[n:], false
		switch k.Kind {
		case Reply:
			s.Expecting = false
			return k, bytes, 0, true
		case Report:
		case PasteStart:
			s.pasting, s.heldAt = true, time.Time{}
		case PasteEnd: // the text before it went elsewhere, or was dropped
			s.startBurst(s.held)
			return k, bytes, 0, true
		default:
			s.press(k, stale)
		}
	}
}

// press takes a key: it is held until it has been alone, and a second one makes a burst of both.
func (s *Single) press(k Key, stale bool) {
	switch {
	case s.burst:
		s.startBurst(k)
	case stale:
	case !s.heldAt.IsZero():
		s.startBurst(s.held)
		s.startBurst(k)
	default:
		s.held, s.heldAt = k, s.last
	}
}

// startBurst drops a key, and what follows it without a pause.
func (s *Single) startBurst(k Key) {
	s.burst, s.heldAt = true, time.Time{}
	// The wheel of a mouse comes as arrows. Nothing need be said of those.
	s.pasted = s.pasted || k.Kind == KeyRune || k.Kind == KeyEnter
	switch {
	case len(s.typed) > maxTyped:
	case k.Kind == KeyRune:
		s.typed += string(k.Rune)
	default:
		s.typed += "\n"
	}
}

// settled is Next when all that has arrived is decoded.
func (s *Single) settled(now time.Time) (Key, []byte, time.Duration, bool) {
	silence := now.Sub(s.last)
	if s.burst && silence < burstTime {
		return Key{}, nil, burstTime - silence, false
	}
	s.burst = false
	key := Key{Kind: Pasted, Text: s.typed}
	if s.marked {
		key.Text = ""
	}
	s.typed, s.marked = "", false
	if s.pasted {
		s.pasted = false
		return key, nil, 0, true
	}
	if s.heldAt.IsZero() {
		return Key{}, nil, -1, false
	}
	if alone := now.Sub(s.heldAt); alone < aloneTime {
		return Key{}, nil, aloneTime - alone, false
	}
	s.heldAt = time.Time{}
	return s.held, nil, 0, true
}

// skipPaste drops a pasted text up to the mark behind it. It returns how long to wait for that, or 0 when the paste is
// over.
func (s *Single) skipPaste(now time.Time) time.Duration {
	s.pasted, s.marked = true, true
	if i := bytes.Index(s.in, endOfPaste); i >= 0 {
		s.in, s.pasting = s.in[i+len(endOfPaste):], false
		return 0
	}
	// The last bytes may begin the mark.
	s.in = append([]byte(nil), s.in[max(0, len(s.in)-len(endOfPaste)+1):]...)
	wait := pasteTime - now.Sub(s.last)
	if wait <= 0 {
		s.in, s.pasting = nil, false
	}
	return max(wait, 0)
}

// patience is how long the rest of the sequence may take that has begun.
func (s *Single) patience() time.Duration {
	if len(s.in) == 1 && s.in[0] == esc && !s.Expecting {
		return escapeTime
	}
	return sequenceTime
}

// Drop makes Next ignore the keys that were fed so far, and those that follow them without a pause. It returns the
// replies among them.
func (s *Single) Drop(now time.Time) (replies []byte) {
	held := !s.heldAt.IsZero()
	for len(s.in) > 0 && !s.pasting {
		n, k := Decode(s.in, false)
		switch k.Kind {
		case Reply, PasteEnd:
			replies = append(replies, s.in[:n]...)
		case PasteStart:
			s.pasting = true
		case Report:
		default:
			held = held || n > 0
		}
		if n == 0 {
			s.stale = true
			break
		}
		s.in = s.in[n:]
	}
	s.heldAt = time.Time{}
	if held {
		s.burst, s.marked, s.last = true, true, now
	}
	return replies
}

// Open reports whether a sequence or a paste has begun whose rest must not be taken for something else.
func (s *Single) Open() bool { return len(s.in) > 0 || s.pasting || s.burst }
