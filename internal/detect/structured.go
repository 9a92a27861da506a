package detect

import (
	"strconv"
	"strings"
)

// A Verdict is what the client's structured output says about its run.
type Verdict struct {
	Ended        bool   // the client printed its result
	Failed       bool   // the result is an error
	Class        Class  // of the error; "" when it has nothing to do with the login or the service
	Rule         string // that the result's text met, or ""
	Status       int    // HTTP status of the refused request, 0 when the client names none
	Error        string // the client's own word, "authentication_failed"
	Text         string // the result's text, at most 4 KiB
	SessionID    string
	Version      string // of the client, from the init event
	APIKeySource string // from the init event: "none" when the saved login is in use
	Refusals     int    // requests the client repeated after an authentication failure
}

// A Reader reads the output of `--output-format json` or `stream-json`, with
// or without `--verbose`, as it comes, in bounded memory. It is an io.Writer
// that never fails. Forms measured on 2.1.165 and 2.1.330; the latter has the
// members of the result in another order.
type Reader struct {
	rules   *Rules
	split   objects
	ev      event
	verdict Verdict
	healthy bool // a result, or the beginning of one, is no error
}

// event holds the members of one object.
type event struct {
	kind, subtype, errorWord, session, text string
	version, keySource, parent              string
	isError, hasIsError                     bool
	status                                  int
}

// NewReader returns a Reader that classes errors by the given rules.
func NewReader(rules *Rules) *Reader {
	r := &Reader{rules: rules}
	r.split = objects{begin: func() { r.ev = event{} }, wanted: wantedMember, member: r.member, object: r.object}
	return r
}

// Write takes the next bytes of the output.
func (r *Reader) Write(p []byte) (int, error) {
	r.split.write(p)
	return len(p), nil
}

// Verdict returns what is known so far.
func (r *Reader) Verdict() Verdict { return r.verdict }

func wantedMember(key string) bool {
	switch key {
	case "type", "subtype", "error", "session_id", "result", "is_error", "api_error_status",
		"claude_code_version", "apiKeySource", "parent_tool_use_id":
		return true
	}
	return false
}

func (r *Reader) member(key string, raw []byte) {
	e := &r.ev
	switch key {
	case "type":
		e.kind = jsonString(raw)
	case "subtype":
		e.subtype = jsonString(raw)
	case "error":
		e.errorWord = jsonString(raw)
	case "session_id":
		e.session = jsonString(raw)
	case "result":
		e.text = jsonString(raw)
	case "claude_code_version":
		e.version = jsonString(raw)
	case "apiKeySource":
		e.keySource = jsonString(raw)
	case "parent_tool_use_id":
		e.parent = jsonString(raw)
	case "is_error":
		e.hasIsError, e.isError = true, string(raw) == "true"
		if r.split.level == 1 && !e.isError {
			r.healthy = true // of the objects that stand alone only results have it
		}
	case "api_error_status":
		e.status, _ = strconv.Atoi(string(raw)) // null and nonsense are 0
	}
}

// object takes an event that is whole.
func (r *Reader) object() {
	e, v := r.ev, &r.verdict
	if e.session != "" {
		v.SessionID = e.session
	}
	switch {
	case e.kind == "system" && e.subtype == "init":
		v.Version, v.APIKeySource = e.version, e.keySource
	case e.kind == "system" && e.subtype == "api_retry":
		if e.errorWord == "authentication_failed" {
			v.Refusals++
		}
	case e.kind == "assistant" && e.parent == "":
		v.Error = e.errorWord // of the last answer; "" when it was one
	case e.kind == "result":
		r.result(e)
	}
}

func (r *Reader) result(e event) {
	v := &r.verdict
	v.Ended, v.Failed = true, e.isError
	v.Status, v.Text = e.status, e.text
	v.Class, v.Rule = "", ""
	if !e.isError {
		r.healthy = true
		return
	}
	if rule, ok := r.rules.Match(e.text); ok {
		v.Class, v.Rule = rule.Class, rule.Name
		return
	}
	v.Class = classOf(v.Error, e.status)
}

// classOf judges an error whose text no rule knows, by the client's word for
// it and by the HTTP status. The words are read in 2.1.165 and 2.1.330.
func classOf(word string, status int) Class {
	switch word {
	case "oauth_org_not_allowed", "account_on_hold":
		return Organisation
	case "authentication_failed":
		if status == 403 {
			return Organisation
		}
		return Rejected
	case "server_error", "overloaded":
		return Outage
	}
	switch {
	case status == 401:
		return Rejected
	case status == 403:
		return Organisation
	case status >= 500 && status <= 599:
		return Outage
	}
	return ""
}

// MaxHoldJSON bounds what a JSON hold-back keeps, in bytes.
const MaxHoldJSON = 4 << 20

// A JSONHoldback keeps the output of `--output-format json` for as long as it
// could be the whole report of a failure that a sign-in mends: until it is
// whole, or says that it is no error, or is longer than [MaxHoldJSON].
type JSONHoldback struct {
	r    *Reader
	held []byte
	open bool
}

// NewJSONHoldback returns a hold-back that classes errors by the given rules.
func NewJSONHoldback(rules *Rules) *JSONHoldback { return &JSONHoldback{r: NewReader(rules)} }

// Write takes the next bytes of the output and returns those that may go on
// now, as [Holdback.Write] does.
func (h *JSONHoldback) Write(p []byte) (release []byte) {
	if h.open {
		h.held = nil
		_, _ = h.r.Write(p) // never fails
		return p
	}
	_, _ = h.r.Write(p)
	if h.undecided() && len(h.held)+len(p) <= MaxHoldJSON {
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

// undecided reports whether the output can still be the report of a failure
// that a sign-in mends.
func (h *JSONHoldback) undecided() bool {
	s, v := &h.r.split, &h.r.verdict
	if s.extra || h.r.healthy {
		return false
	}
	return !s.whole || v.Ended && v.Failed && v.Class.SignInHelps()
}

// Holding reports whether everything written so far is still held back.
func (h *JSONHoldback) Holding() bool { return !h.open }

// Held returns what is still held back.
func (h *JSONHoldback) Held() []byte {
	if h.open {
		return nil
	}
	return h.held
}

// Verdict returns what the output says, also after it was released.
func (h *JSONHoldback) Verdict() Verdict { return h.r.Verdict() }

// Finish reports whether the output, given that it ended here, was held back
// to its end and is the whole report of a failure that a sign-in mends.
func (h *JSONHoldback) Finish() (Verdict, bool) {
	v := h.r.Verdict()
	return v, !h.open && h.r.split.whole && v.Failed && v.Class.SignInHelps()
}

// StructuredFormat returns the structured format that the client's arguments
// ask for: "json", "stream-json", or "" for text.
func StructuredFormat(args []string) string {
	format := ""
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if value, ok := strings.CutPrefix(arg, "--output-format="); ok {
			format = value
		} else if arg == "--output-format" && i+1 < len(args) {
			format = args[i+1]
		}
	}
	if format == "text" {
		return ""
	}
	return format
}
