package detect

import (
	"strings"

	"github.com/claude-auth/claude-auth/internal/vt"
)

// holder is what a hold-back keeps of an output until it lets everything go.
type holder struct {
	kept []byte
	open bool // everything was let go, and what comes now passes
}

// pass takes the next bytes and returns those that may go on now: none while hold is set and no more than limit bytes
// are kept, else all, after what was kept before. The result is valid until the next call and may share memory with p.
func (h *holder) pass(p []byte, hold bool, limit int) (release []byte) {
	switch {
	case h.open:
		h.kept = nil
		return p
	case hold && len(h.kept)+len(p) <= limit:
		h.kept = append(h.kept, p...)
		return nil
	}
	h.open = true
	if len(h.kept) == 0 {
		return p
	}
	h.kept = append(h.kept, p...)
	return h.kept
}

// Holding reports whether everything written so far is still held back.
func (h *holder) Holding() bool { return !h.open }

// Held returns what is still held back: after the end of the output the caller either drops it or passes it on.
func (h *holder) Held() []byte {
	if h.open {
		return nil
	}
	return h.kept
}

// maxHold bounds what a text hold-back keeps, in bytes: the longest message the client has is 230 bytes, the services'
// own texts stay below 1,000.
const maxHold = 4 << 10

// A Holdback keeps the beginning of a text output while the output could still be a failure message and nothing else:
// one phrase, with the rest of its line where the rule is open, white space and escape sequences around it, at most
// 4 KiB. At the first byte that says otherwise it lets everything go. It uses no timer. With exit status 1 of a `-p`
// run such an output is proof; with status 0 it is an answer that quotes the words.
type Holdback struct {
	holder
	rules *Rules
	found RunResult // what the output says if it ends here
}

// NewHoldback returns a hold-back over the given rules.
func NewHoldback(r *Rules) *Holdback { return &Holdback{rules: r} }

// Write takes the next bytes of the output and returns those that may go on now, after what was held before. The result
// is valid until the next call and may share memory with p.
func (h *Holdback) Write(p []byte) (release []byte) {
	hold := !h.open && len(h.kept)+len(p) <= maxHold && h.possible(string(h.kept)+string(p))
	return h.pass(p, hold, maxHold)
}

// possible reports whether text can still become a failure message and nothing else, and sets found to what it is if it
// ends here. The text of -p has no escapes and no redrawn gaps, so phrases are compared exactly.
func (h *Holdback) possible(text string) bool {
	h.found = RunResult{}
	text = text[blank(text):]
	i, length, longer := h.rules.trie.longest(text)
	if i == noRule {
		return longer
	}
	rule := h.rules.list[i]
	if rule.Open {
		for length < len(text) && (text[length] >= ' ' || text[length] == '\t') {
			length++
		}
		// What an answer has, a NUL for example, does not end a message.
		if length < len(text) && !strings.Contains("\n\r\x1b\x0e\x0f", text[length:length+1]) {
			return longer
		}
	}
	whole := length+blank(text[length:]) == len(text)
	if whole {
		h.found = RunResult{Ended: true, Failed: true, Class: rule.Class, Rule: rule.Name, Text: text[:length]}
	}
	return whole || longer
}

// blank returns how many bytes at the beginning of text may surround a message: white space, escape sequences, and the
// control bytes SO and SI. On a terminal the client resets the terminal's modes after the text of -p (2.1.165 and
// 2.1.330).
func blank(text string) int {
	var sequence vt.Parser
	for i := range len(text) {
		c := text[i]
		switch {
		case c == esc || !sequence.Ground():
			sequence.Next(c)
		case !strings.Contains(" \t\n\r\v\f\x0e\x0f", text[i:i+1]):
			return i
		}
	}
	return len(text)
}

// Finish reports whether the output, given that it ended here, was held back to its end and is a failure message. Text
// is the message as the client wrote it, without what surrounds it.
func (h *Holdback) Finish() (RunResult, bool) {
	if h.open {
		return RunResult{}, false
	}
	return h.found, h.found.Failed
}

// Result returns what the output says: nothing when it is not a failure message.
func (h *Holdback) Result() RunResult {
	v, _ := h.Finish()
	return v
}
