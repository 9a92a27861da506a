package watch

import (
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/vt"
)

// inputLine follows what is typed into a session as far as it must be known whether the client's input line is empty, and
// what was sent last. It errs on one side: a line that may hold something counts as not empty.
type inputLine struct {
	mu      sync.Mutex
	line    []byte // characters since the last Enter
	unsure  bool   // something else than characters was typed since: the line may be anything
	sent    string // the last line that was sent, "" when it is not known
	sentAt  time.Time
	pasting bool
	rest    []byte // the beginning of a key or of a reply
	keys    int    // how many keys were pressed, roughly: what the terminal says by itself is not counted
	now     func() time.Time
}

// maxInputLine bounds what is kept of a line, and of a reply that does not end, in bytes.
const maxInputLine = 8 << 10

// Write is given what was typed.
func (t *inputLine) Write(p []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p = append(t.rest, p...)
	for len(p) > 0 {
		n, k := vt.Decode(p, len(p) > maxInputLine)
		if n == 0 {
			break
		}
		t.key(p[:n], k)
		p = p[n:]
	}
	t.rest = append(t.rest[:0], p...)
}

func (t *inputLine) key(bytes []byte, k vt.Key) {
	if k.Kind == vt.Reply || k.Kind == vt.Report {
		return
	}
	t.keys++
	switch k.Kind {
	case vt.PasteStart:
		t.pasting, t.unsure = true, true
		return
	case vt.PasteEnd:
		t.pasting = false
		return
	}
	switch {
	case t.pasting:
	case k == (vt.Key{Kind: vt.KeyEnter}) && string(bytes) != "\x1bOM": // the keypad's: not all clients know it
		t.enter()
	case bytes[0] == 0x1b:
		t.unsure = true
	case k.Kind == vt.KeyBackspace:
		if _, size := utf8.DecodeLastRune(t.line); size > 0 {
			t.line = t.line[:len(t.line)-size]
		}
	case k.Kind == vt.KeyCtrl && k.Rune == 'c': // empties the line, or ends what is under way and leaves the line
		t.unsure = t.unsure || len(t.line) > 0
	case k.Kind == vt.KeyRune && len(t.line) < maxInputLine:
		t.line = append(t.line, bytes...)
	default:
		t.unsure = true
	}
}

// enter sends the line, unless its last character keeps the client from it (a backslash before Enter is a new line).
func (t *inputLine) enter() {
	if strings.HasSuffix(string(t.line), `\`) {
		t.unsure = true
		return
	}
	if len(t.line) == 0 && !t.unsure {
		return // nothing to send
	}
	t.sent, t.sentAt = "", t.now()
	if !t.unsure {
		t.sent = strings.TrimSpace(string(t.line))
	}
	t.line, t.unsure = t.line[:0], false
}

// resendable reports whether Up and Enter would send prompt again, which failed at the time given: the input line is
// empty, and nothing else was sent after it.
func (t *inputLine) resendable(prompt string, failed time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if strings.TrimSpace(prompt) == "" || len(t.line) > 0 || t.unsure || t.pasting {
		return false
	}
	if t.sentAt.After(failed) {
		return false
	}
	return t.sent == "" || t.sent == strings.TrimSpace(prompt)
}

// count is how many keys have been pressed.
func (t *inputLine) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.keys
}
