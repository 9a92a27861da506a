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
	failure() (recovery.Case, bool) // after Close: the failure that the output was, if it was one
	held() bool                     // after Close: nothing has been let go
	rest() []byte                   // after Close: what is still held back
	session() string                // the session id that the output named, or ""
}

func (w *Watch) newOutput(stdin *runner.Stdin) output {
	switch w.Invocation.Format {
	default:
		return &textOutput{hold: detect.NewHoldback(w.Rules), stdin: stdin}
	}
}

// failedStatus is the client's exit status after a failed -p command (2.1.165, 2.1.330).
const failedStatus = 1

// textOutput holds text back while it could still be a failure message and nothing else.
type textOutput struct {
	hold   *detect.Holdback
	stdin  *runner.Stdin
	status runner.Status
}

func (o *textOutput) Write(p []byte) []byte {
	release := o.hold.Write(p)
	if !o.hold.Holding() {
		o.stdin.StopKeeping()
	}
	return release
}

// Close lets go what is no failure: the very words of one with status 0 are an answer.
func (o *textOutput) Close(status runner.Status) []byte {
	o.status = status
	if _, failed := o.failure(); !failed {
		rest := o.hold.Held()
		o.hold = nil
		return rest
	}
	return nil
}

func (o *textOutput) failure() (recovery.Case, bool) {
	if o.hold == nil || o.status.Code != failedStatus || o.status.Signal != 0 {
		return recovery.Case{}, false
	}
	finding, ok := o.hold.Finish()
	return recovery.Case{Seen: finding.Class, Rule: finding.Rule, Phrase: oneLine(o.hold.Message()), Confirmed: true}, ok
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

func (o *textOutput) held() bool { return o.hold != nil && o.hold.Holding() }

func (o *textOutput) rest() []byte {
	if o.hold == nil {
		return nil
	}
	return o.hold.Held()
}

func (o *textOutput) session() string { return "" }
