package watch

import (
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// typed follows what is typed into a session as far as it must be known whether the client's input line is empty, and what
// was sent last. It errs on one side: a line that may hold something counts as not empty.
type typed struct {
	mu      sync.Mutex
	line    []byte // characters since the last Enter
	unsure  bool   // something else than characters was typed since: the line may be anything
	sent    string // the last line that was sent, "" when it is not known
	sentAt  time.Time
	pasting bool
	state   typedState
	params  []byte // of a control sequence
	keys    int    // how many keys were pressed, roughly: what the terminal says by itself is not counted
	now     func() time.Time
}

type typedState int

const (
	typedGround typedState = iota
	typedEscape
	typedControl // CSI
	typedShift   // SS3
	typedString  // OSC, DCS and the like: a reply of the terminal
	typedStringEnd
)

// typedMax bounds the line that is kept, in bytes.
const typedMax = 8 << 10

// Write is given what was typed.
func (t *typed) Write(p []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range p {
		t.step(c)
	}
}

func (t *typed) step(c byte) {
	switch t.state {
	case typedEscape:
		t.state = typedGround
		switch c {
		case '[':
			t.state, t.params = typedControl, t.params[:0]
		case 'O':
			t.state = typedShift
		case ']', 'P', '_', '^', 'X':
			t.state = typedString
		case 0x1b:
			t.state = typedEscape
		default: // Alt and a key
			t.unsure = true
			t.keys++
		}
	case typedControl:
		if c < 0x40 || c > 0x7e {
			if len(t.params) < 32 {
				t.params = append(t.params, c)
			}
			return
		}
		t.state = typedGround
		t.control(c)
	case typedShift:
		t.state, t.unsure = typedGround, true
		t.keys++
	case typedString:
		switch c {
		case 0x07:
			t.state = typedGround
		case 0x1b:
			t.state = typedStringEnd
		}
	case typedStringEnd:
		t.state = typedGround
	default:
		t.character(c)
	}
}

// control is a key with a name, or something that the terminal says by itself.
func (t *typed) control(final byte) {
	params := string(t.params)
	t.keys++
	switch final {
	case 'I', 'O', 'M', 'm', 'c', 'n', 't', 'y', 'R': // focus, mouse, replies; also Shift-F3, which types nothing
		t.keys--
	case 'u':
		if strings.HasPrefix(params, "?") {
			t.keys--
			return
		}
		if params == "13" || params == "13;1" {
			t.enter()
			return
		}
		t.unsure = true
	case '~':
		switch params {
		case "200":
			t.pasting, t.unsure = true, true
		case "201":
			t.pasting = false
		default:
			t.unsure = true
		}
	default:
		t.unsure = true
	}
}

func (t *typed) character(c byte) {
	t.keys++
	switch {
	case c == 0x1b:
		t.keys--
		t.state = typedEscape
	case t.pasting:
	case c == '\r':
		t.enter()
	case c == 0x7f || c == 0x08:
		if _, size := utf8.DecodeLastRune(t.line); size > 0 {
			t.line = t.line[:len(t.line)-size]
		}
	case c == 0x03: // Ctrl-C empties the line, or ends what is under way and leaves the line
		if len(t.line) > 0 || t.unsure {
			t.unsure = true
		}
	case c < 0x20:
		t.unsure = true
	case len(t.line) >= typedMax:
		t.unsure = true
	default:
		t.line = append(t.line, c)
	}
}

// enter sends the line, unless its last character keeps the client from it (a backslash before Enter is a new line).
func (t *typed) enter() {
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

// resendable reports whether Up and Enter would send prompt again, which failed at the time given: the input line is empty,
// and nothing else was sent after it.
func (t *typed) resendable(prompt string, failed time.Time) bool {
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
func (t *typed) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.keys
}
