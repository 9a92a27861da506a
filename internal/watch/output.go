package watch

import (
	"strings"

	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
)

// output is the client's standard output: a filter for the runner that holds back what may have to be dropped.
type output struct {
	holdback
	structured bool // the client says in JSON what it came to: then the words are its own for certain
	stdin      *runner.Stdin
	released   bool // something was let go: the command will not be repeated
	status     runner.Status
}

// holdback holds a form of output back while it could still be the report of a failure and nothing else.
type holdback interface {
	Write(p []byte) (release []byte)
	Holding() bool
	Held() []byte
	Finish() (detect.RunResult, bool)
	Result() detect.RunResult
}

func (w *Watch) newOutput(stdin *runner.Stdin) *output {
	switch w.Invocation.Format {
	case StreamJSON:
		stdin.StopKeeping() // what has been let through is never repeated
		stream := &streamOutput{detect.NewOutputParser(w.Rules)}
		return &output{holdback: stream, structured: true, stdin: stdin, released: true}
	case JSON:
		return &output{holdback: detect.NewJSONHoldback(w.Rules), structured: true, stdin: stdin}
	default:
		return &output{holdback: detect.NewHoldback(w.Rules), stdin: stdin}
	}
}

// streamOutput reads a stream of JSON as it passes. It is never held: a reader of a stream acts on each line.
type streamOutput struct{ *detect.OutputParser }

func (o *streamOutput) Write(p []byte) []byte {
	o.OutputParser.Write(p)
	return p
}

func (o *streamOutput) Holding() bool                    { return false }
func (o *streamOutput) Held() []byte                     { return nil }
func (o *streamOutput) Finish() (detect.RunResult, bool) { return o.Result(), false }

// failedWith reports whether the client says by its exit status that the command failed: 1 after a failed -p command
// (2.1.165, 2.1.330).
func failedWith(s runner.Status) bool { return s.Code == 1 && s.Signal == 0 }

// Write lets go what is not a failure any more; then the command will not be repeated.
func (o *output) Write(p []byte) []byte {
	release := o.holdback.Write(p)
	if !o.Holding() {
		o.released = true
		o.stdin.StopKeeping()
	}
	return release
}

// Close lets go what is not a failure: the very words of one with status 0 are an answer.
func (o *output) Close(status runner.Status) []byte {
	o.status = status
	if _, whole := o.Finish(); whole && failedWith(status) {
		return nil
	}
	rest := o.rest()
	o.released = true
	return rest
}

// held reports, after Close, whether nothing has been let go.
func (o *output) held() bool { return !o.released }

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
	if !v.Ended || !v.Failed || v.Class == "" || !failedWith(o.status) {
		return recovery.Incident{}, false
	}
	return recovery.Incident{
		Seen: v.Class, Rule: v.Rule, Phrase: oneLine(v.Text), Confirmed: true, Structure: o.structured,
	}, true
}

// session returns, after Close, the session's id, where the output names it.
func (o *output) session() string { return o.Result().SessionID }

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
