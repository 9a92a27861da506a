package detect

import (
	"slices"
	"strconv"
)

// A RunResult is what the client's output says about its run.
type RunResult struct {
	Ended     bool   // the client printed its result
	Failed    bool   // the result is an error
	Class     Class  // of the error; "" when it has nothing to do with the login or the service
	Rule      string // the rule that the text matches, or ""
	Status    int    // HTTP status of the rejected request, 0 when the client names none
	Error     string // the client's own word: "authentication_failed"
	Text      string // of the result, at most 4 KiB
	SessionID string
}

// An OutputParser reads the output of `--output-format json` or `stream-json`, with or without `--verbose`, as it
// comes, in bounded memory. The forms are measured on 2.1.165 and 2.1.330, which order a result's members differently.
type OutputParser struct {
	// Turn is called with each result: a conversation has one for each message. nil for nobody.
	Turn func(RunResult)

	rules   *Rules
	split   objects
	event   event
	result  RunResult
	message string // the error of the last message, "" for an answer; a result belongs to the messages before it
	healthy bool   // a result, or the beginning of one, is not an error
}

// event has the members of one object that are needed, as JSON text.
type event map[string]string

var eventMembers = []string{
	"type", "error", "session_id", "result", "is_error", "api_error_status", "parent_tool_use_id",
}

func (e event) text(member string) string { return jsonString([]byte(e[member])) }

// NewOutputParser returns a parser that classifies errors by the given rules.
func NewOutputParser(rules *Rules) *OutputParser {
	r := &OutputParser{rules: rules, event: event{}}
	r.split = objects{
		begin:  func() { clear(r.event) },
		wanted: func(key string) bool { return slices.Contains(eventMembers, key) },
		member: r.member,
		object: r.object,
	}
	return r
}

// Write takes the next bytes of the output.
func (r *OutputParser) Write(p []byte) { r.split.write(p) }

// Result returns what is known so far.
func (r *OutputParser) Result() RunResult { return r.result }

func (r *OutputParser) member(key string, raw []byte) {
	r.event[key] = string(raw)
	if key == "is_error" && r.split.level == 1 && string(raw) != "true" {
		r.healthy = true // outside an array only results have is_error
	}
}

// object handles a complete event.
func (r *OutputParser) object() {
	if id := r.event.text("session_id"); id != "" {
		r.result.SessionID = id
	}
	switch kind := r.event.text("type"); {
	case kind == "assistant" && r.event.text("parent_tool_use_id") == "":
		r.message = r.event.text("error")
		r.result.Error = r.message
	case kind == "result":
		r.ended()
		r.message = ""
	}
}

// ended handles the event that ends the run.
func (r *OutputParser) ended() {
	v := &r.result
	v.Ended, v.Failed, v.Error = true, r.event["is_error"] == "true", r.message
	v.Text = r.event.text("result")
	v.Status, _ = strconv.Atoi(r.event["api_error_status"]) // null and nonsense are 0
	v.Class, v.Rule = "", ""
	if v.Failed {
		v.Class, v.Rule = r.rules.Classify(v.Text, v.Error, v.Status)
	} else {
		r.healthy = true
	}
	if r.Turn != nil {
		r.Turn(*v)
	}
}

// maxHoldJSON bounds what a JSON hold-back keeps, in bytes.
const maxHoldJSON = 4 << 20

// A JSONHoldback keeps the output of `--output-format json` while it could be the report of a failure that a sign-in
// fixes and nothing else: until the report is complete, says that it is not an error, or is longer than 4 MiB.
type JSONHoldback struct {
	holder
	parser *OutputParser
}

// NewJSONHoldback returns a hold-back that classifies errors by the given rules.
func NewJSONHoldback(rules *Rules) *JSONHoldback {
	return &JSONHoldback{parser: NewOutputParser(rules)}
}

// Write takes the next bytes of the output and returns those that may go on now, as [Holdback.Write] does.
func (h *JSONHoldback) Write(p []byte) (release []byte) {
	h.parser.Write(p)
	return h.pass(p, h.undecided(), maxHoldJSON)
}

// undecided reports whether the output can still be the report of a failure that a sign-in fixes.
func (h *JSONHoldback) undecided() bool {
	s, v := &h.parser.split, &h.parser.result
	if s.extra || h.parser.healthy {
		return false
	}
	return !s.whole || v.Ended && v.Failed && v.Class.SignInHelps()
}

// Result returns what the output says, also after it was released.
func (h *JSONHoldback) Result() RunResult { return h.parser.result }

// Finish reports whether the output, given that it ended here, was held back to its end and is the whole report of a
// failure that a sign-in fixes.
func (h *JSONHoldback) Finish() (RunResult, bool) {
	v := h.parser.result
	return v, !h.open && h.parser.split.whole && v.Failed && v.Class.SignInHelps()
}
