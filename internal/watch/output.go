package watch

import (
	"strings"

	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
)

// output is the client's standard output: a filter for the runner that holds back what may have to be dropped.
type output interface {
	runner.Filter
	failure() (recovery.Incident, bool) // after Close: the failure that the output was, if it was one
	session() string                    // after Close: the session's id, where the output names it
	held() bool                         // after Close: nothing has been let go
	rest() []byte                       // after Close: what is still held back
}

func (w *Watch) newOutput(stdin *runner.Stdin) output {
	switch w.Invocation.Format {
	case StreamJSON:
		stdin.StopKeeping() // what has been let through is never repeated
		return &streamOutput{parser: detect.NewOutputParser(w.Rules)}
	case JSON:
		hold := detect.NewJSONHoldback(w.Rules)
		return &jsonOutput{heldBack: heldBack{kept: hold, stdin: stdin}, hold: hold}
	default:
		hold := detect.NewHoldback(w.Rules)
		return &textOutput{heldBack: heldBack{kept: hold, stdin: stdin}, hold: hold}
	}
}

// failedStatus is the client's exit status after a failed -p command (2.1.165, 2.1.330).
const failedStatus = 1

// failedWith reports whether the client says by its exit status that the command failed.
func failedWith(s runner.Status) bool { return s.Code == failedStatus && s.Signal == 0 }

// heldBack is what the outputs that are held back share: all but what makes one a failure.
type heldBack struct {
	kept interface {
		Write(p []byte) (release []byte)
		Holding() bool
		Held() []byte
	}
	stdin    *runner.Stdin
	released bool
}

// Write lets go what is no failure any more; then the command will not be repeated.
func (h *heldBack) Write(p []byte) []byte {
	release := h.kept.Write(p)
	if !h.kept.Holding() {
		h.released = true
		h.stdin.StopKeeping()
	}
	return release
}

// letGo returns what is still held back, which then counts as let go.
func (h *heldBack) letGo() []byte {
	rest := h.rest()
	h.released = true
	return rest
}

func (h *heldBack) held() bool { return !h.released }

func (h *heldBack) rest() []byte {
	if h.released {
		return nil
	}
	return h.kept.Held()
}

// textOutput holds text back while it could still be a failure message and nothing else.
type textOutput struct {
	heldBack
	hold  *detect.Holdback
	found *detect.Finding
}

// Close lets go what is no failure: the very words of one with status 0 are an answer.
func (o *textOutput) Close(status runner.Status) []byte {
	if finding, whole := o.hold.Finish(); whole && failedWith(status) {
		o.found = &finding
		return nil
	}
	return o.letGo()
}

func (o *textOutput) failure() (recovery.Incident, bool) {
	if o.found == nil {
		return recovery.Incident{}, false
	}
	return recovery.Incident{
		Seen: o.found.Class, Rule: o.found.Rule, Phrase: oneLine(o.hold.Message()), Confirmed: true,
	}, true
}

func (o *textOutput) session() string { return "" }

// jsonOutput holds one JSON result back until it is whole, or says that it is no failure.
type jsonOutput struct {
	heldBack
	hold   *detect.JSONHoldback
	status runner.Status
}

func (o *jsonOutput) Close(status runner.Status) []byte {
	o.status = status
	if _, whole := o.hold.Finish(); whole && failedWith(status) {
		return nil
	}
	return o.letGo()
}

func (o *jsonOutput) failure() (recovery.Incident, bool) {
	return structured(o.hold.Result(), o.status)
}

func (o *jsonOutput) session() string { return o.hold.Result().SessionID }

// streamOutput reads a stream of JSON as it passes. It is never held: a reader of a stream acts on each line.
type streamOutput struct {
	parser *detect.OutputParser
	status runner.Status
}

func (o *streamOutput) Write(p []byte) []byte {
	_, _ = o.parser.Write(p) // never fails
	return p
}

func (o *streamOutput) Close(status runner.Status) []byte {
	o.status = status
	return nil
}

func (o *streamOutput) failure() (recovery.Incident, bool) {
	return structured(o.parser.Result(), o.status)
}

func (o *streamOutput) session() string { return o.parser.Result().SessionID }
func (o *streamOutput) held() bool      { return false }
func (o *streamOutput) rest() []byte    { return nil }

// structured is the case that the client's structured output reports.
func structured(v detect.RunResult, status runner.Status) (recovery.Incident, bool) {
	if !v.Ended || !v.Failed || v.Class == "" || !failedWith(status) {
		return recovery.Incident{}, false
	}
	return recovery.Incident{Seen: v.Class, Rule: v.Rule, Phrase: oneLine(v.Text), Confirmed: true, Structure: true}, true
}

// phraseLen bounds what is told of the client's own words, in characters.
const phraseLen = 160

// oneLine is a message of the client as it is told to the person: in one line, and not too long.
func oneLine(message string) string {
	words := []rune(strings.Join(strings.Fields(message), " "))
	if len(words) > phraseLen {
		return string(words[:phraseLen]) + "…"
	}
	return string(words)
}
