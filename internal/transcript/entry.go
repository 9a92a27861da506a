package transcript

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// entry is a line of a transcript, with the members that are needed. Measured on 2.1.165 and 2.1.330.
type entry struct {
	Type              string
	Timestamp         time.Time
	ParentUUID        string `json:"parentUuid"` // null at the beginning of a session
	SessionID         string `json:"sessionId"`
	Version           string
	CWD               string `json:"cwd"` // the working directory
	IsSidechain       bool
	IsMeta            bool
	IsAPIErrorMessage bool            `json:"isApiErrorMessage"`
	Error             json.RawMessage // a string here, an object in other lines
	APIErrorStatus    any             `json:"apiErrorStatus"`
	Message           struct{ Content json.RawMessage }
}

// parseEntry reads a line of the conversation. Other lines, and incomplete ones, are not ok.
func parseEntry(line []byte) (e entry, ok bool) {
	// Parsing is slow: a long line is mostly the output of a tool.
	if !bytes.Contains(line, []byte(`"assistant"`)) && !bytes.Contains(line, []byte(`"user"`)) {
		return entry{}, false
	}
	if json.Unmarshal(line, &e) != nil || e.Timestamp.IsZero() {
		return entry{}, false
	}
	return e, e.Type == "assistant" || e.Type == "user"
}

// clientMarks begin the messages that the client writes in the person's name.
var clientMarks = []string{
	"<command-", "<local-command-", "<bash-", "<task-notification>", "<system-reminder>", "[Request interrupted",
}

// prompt returns the text of a message that the person wrote, not of what the client writes in the person's name: tool
// results, slash commands and their output, notes, interruptions.
func (e *entry) prompt() (string, bool) {
	if e.Type != "user" || e.IsMeta {
		return "", false
	}
	text := e.text()
	if slices.ContainsFunc(clientMarks, func(mark string) bool { return strings.HasPrefix(text, mark) }) {
		return "", false
	}
	return text, strings.TrimSpace(text) != ""
}

// text returns the text blocks of an entry's message.
func (e *entry) text() string {
	var s string
	if json.Unmarshal(e.Message.Content, &s) == nil {
		return s
	}
	var blocks []struct{ Type, Text string }
	if json.Unmarshal(e.Message.Content, &blocks) != nil {
		return ""
	}
	var texts []string
	for _, b := range blocks {
		if b.Type == "tool_result" {
			return ""
		}
		if b.Type == "text" {
			texts = append(texts, b.Text)
		}
	}
	return strings.Join(texts, "\n")
}
