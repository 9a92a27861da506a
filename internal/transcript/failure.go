// Package transcript reads the transcripts in which the client records its sessions: it finds the file of a session,
// and in it the last failure to log in.
//
// A transcript is the client's own word. A conversation that quotes an error message has no entry of that kind, so what
// is found here is proof, while words on a screen are only a suspicion.
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
	Dir       string // the working directory
	Error     string // the client's word for it: "authentication_failed"
	Status    int    // the HTTP status, 0 when the client names none
	Text      string // the client's message
	Class     detect.Class
	Rule      string // the rule that the text matches, or ""
	Last      bool   // no answer came after it
	Prompt    string // the person's message that failed; "" when not found

	// Before is the uuid of the entry that comes before the failed message: --resume-session-at takes it to go on without
	// that message. It is "" for the first message of a session, and for one that was recorded before the time that was
	// asked for.
	Before string

	Project string // the name of the directory of its transcript; set by Survey
}

// LastFailure returns the newest failure in the transcript at path that the rules know, recorded at or after since. It
// reads only the end of the file, at most 8 MiB. It skips failures of subagents, and lines that are not completely
// written yet. A missing file has no failure.
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

// failure returns the failure that the entry records, if the rules or the client's own word tell its class.
func (e *entry) failure(rules *detect.Rules) (Failure, bool) {
	if !e.IsAPIErrorMessage {
		return Failure{}, false
	}
	f := Failure{Time: e.Timestamp, SessionID: e.SessionID, Version: e.Version, Dir: e.CWD, Text: e.text()}
	if status, ok := e.APIErrorStatus.(float64); ok {
		f.Status = int(status)
	}
	_ = json.Unmarshal(e.Error, &f.Error) // anything but a string is not the client's word
	f.Class, f.Rule = rules.Classify(f.Text, f.Error, f.Status)
	return f, f.Class != ""
}

// LastRequest returns when the client made the last request that the transcript at path has at that time, zero when it
// has none: when the newest message was recorded that is not a failure. Only the end of the file is read, as by
// LastFailure. A missing file has no request.
func LastRequest(path string, at time.Time) (time.Time, error) {
	for e, err := range entries(path) {
		switch {
		case err != nil:
			return time.Time{}, err
		case !e.IsAPIErrorMessage && !e.IsSidechain && !e.Timestamp.After(at):
			return e.Timestamp, nil
		}
	}
	return time.Time{}, nil
}

// LastAnswer returns when the model last answered in the transcript at path, zero when it did not at or after since.
// The service accepted the client's credential then. Only the end of the file is read, as by LastFailure. A missing
// file has no answer.
func LastAnswer(path string, since time.Time) (time.Time, error) {
	for e, err := range entries(path) {
		switch {
		case err != nil:
			return time.Time{}, err
		case e.Timestamp.Before(since):
			return time.Time{}, nil
		case e.Type == "assistant" && !e.IsAPIErrorMessage: // a subagent's answer proves as much
			return e.Timestamp, nil
		}
	}
	return time.Time{}, nil
}
