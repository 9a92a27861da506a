package watch

import (
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// inputLine follows what is typed into a session as far as it must be known whether the client's input line is empty,
// and what was sent last. It errs on one side: a line that may hold something counts as not empty.
type inputLine struct {
	mu      sync.Mutex
	line    []byte // characters since the last Enter
	unsure  bool   // something else than characters was typed since: the line may be anything
	sent    string // the last line that was sent, "" when it is not known
	sentAt  time.Time
	pasting bool
	state   inputState
	params  []byte // of a control sequence
	keys    int    // how many keys were pressed, roughly: what the terminal says by itself is not counted
	now     func() time.Time
}

type inputState int

const (
	inputGround inputState = iota
	inputEscape
	inputControl // CSI
	inputShift   // SS3
	inputString  // OSC, DCS and the like: a reply of the terminal
	inputStringEnd
)

// maxInputLine bounds the line that is kept, in bytes.
const maxInputLine = 8 << 10

// Write is given what was typed.
func (t *inputLine) Write(p []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range p {
		t.step(c)
	}
}

func (t *inputLine) step(c byte) {
	switch t.state {
	case inputEscape:
		t.state = inputGround
		switch c {
		case '[':
			t.state, t.params = inputControl, t.params[:0]
		case 'O':
			t.state = inputShift
		case ']', 'P', '_', '^', 'X':
			t.state = inputString
		case 0x1b:
			t.state = inputEscape
		default: // Alt and a key
			t.unsure = true
			t.keys++
		}
	case inputControl:
		if c < 0x40 || c > 0x7e {
			if len(t.params) < 32 {
				t.params = append(t.params, c)
			}
			return
		}
		t.state = inputGround
		t.control(c)
	case inputShift:
		t.state, t.unsure = inputGround, true
		t.keys++
	case inputString:
		switch c {
		case 0x07:
			t.state = inputGround
		case 0x1b:
			t.state = inputStringEnd
		}
	case inputStringEnd:
		t.state = inputGround
	default:
		t.character(c)
	}
}

// control is a key with a name, or something that the terminal says by itself.
func (t *inputLine) control(final byte) {
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

func (t *inputLine) character(c byte) {
	t.keys++
	switch {
	case c == 0x1b:
		t.keys--
		t.state = inputEscape
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
	case len(t.line) >= maxInputLine:
		t.unsure = true
	default:
		t.line = append(t.line, c)
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
