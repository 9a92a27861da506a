package session

import (
	"bytes"
	"time"

	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/vt"
)

// hold keeps keys from the child that could end it while it must not be ended: from the first Enter (/exit), Esc or
// Ctrl key (Ctrl-C, Ctrl-D, Ctrl-Z) on, everything waits, in order, until the child is not busy any more.
//
// Characters, arrows, and what the terminal sends by itself pass until then. Holding those back too would be simpler,
// but a person would see it: the child's questions to the terminal at its start would go without answers, and typed
// text would not appear. A child is busy for less than a second as a rule, in which an Enter is not missed.
type hold struct {
	busy runner.Busy
	kept []byte
	end  time.Time // when this busy time has lasted too long to wait for its end; zero: nothing has waited in it
}

const (
	// holdMax is how much is read from the keyboard while keys wait, in bytes.
	holdMax = 32 << 10
	// holdPoll is how often the end of a busy time is looked for while keys wait, in ms.
	holdPoll = 20
)

// take takes what was typed, which may be nothing, and returns what the child gets now.
func (h *hold) take(p []byte) []byte {
	waiting := len(h.kept) > 0
	if waiting {
		p = append(h.kept, p...)
	}
	h.kept = nil
	if !h.busy.Now() {
		h.end = time.Time{}
		return p
	}
	first := 0
	if !waiting {
		first = firstEnding(p)
	}
	if first == len(p) {
		return p
	}
	if h.end.IsZero() {
		h.end = time.Now().Add(h.busy.Limit)
	}
	if time.Now().After(h.end) {
		return p
	}
	h.kept = bytes.Clone(p[first:])
	return p[:first]
}

// firstEnding is where the first key begins that could end a client, or stop it; len(p) when there is none. A lone ESC
// at the end counts: the rest of a longer key may follow.
func firstEnding(p []byte) int {
	for i := 0; i < len(p); {
		n, k := vt.Decode(p[i:], true)
		switch k.Kind {
		case vt.KeyEnter, vt.KeyEscape, vt.KeyCtrl:
			return i
		}
		i += n
	}
	return len(p)
}
