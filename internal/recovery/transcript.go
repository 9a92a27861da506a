package recovery

import (
	"context"
	"errors"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/transcript"
)

// maxSessions bounds how many transcripts LastFailure reads, the newest first.
const maxSessions = 64

// LastFailure returns the failure that a person means who asks for a recovery outside a watched run: the newest one
// that a session of this directory ends with, if it came after the saved login was stored and the service has not
// answered in any session since. It returns the zero Incident when there is none. The error is about transcripts that
// could not be read.
func (r *Repairer) LastFailure(ctx context.Context, rules *detect.Rules) (Incident, error) {
	snapshot, err := r.Store.Read(ctx)
	if err != nil {
		return Incident{}, err
	}
	since := r.storedSince(snapshot).Truncate(time.Millisecond) // the precision of transcripts
	sessions, err := transcript.Sessions(r.Paths.ConfigDir, r.Dir, since)
	if err != nil {
		return Incident{}, err
	}
	var newest transcript.Failure
	var answered time.Time
	var failed []error
	for _, session := range sessions[:min(len(sessions), maxSessions)] {
		failure, ok, err := transcript.LastFailure(rules, session.Path, since)
		if err == nil && ok && failure.Last && failure.Time.After(newest.Time) {
			newest = failure
		}
		answer, answerErr := transcript.LastAnswer(session.Path, since)
		if answer.After(answered) {
			answered = answer
		}
		failed = append(failed, err, answerErr)
	}
	if newest.Time.IsZero() || answered.After(newest.Time) {
		return Incident{}, errors.Join(failed...)
	}
	id := r.loginID(snapshot)
	if id.Console() && newest.Class == detect.NoLogin && newest.Status == 0 {
		return Incident{}, errors.Join(failed...) // of a time before there was a key: the client has not asked with it
	}
	return Incident{
		Seen: newest.Class, Rule: newest.Rule, Phrase: newest.Text, Confirmed: true,
		Used: id, Known: snapshot.Err == nil, Where: "transcript",
	}, errors.Join(failed...)
}

// storedSince returns when the tokens of the saved login were stored. The file may have changed later: 2.1.330 rewrites
// it at its start with the same tokens, and people edit other parts of it. The ledger knows the earlier time.
func (r *Repairer) storedSince(s credentials.Snapshot) time.Time {
	replay, err := r.Ledger.Replay()
	id := r.loginID(s)
	if err != nil || id.IsZero() {
		return s.ModTime
	}
	stored := s.ModTime
	for _, event := range replay.Events() {
		if event.Login == id && event.File == r.Paths.Credentials && event.Time.Before(stored) {
			stored = event.Time
		}
	}
	return stored
}
