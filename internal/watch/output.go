package watch

import (
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
)

// output filters the client's standard output for the runner. It holds back what may have to be dropped.
type output struct {
	holdback
	stdin    *runner.Stdin
	released bool  // something was passed on: the command will not be repeated
	lost     error // a part of what was passed on could not be written
	status   runner.Status
	head     []byte // how the output began
}

// holdback holds output back while it could still be the report of a failure and nothing else.
type holdback interface {
	Write(p []byte) (release []byte)
	Holding() bool
	Held() []byte
	Finish() (detect.RunResult, bool)
	Result() detect.RunResult
}

func (w *Watch) newOutput(stdin *runner.Stdin) *output {
	switch w.Invocation.Format {
	case claude.FormatStreamJSON:
		stdin.StopKeeping() // what has been passed on is never repeated
		stream := &streamOutput{detect.NewOutputParser(w.Rules)}
		return &output{holdback: stream, stdin: stdin, released: true}
	case claude.FormatJSON:
		return &output{holdback: detect.NewJSONHoldback(w.Rules), stdin: stdin}
	default:
		return &output{holdback: detect.NewHoldback(w.Rules), stdin: stdin}
	}
}

// streamOutput parses a stream of JSON and holds nothing back: the reader of a stream acts on each line.
type streamOutput struct{ *detect.OutputParser }

func (o *streamOutput) Write(p []byte) []byte {
	o.OutputParser.Write(p)
	return p
}

func (o *streamOutput) Holding() bool                    { return false }
func (o *streamOutput) Held() []byte                     { return nil }
func (o *streamOutput) Finish() (detect.RunResult, bool) { return o.Result(), false }

// Write implements the runner's filter. It passes output on as soon as it cannot be a failure message any more.
func (o *output) Write(p []byte) []byte {
	o.head = append(o.head, p[:min(len(p), headLen-len(o.head))]...)
	release := o.holdback.Write(p)
	if !o.Holding() {
		o.released = true
		o.stdin.StopKeeping()
	}
	return release
}

// Close implements the runner's filter. It passes on what is not a failure: a failure message with status 0 is an
// answer that quotes the message.
func (o *output) Close(status runner.Status) []byte {
	o.status = status
	if _, whole := o.Finish(); whole && o.saysFailed() {
		return nil
	}
	rest := o.rest()
	o.released = true
	return rest
}

// saysFailed reports whether the client ended with the exit status of a failed -p command, and not by a signal.
// (2.1.165, 2.1.330).
func (o *output) saysFailed() bool {
	return o.status.Code == claude.FailedStatus && o.status.Signal == 0
}

// rest returns what is still held back.
func (o *output) rest() []byte {
	if o.released {
		return nil
	}
	return o.Held()
}

// failure returns, after Close, the failure that the output reports.
func (o *output) failure() (recovery.Incident, bool) {
	v := o.Result()
	if !v.Ended || !v.Failed || v.Class == "" || !o.saysFailed() {
		return recovery.Incident{}, false
	}
	return recovery.Incident{Seen: v.Class, Rule: v.Rule, Phrase: oneLine(v.Text, phraseLen), Confirmed: true}, true
}

// The most characters that are shown of a message.
const (
	phraseLen = 161 // of the client's
	quotedLen = 40  // of the person's own
)

// oneLine returns a message as one line of at most that many characters.
func oneLine(message string, most int) string {
	text := []rune(strings.Join(strings.Fields(message), " "))
	if len(text) > most {
		text = append(text[:most-1], '…')
	}
	return string(text)
}
