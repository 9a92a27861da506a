package detect

// holder is what a hold-back keeps of an output until it lets everything go.
type holder struct {
	kept []byte
	open bool // everything was let go, and what comes now passes
}

// pass takes the next bytes and returns those that may go on now: none while the output is to be held (hold) and has
// no more than limit bytes, else all, with what was held before. The result is valid until the next call and may share
// memory with p.
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

// Held returns what is still held back: after the end of the output the caller either drops it, or passes it on.
func (h *holder) Held() []byte {
	if h.open {
		return nil
	}
	return h.kept
}

// maxHold bounds what a text hold-back keeps, in bytes: the longest message the client has is 230 bytes, the services'
// own texts stay below 1,000.
const maxHold = 4 << 10

// A Holdback keeps the beginning of a text output for as long as the output could still be a failure message and
// nothing else, and lets everything go at the first byte that says otherwise: one phrase, with the rest of its line
// where the rule is open, white space around it, and at most 4 KiB bytes. It goes by the bytes alone, never by a
// timer. With exit status 1 of a `-p` run such an output is proof enough; with status 0 it is an answer that quotes the
// words.
type Holdback struct {
	holder
	m matcher
}

// NewHoldback returns a hold-back over the given rules.
func NewHoldback(r *Rules) *Holdback { return &Holdback{m: matcher{rules: r}} }

// Write takes the next bytes of the output and returns those that may go on now, which include what was held before.
// The result is valid until the next call and may share memory with p.
func (h *Holdback) Write(p []byte) (release []byte) {
	return h.pass(p, !h.open && h.m.write(p), maxHold)
}

// Finish reports whether the output, given that it ended here, was held back to its end and is a failure message. Text
// is the message as the client wrote it, without what is around it.
func (h *Holdback) Finish() (RunResult, bool) {
	rule, ok := h.m.finish()
	if h.open || !ok {
		return RunResult{}, false
	}
	start, end := h.m.message()
	text := string(h.kept[start:end])
	return RunResult{Ended: true, Failed: true, Class: rule.Class, Rule: rule.Name, Text: text}, true
}

// Result returns what the output says: nothing when it is not a failure message.
func (h *Holdback) Result() RunResult {
	v, _ := h.Finish()
	return v
}
