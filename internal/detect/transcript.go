package detect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// A Failure is a failure that the client recorded in a session's transcript.
type Failure struct {
	Time      time.Time
	SessionID string
	Version   string // of the client
	Error     string // its word: "authentication_failed"
	Status    int    // HTTP, 0 when it names none
	Text      string // what it told the person
	Class     Class
	Rule      string // that the text met, or ""
	Last      bool   // no answer came after it: the session stands at the failure
	Prompt    string // the person's message that failed; "" when not found

	// Before is the uuid of the entry that the failed message follows, where the message was recorded at or after the
	// time that was asked for: what --resume-session-at takes to go on as if it had not been said. It is "" for the first
	// message of a session.
	Before string
}

// entry is a line of a transcript, as far as it is of interest. Measured on
// 2.1.165 and 2.1.330.
type entry struct {
	Type              string
	Timestamp         time.Time
	ParentUUID        string `json:"parentUuid"` // null at the beginning of a session
	SessionID         string `json:"sessionId"`
	Version           string
	IsSidechain       bool
	IsMeta            bool
	IsAPIErrorMessage bool            `json:"isApiErrorMessage"`
	Error             json.RawMessage // a string here, an object in other lines
	APIErrorStatus    any             `json:"apiErrorStatus"`
	Message           struct{ Content json.RawMessage }
}

// LastFailure returns the newest failure in the transcript at path that the
// rules know, recorded at or after since. Only the end of the file is read,
// at most 8 MiB of it. Failures of subagents and lines torn off by a write
// under way are passed over. A conversation that quotes an error has no such
// entry. A missing file has no failure.
func LastFailure(rules *Rules, path string, since time.Time) (Failure, bool, error) {
	f, size, err := openRegular(path)
	if errors.Is(err, os.ErrNotExist) {
		return Failure{}, false, nil
	}
	if err != nil {
		return Failure{}, false, fmt.Errorf("reading the transcript: %w", err)
	}
	defer f.Close() // read only: nothing can be lost
	failure, ok, err := lastFailure(rules, newBackward(f, size), since)
	if err != nil {
		return Failure{}, false, fmt.Errorf("reading the transcript %s: %w", path, err)
	}
	return failure, ok, nil
}

func lastFailure(rules *Rules, lines *backward, since time.Time) (failure Failure, found bool, err error) {
	last := true // no answer seen yet
	for {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			return failure, found, nil
		}
		if err != nil {
			return Failure{}, false, err
		}
		e, ok := parseEntry(line)
		switch {
		case !ok || e.IsSidechain || e.Timestamp.IsZero():
		case found:
			if prompt, ok := e.prompt(); ok {
				failure.Prompt = prompt
				if !e.Timestamp.Before(since) {
					failure.Before = e.ParentUUID
				}
				return failure, true, nil
			}
		case e.Timestamp.Before(since):
			return Failure{}, false, nil
		case e.Type == "assistant":
			failure, found = e.failure(rules)
			failure.Last = found && last
			last = false
		}
	}
}

// parseEntry reads a line of the conversation; other lines are not ok, nor
// are those that are not whole.
func parseEntry(line []byte) (entry, bool) {
	// Most of a long line is what a tool put out: look before parsing.
	if !bytes.Contains(line, []byte(`"assistant"`)) && !bytes.Contains(line, []byte(`"user"`)) {
		return entry{}, false
	}
	var e entry
	if json.Unmarshal(line, &e) != nil || e.Type != "assistant" && e.Type != "user" {
		return entry{}, false
	}
	return e, true
}

// failure returns what an entry of the client's says, if that is a failure
// the rules or the client's own word class.
func (e *entry) failure(rules *Rules) (Failure, bool) {
	if !e.IsAPIErrorMessage {
		return Failure{}, false
	}
	f := Failure{
		Time: e.Timestamp, SessionID: e.SessionID, Version: e.Version, Text: e.text(),
	}
	if status, ok := e.APIErrorStatus.(float64); ok {
		f.Status = int(status)
	}
	_ = json.Unmarshal(e.Error, &f.Error) // anything but a string is no word
	if rule, ok := rules.Match(f.Text); ok {
		f.Class, f.Rule = rule.Class, rule.Name
	} else {
		f.Class = classOf(f.Error, f.Status)
	}
	return f, f.Class != ""
}

// prompt returns the text of a message that the person wrote. What the
// client writes in the person's name does not count: tool results, slash
// commands and their output, notes, interruptions.
func (e *entry) prompt() (string, bool) {
	if e.Type != "user" || e.IsMeta {
		return "", false
	}
	text := e.text()
	for _, mark := range []string{"<command-", "<local-command-", "<bash-", "<task-notification>", "<system-reminder>", "[Request interrupted"} {
		if strings.HasPrefix(text, mark) {
			return "", false
		}
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
