package runner

import (
	"bytes"
	"fmt"
	"strings"
)

// modes follows what a program switches on in its terminal, from its output alone, so that a panel can be shown over it and
// everything be put back as it was, and so that a program that was killed does not leave its modes to the shell.
//
// The clients set ?2004 ?1004 ?2031 ?25, push the kitty keyboard (CSI > 5 u) and set modifyOtherKeys (CSI > 4 ; 2 m)
// (measured on 2.1.165 and 2.1.330). What a child of theirs may set (an editor, a pager) is followed too.
type modes struct {
	p       parser
	private [len(privateModes)]bool // as set, or as unset, now
	alt     bool
	keypad  bool
	other   int    // modifyOtherKeys, 0 to 3
	shape   int    // DECSCUSR, 0 is the terminal's own
	region  [2]int // DECSTBM, {0, 0} is the whole screen
	keys    [2]kittyKeys
	version uint64 // counts changes, so that others can tell cheaply
}

// privateMode is one DEC private mode that outlives the program that set it.
type privateMode struct {
	number int
	on     bool // at the terminal's reset
	panel  bool // how the panel wants it
}

var privateModes = [...]privateMode{
	{1, false, false},    // application cursor keys
	{6, false, false},    // origin
	{7, true, true},      // wrap
	{25, true, true},     // cursor
	{9, false, false},    // mouse: X10
	{1000, false, false}, // mouse: buttons
	{1001, false, false}, // mouse: highlight
	{1002, false, false}, // mouse: drags
	{1003, false, false}, // mouse: moves
	{1004, false, false}, // focus reports
	{1005, false, false}, // mouse: UTF-8 coordinates
	{1006, false, false}, // mouse: SGR coordinates
	{1015, false, false}, // mouse: urxvt coordinates
	{1016, false, false}, // mouse: pixels
	{2004, false, false}, // bracketed paste
	{2026, false, false}, // synchronized output
	{2031, false, false}, // colour scheme reports
	{2048, false, false}, // size reports
	{9001, false, false}, // win32 input
}

// modeIndex finds a mode's place in privateModes, or -1.
func modeIndex(number int) int {
	for i := range privateModes {
		if privateModes[i].number == number {
			return i
		}
	}
	return -1
}

// kittyKeys is the keyboard's stack of one screen: the main and the alternate one have one each.
type kittyKeys struct {
	flags int   // in force
	stack []int // what pop brings back
}

// kittyDepth bounds the stack, as terminals do.
const kittyDepth = 32

func newModes() *modes {
	m := &modes{}
	m.reset()
	return m
}

func (m *modes) reset() {
	for i := range privateModes {
		m.private[i] = privateModes[i].on
	}
	m.alt, m.keypad, m.other, m.shape, m.region = false, false, 0, 0, [2]int{}
	m.keys = [2]kittyKeys{}
	m.version++
}

// Write follows p. It never fails and keeps nothing of p.
func (m *modes) Write(p []byte) {
	for len(p) > 0 {
		if m.p.state == ground {
			i := bytes.IndexByte(p, 0x1b)
			if i < 0 {
				return
			}
			p = p[i+1:]
			if n := skipControl(p); n > 0 {
				p = p[n:]
				continue
			}
			m.p.state = escape
			continue
		}
		n, done := m.p.step(p)
		p = p[n:]
		if done {
			m.apply()
		}
	}
}

// skipControl is the length of a whole control sequence at the start of p (after its ESC) that is none of ours: the colours and cursor
// moves that a screen is made of. 0 when it may be ours, or is not whole.
func skipControl(p []byte) int {
	if len(p) < 2 || p[0] != '[' || p[1] >= '<' && p[1] <= '?' {
		return 0
	}
	for i := 1; i < len(p); i++ {
		c := p[i]
		if c >= '0' && c <= ';' {
			continue
		}
		if c < 'A' || c > 'z' || ours[c] {
			return 0
		}
		return i + 1
	}
	return 0
}

// ours are the final bytes of control sequences that modes follows also where there is no private marker.
var ours = [256]bool{'u': true, 'q': true, 'p': true, 'r': true}

// atRest reports whether the output stands between two sequences and outside a synchronized update, where something else may be written.
func (m *modes) atRest() bool { return m.p.state == ground && !m.private[syncIndex] }

var (
	syncIndex   = modeIndex(2026)
	cursorIndex = modeIndex(25)
)

// apply takes in one complete sequence.
func (m *modes) apply() {
	q := &m.p
	switch {
	case q.private == 'E': // ESC x
		switch q.final {
		case 'c':
			m.reset()
		case '=':
			m.keypad = true
			m.version++
		case '>':
			m.keypad = false
			m.version++
		}
	case q.final == 'h' && q.private == '?' && q.inter == 0:
		m.set(q.params(), true)
	case q.final == 'l' && q.private == '?' && q.inter == 0:
		m.set(q.params(), false)
	case q.final == 'u':
		m.kitty()
	case q.final == 'm' && q.private == '>':
		if q.n == 0 || q.param(0, 0) == 4 {
			m.other = q.param(1, 0)
			m.version++
		}
	case q.final == 'n' && q.private == '>' && q.param(0, 0) == 4:
		m.other = 0
		m.version++
	case q.final == 'q' && q.inter == ' ' && q.private == 0:
		m.shape = q.param(0, 0)
		m.version++
	case q.final == 'p' && q.inter == '!' && q.private == 0: // DECSTR
		alt, keys := m.alt, m.keys
		m.reset()
		m.alt, m.keys = alt, keys
	case q.final == 'r' && q.private == 0 && q.inter == 0:
		m.region = [2]int{q.param(0, 0), q.param(1, 0)}
		m.version++
	}
}

func (m *modes) set(numbers []int, on bool) {
	for _, n := range numbers {
		switch n {
		case 47, 1047, 1049:
			if m.alt != on {
				m.alt = on
				m.version++
			}
			continue
		}
		i := modeIndex(n)
		if i < 0 || m.private[i] == on {
			continue
		}
		m.private[i] = on
		if i != syncIndex { // once a frame; what a reset sends for it does no harm when it is off
			m.version++
		}
	}
}

// kitty follows CSI > flags u (push), CSI < n u (pop), CSI = flags ; mode u (set).
func (m *modes) kitty() {
	k := &m.keys[m.screen()]
	switch m.p.private {
	case '>':
		if len(k.stack) == kittyDepth {
			k.stack = append(k.stack[:0], k.stack[1:]...)
		}
		k.stack = append(k.stack, k.flags)
		k.flags = m.p.param(0, 0)
	case '<':
		for n := max(1, m.p.param(0, 1)); n > 0; n-- {
			if len(k.stack) == 0 {
				k.flags = 0
				break
			}
			k.flags = k.stack[len(k.stack)-1]
			k.stack = k.stack[:len(k.stack)-1]
		}
	case '=':
		switch f := m.p.param(0, 0); m.p.param(1, 1) {
		case 1:
			k.flags = f
		case 2:
			k.flags |= f
		case 3:
			k.flags &^= f
		}
	default:
		return // CSI u restores the cursor; CSI ? u asks
	}
	m.version++
}

func (m *modes) screen() int {
	if m.alt {
		return 1
	}
	return 0
}

// enterPanel switches off what the program had on and gives a clear screen: the alternate one, or, where the program is
// there already, that one cleared.
func (m *modes) enterPanel() string {
	var b strings.Builder
	for i, p := range privateModes {
		if m.private[i] != p.panel {
			writeMode(&b, p.number, p.panel)
		}
	}
	m.resetShared(&b)
	if !m.alt {
		b.WriteString("\x1b[?1049h")
	}
	if m.region != [2]int{} {
		b.WriteString("\x1b[r")
	}
	if m.kittyUsed() {
		b.WriteString("\x1b[>0u") // on the panel's own screen, which has a stack of its own; where it has not, this is right too
	}
	b.WriteString("\x1b[0m\x1b[2J\x1b[H")
	return b.String()
}

// leavePanel undoes enterPanel.
func (m *modes) leavePanel() string {
	var b strings.Builder
	b.WriteString("\x1b[0m\x1b[2J\x1b[H")
	if m.kittyUsed() {
		b.WriteString("\x1b[<1u")
	}
	if m.region != [2]int{} {
		fmt.Fprintf(&b, "\x1b[%d;%dr", max(1, m.region[0]), m.region[1])
	}
	if !m.alt {
		b.WriteString("\x1b[?1049l")
	}
	if m.shape != 0 {
		fmt.Fprintf(&b, "\x1b[%d q", m.shape)
	}
	if m.keypad {
		b.WriteString("\x1b=")
	}
	if m.other != 0 {
		fmt.Fprintf(&b, "\x1b[>4;%dm", m.other)
	}
	for i, p := range privateModes {
		if m.private[i] != p.panel {
			writeMode(&b, p.number, m.private[i])
		}
	}
	return b.String()
}

func (m *modes) kittyUsed() bool {
	for _, k := range m.keys {
		if k.flags != 0 || len(k.stack) > 0 {
			return true
		}
	}
	return false
}

// resetAll brings the terminal back from everything that is on, for a program that cannot do it any more. It is empty when nothing is.
func (m *modes) resetAll() string {
	var b strings.Builder
	m.resetKeys(&b)
	if m.alt {
		b.WriteString("\x1b[?1049l")
		other := *m
		other.alt = false
		other.resetKeys(&b)
	}
	for i, p := range privateModes {
		if m.private[i] != p.on {
			writeMode(&b, p.number, p.on)
		}
	}
	m.resetShared(&b)
	if m.region != [2]int{} {
		b.WriteString("\x1b7\x1b[r\x1b8") // the cursor stays where it is
	}
	if b.Len() == 0 {
		return ""
	}
	return "\x18\x1b[0m" + b.String() // CAN ends a sequence that was cut off
}

// resetShared resets what both screens share and is no private mode: xterm's keys, the keypad, the cursor's shape.
func (m *modes) resetShared(b *strings.Builder) {
	if m.other != 0 {
		b.WriteString("\x1b[>4m")
	}
	if m.keypad {
		b.WriteString("\x1b>")
	}
	if m.shape != 0 {
		b.WriteString("\x1b[0 q")
	}
}

// resetKeys empties the keyboard's stack of the screen that is on.
func (m *modes) resetKeys(b *strings.Builder) {
	k := m.keys[m.screen()]
	switch {
	case len(k.stack) > 0:
		fmt.Fprintf(b, "\x1b[<%du", len(k.stack))
	case k.flags != 0:
		b.WriteString("\x1b[=0u")
	}
}

func writeMode(b *strings.Builder, number int, on bool) {
	c := 'l'
	if on {
		c = 'h'
	}
	fmt.Fprintf(b, "\x1b[?%d%c", number, c)
}

// hidePanel shows the shell's screen while we are stopped with a panel shown, and showPanel comes back from it.
func (m *modes) hidePanel() string {
	if m.kittyUsed() {
		return "\x1b[0m\x1b[<1u\x1b[?1049l\x1b[>0u"
	}
	return "\x1b[0m\x1b[?1049l"
}

func (m *modes) showPanel() string {
	if m.kittyUsed() {
		return "\x1b[<1u\x1b[?1049h\x1b[>0u\x1b[0m\x1b[2J\x1b[H"
	}
	return "\x1b[?1049h\x1b[0m\x1b[2J\x1b[H"
}
