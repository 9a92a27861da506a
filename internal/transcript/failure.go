package transcript

import (
	"encoding/json"
	"iter"
	"time"

	"github.com/claude-auth/claude-auth/internal/detect"
)

// A Failure is a failure that the client recorded in a session's transcript.
type Failure struct {
	Time      time.Time
	SessionID string
	Version   string // of the client
	Error     string // its word: "authentication_failed"
	Status    int    // HTTP, 0 when it names none
	Text      string // what it told the person
	Class     detect.Class
	Rule      string // that the text met, or ""
	Last      bool   // no answer came after it: the session stands at the failure
	Prompt    string // the person's message that failed; "" when not found

	// Before is the uuid of the entry that the failed message follows, where the message was recorded at or after the
	// time that was asked for: what --resume-session-at takes to go on as if it had not been said. It is "" for the
	// first message of a session.
	Before string
}

// LastFailure returns the newest failure in the transcript at path that the rules know, recorded at or after since.
// Only the end of the file is read, at most 8 MiB of it. Failures of subagents and lines torn off by a write under way
// are passed over. A conversation that quotes an error has no such entry. A missing file has no failure.
func LastFailure(rules *detect.Rules, path string, since time.Time) (Failure, bool, error) {
	return lastFailure(rules, entries(path), since)
}

func lastFailure(rules *detect.Rules, newestFirst iter.Seq2[entry, error], since time.Time) (Failure, bool, error) {
	var failure Failure
	found := false
	last := true // no answer seen yet
	for e, err := range newestFirst {
		switch {
		case err != nil:
			return Failure{}, false, err
		case e.IsSidechain:
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
	return failure, found, nil
}

// failure returns what an entry of the client's says, if that is a failure the rules or the client's own word class.
func (e *entry) failure(rules *detect.Rules) (Failure, bool) {
	if !e.IsAPIErrorMessage {
		return Failure{}, false
	}
	f := Failure{Time: e.Timestamp, SessionID: e.SessionID, Version: e.Version, Text: e.text()}
	if status, ok := e.APIErrorStatus.(float64); ok {
		f.Status = int(status)
	}
	_ = json.Unmarshal(e.Error, &f.Error) // anything but a string is no word
	f.Class, f.Rule = rules.Classify(f.Text, f.Error, f.Status)
	return f, f.Class != ""
}
