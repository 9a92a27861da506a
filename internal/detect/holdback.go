package detect

// MaxHold bounds what a text hold-back keeps, in bytes: the longest message
// the client has is 230 bytes, the services' own texts stay below 1,000.
const MaxHold = 4 << 10

// A Holdback keeps the beginning of a text output for as long as the output
// could still be a failure message and nothing else, as [Whole] defines that,
// and lets everything go at the first byte that says otherwise. It goes by
// the bytes alone, never by a timer, and holds at most [MaxHold] of them.
type Holdback struct {
	m    matcher
	held []byte
	open bool
}

// NewHoldback returns a hold-back over the given rules.
func NewHoldback(r *Rules) *Holdback { return &Holdback{m: matcher{rules: r}} }

// Write takes the next bytes of the output and returns those that may go on
// now, which include what was held before. The result is valid until the next
// call and may share memory with p.
func (h *Holdback) Write(p []byte) (release []byte) {
	if h.open {
		h.held = nil
		return p
	}
	if h.m.write(p) && len(h.held)+len(p) <= MaxHold {
		h.held = append(h.held, p...)
		return nil
	}
	h.open = true
	if len(h.held) == 0 {
		return p
	}
	h.held = append(h.held, p...)
	return h.held
}

// Holding reports whether everything written so far is still held back.
func (h *Holdback) Holding() bool { return !h.open }

// Finish says what the output was: a whole failure message, given that it
// ended here. It is false once anything was released.
func (h *Holdback) Finish() (Finding, bool) {
	if h.open {
		return Finding{}, false
	}
	return h.m.finish()
}

// Held returns what is still held back: after the end of the output the
// caller either drops it, or passes it on.
func (h *Holdback) Held() []byte {
	if h.open {
		return nil
	}
	return h.held
}

// Message returns the failure message that Finish has found, as the client
// wrote it and without what stands around it.
func (h *Holdback) Message() string {
	if _, ok := h.Finish(); !ok {
		return ""
	}
	start, end := h.m.message()
	return string(h.held[start:end])
}
