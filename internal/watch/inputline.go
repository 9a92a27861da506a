package watch

import (
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/vt"
)

// inputLine follows what is typed into a session, to know whether the client's input line is empty and what was sent
// last. In doubt the line counts as not empty.
type inputLine struct {
	mu      sync.Mutex
	line    []byte // characters since the last Enter
	unsure  bool   // other keys were typed since then: the line may hold anything
	sent    string // the last line that was sent, "" when unknown
	sentAt  time.Time
	pasting bool
	rest    []byte // an incomplete key or reply of the terminal
	keys    int    // how many keys were pressed; replies and reports of the terminal do not count
	now     func() time.Time
}

// maxInputLine bounds a line, and a reply that does not end, in bytes.
const maxInputLine = 8 << 10

// Write takes what was typed.
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
	case k == (vt.Key{Kind: vt.KeyEnter}) && !isKeypadEnter(bytes):
		t.enter()
	case bytes[0] == 0x1b:
		t.unsure = true
	case k.Kind == vt.KeyBackspace:
		if _, size := utf8.DecodeLastRune(t.line); size > 0 {
			t.line = t.line[:len(t.line)-size]
		}
	case k.Kind == vt.KeyCtrl && k.Rune == 'c': // empties the line, or interrupts the client and leaves the line
		t.unsure = t.unsure || len(t.line) > 0
	case k.Kind == vt.KeyRune && len(t.line) < maxInputLine:
		t.line = append(t.line, bytes...)
	default:
		t.unsure = true
	}
}

// isKeypadEnter reports whether a key is the keypad's Enter, which some clients ignore.
func isKeypadEnter(bytes []byte) bool {
	return string(bytes) == "\x1bOM" || string(bytes) == "\x1b[57414u"
}

// enter notes that the line was sent. A backslash before Enter makes a new line instead.
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

// resendable reports whether Up and Enter would send the prompt again that failed at the given time: the input line is
// empty, and nothing else was sent since.
func (t *inputLine) resendable(prompt string, failed time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	prompt = strings.TrimSpace(prompt)
	sentAt := t.sentAt.Truncate(time.Millisecond) // the precision of transcripts
	if prompt == "" || len(t.line) > 0 || t.unsure || t.pasting || sentAt.After(failed) {
		return false
	}
	return t.sent == "" || t.sent == prompt
}

// count returns how many keys have been pressed.
func (t *inputLine) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.keys
}
