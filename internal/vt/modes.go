package vt

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Modes records what a program switches on in its terminal, from its output alone. With it a panel can be shown over
// the program and everything be restored, and the terminal be reset when the program was killed.
//
// The clients set ?2004 ?1004 ?2031 ?25, push the kitty keyboard (CSI > 5 u) and set modifyOtherKeys (CSI > 4 ; 2 m)
// (measured on 2.1.165 and 2.1.330). Modes knows what their children (an editor, a pager) may set too.
type Modes struct {
	p       Parser
	now     settings
	keys    [2]kittyKeys // of the main and of the alternate screen
	version uint64
	asked   uint64
}

// settings are what both screens of a terminal share.
type settings struct {
	private [len(privateModes)]bool
	alt     bool   // the alternate screen is shown
	keypad  bool   // DECKPAM
	other   int    // modifyOtherKeys, 0 to 3
	shape   int    // DECSCUSR, 0 is the terminal's own
	region  [2]int // DECSTBM, {0, 0} is the whole screen
}

// kittyKeys is one screen's stack of keyboard modes.
type kittyKeys struct {
	flags int   // in force
	stack []int // what pop restores
}

// kittyDepth bounds the stack, as terminals do.
const kittyDepth = 32

// privateModes are the numbers of the DEC private modes that outlive the program that set them.
var privateModes = [...]int{
	1,    // application cursor keys
	6,    // origin
	7,    // wrap
	25,   // cursor
	9,    // mouse: X10
	1000, // mouse: buttons
	1001, // mouse: highlight
	1002, // mouse: drags
	1003, // mouse: moves
	1004, // focus reports
	1005, // mouse: UTF-8 coordinates
	1006, // mouse: SGR coordinates
	1015, // mouse: urxvt coordinates
	1016, // mouse: pixels
	2004, // bracketed paste
	2026, // synchronized output
	2031, // colour scheme reports
	2048, // size reports
	9001, // win32 input
}

var syncMode = modeIndex(2026)

// modeIndex finds a mode's place in privateModes, or -1.
func modeIndex(number int) int { return slices.Index(privateModes[:], number) }

// resetSettings are the settings of a terminal that has just been reset.
func resetSettings() settings {
	var s settings
	s.private[modeIndex(7)], s.private[modeIndex(25)] = true, true
	return s
}

// panelSettings are the settings under a panel: those after a reset, and pasted text is marked.
func panelSettings() settings {
	s := resetSettings()
	s.private[modeIndex(2004)] = true
	return s
}

// NewModes are the modes of a terminal that has just been reset.
func NewModes() *Modes { return &Modes{now: resetSettings()} }

// String describes everything that is on, for comparisons.
func (m *Modes) String() string { return fmt.Sprintf("%+v %v", m.now, m.keys) }

// Version counts changes.
func (m *Modes) Version() uint64 { return m.version }

// Asked counts how often the program has asked what the terminal is (DA1). The clients end all of their questions with
// that one, which every terminal answers (2.1.165, 2.1.330).
func (m *Modes) Asked() uint64 { return m.asked }

// Alt reports whether the alternate screen is shown.
func (m *Modes) Alt() bool { return m.now.alt }

// AtRest reports whether the output is between two sequences and outside a synchronized update, so that something else
// may be written.
func (m *Modes) AtRest() bool { return m.p.Ground() && !m.now.private[syncMode] }

// Write records what p changes. It does not keep p.
func (m *Modes) Write(p []byte) {
	for len(p) > 0 {
		if m.p.state == ground {
			i := bytes.IndexByte(p, esc)
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
		n, done := m.p.Step(p)
		p = p[n:]
		if done && m.apply() {
			m.version++
		}
	}
}

// skipControl is the length of a complete control sequence at the start of p (after its ESC) that changes no mode, as
// colours and cursor moves do not. It is 0 for a sequence that may change one, or is not complete.
func skipControl(p []byte) int {
	if len(p) < 2 || p[0] != '[' || p[1] >= '<' && p[1] <= '?' {
		return 0
	}
	for i := 1; i < len(p); i++ {
		c := p[i]
		if c >= '0' && c <= ';' {
			continue
		}
		if c < 'A' || c > 'z' || followed[c] {
			return 0
		}
		return i + 1
	}
	return 0
}

// followed are the final bytes of control sequences that change modes, or ask, without a private marker.
var followed = [256]bool{'u': true, 'q': true, 'p': true, 'r': true, 'c': true}

// apply records what a complete sequence changes, and reports whether it may have changed something.
func (m *Modes) apply() bool {
	q := &m.p
	switch {
	case q.Is('E', 0, 'c'):
		m.now, m.keys = resetSettings(), [2]kittyKeys{}
	case q.Is('E', 0, '='), q.Is('E', 0, '>'):
		m.now.keypad = q.final == '='
	case q.Is('?', 0, 'h'), q.Is('?', 0, 'l'):
		return m.set(q.params(), q.final == 'h')
	case q.final == 'u':
		return m.kitty()
	case q.final == 'm' && q.private == '>' && (q.n == 0 || q.Param(0, 0) == 4):
		m.now.other = q.Param(1, 0)
	case q.final == 'n' && q.private == '>' && q.Param(0, 0) == 4:
		m.now.other = 0
	case q.Is(0, ' ', 'q'):
		m.now.shape = q.Param(0, 0)
	case q.Is(0, '!', 'p'): // DECSTR
		alt := m.now.alt
		m.now = resetSettings()
		m.now.alt = alt
	case q.Is(0, 0, 'c'):
		m.asked++
		return false
	case q.Is(0, 0, 'r'):
		m.now.region = [2]int{q.Param(0, 0), q.Param(1, 0)}
	default:
		return false
	}
	return true
}

// set switches private modes. A synchronized update does not count as a change: there is one for each frame, and it is
// over when the program is.
func (m *Modes) set(numbers []int, on bool) (changed bool) {
	for _, n := range numbers {
		mode := &m.now.alt
		if n != 47 && n != 1047 && n != 1049 {
			i := modeIndex(n)
			if i < 0 {
				continue
			}
			mode = &m.now.private[i]
		}
		changed = changed || *mode != on && n != 2026
		*mode = on
	}
	return changed
}

// kitty records CSI > flags u (push), CSI < n u (pop) and CSI = flags ; mode u (set).
func (m *Modes) kitty() (changed bool) {
	k := m.keyboard()
	switch m.p.private {
	case '>':
		if len(k.stack) == kittyDepth {
			k.stack = append(k.stack[:0], k.stack[1:]...)
		}
		k.stack = append(k.stack, k.flags)
		k.flags = m.p.Param(0, 0)
	case '<':
		for n := max(1, m.p.Param(0, 1)); n > 0; n-- {
			if len(k.stack) == 0 {
				k.flags = 0
				break
			}
			k.flags = k.stack[len(k.stack)-1]
			k.stack = k.stack[:len(k.stack)-1]
		}
	case '=':
		switch f := m.p.Param(0, 0); m.p.Param(1, 1) {
		case 1:
			k.flags = f
		case 2:
			k.flags |= f
		case 3:
			k.flags &^= f
		}
	default:
		return false // CSI u restores the cursor; CSI ? u asks for the flags
	}
	return true
}

// keyboard is the keyboard of the screen that is shown.
func (m *Modes) keyboard() *kittyKeys {
	if m.now.alt {
		return &m.keys[1]
	}
	return &m.keys[0]
}

func (m *Modes) kittyUsed() bool {
	return slices.ContainsFunc(m.keys[:], func(k kittyKeys) bool { return k.flags != 0 || len(k.stack) > 0 })
}

// change is the output that changes a terminal's settings from a to b, except for the screen and the scrolling region.
func change(a, b settings) string {
	var s strings.Builder
	if a.shape != b.shape {
		fmt.Fprintf(&s, "\x1b[%d q", b.shape)
	}
	if a.keypad != b.keypad {
		s.WriteString(choose(b.keypad, "\x1b=", "\x1b>"))
	}
	if a.other != b.other {
		s.WriteString(choose(b.other == 0, "\x1b[>4m", fmt.Sprintf("\x1b[>4;%dm", b.other)))
	}
	for i, mode := range privateModes {
		if a.private[i] != b.private[i] {
			fmt.Fprintf(&s, "\x1b[?%d%s", mode, choose(b.private[i], "h", "l"))
		}
	}
	return s.String()
}

func choose(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

const (
	clearAll  = "\x1b[0m\x1b[2J\x1b[H"
	altScreen = "\x1b[?1049h"
	mainView  = "\x1b[?1049l"
	keysPush  = "\x1b[>0u"
	keysPop   = "\x1b[<1u"
	cancel    = "\x18" // CAN ends a sequence that was cut off
)

// PasteOn makes the terminal mark pasted text (bracketed paste), and PasteOff ends that. A terminal that cannot do it
// ignores both.
const (
	PasteOn  = "\x1b[?2004h"
	PasteOff = "\x1b[?2004l"
)

// EnterPanel is the output that switches off what the program has on and shows a clear alternate screen.
func (m *Modes) EnterPanel() string {
	s := choose(m.p.Ground(), "", cancel) + change(m.now, panelSettings())
	s += choose(m.now.alt, "", altScreen)
	s += choose(m.now.region == [2]int{}, "", "\x1b[r")
	// In most terminals the alternate screen has a stack of its own; in others this is right too.
	return s + choose(m.kittyUsed(), keysPush, "") + clearAll
}

// LeavePanel undoes EnterPanel.
func (m *Modes) LeavePanel() string {
	s := clearAll + choose(m.kittyUsed(), keysPop, "")
	if r := m.now.region; r != [2]int{} {
		s += fmt.Sprintf("\x1b[%d;%dr", max(1, r[0]), r[1])
	}
	return s + choose(m.now.alt, "", mainView) + change(panelSettings(), m.now)
}

// HidePanel shows the shell's screen while we are stopped with a panel shown.
func (m *Modes) HidePanel() string {
	return "\x1b[0m" + PasteOff + choose(m.kittyUsed(), keysPop+mainView+keysPush, mainView)
}

// ShowPanel undoes HidePanel.
func (m *Modes) ShowPanel() string {
	return choose(m.kittyUsed(), keysPop+altScreen+keysPush, altScreen) + PasteOn + clearAll
}

// ResetMax is the most that Reset returns, in bytes.
const ResetMax = 1024

// Reset is the output that switches off everything that is on, for a program that can't do it any more. It is empty
// when nothing is on.
func (m *Modes) Reset() string {
	s := m.keyboard().reset()
	if m.now.alt {
		s += mainView + m.keys[0].reset()
	}
	s += change(m.now, resetSettings())
	if m.now.region != [2]int{} {
		s += "\x1b7\x1b[r\x1b8" // the cursor stays where it is
	}
	if s == "" {
		return ""
	}
	return cancel + "\x1b[0m" + s
}

// reset is the output that empties the stack.
func (k *kittyKeys) reset() string {
	switch {
	case len(k.stack) > 0:
		return fmt.Sprintf("\x1b[<%du", len(k.stack))
	case k.flags != 0:
		return "\x1b[=0u"
	}
	return ""
}
