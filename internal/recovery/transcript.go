package recovery

import (
	"context"
	"errors"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/transcript"
)

// maxSessions bounds how many transcripts LastFailure reads, the newest first.
const maxSessions = 64

// fromTranscript is the Incident.Where of a failure that LastFailure has found.
const fromTranscript = "transcript"

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
		Used: id, Known: snapshot.Err == nil, Where: fromTranscript,
	}, errors.Join(failed...)
}

// storedSince returns when the tokens of the saved login were stored.
func (r *Repairer) storedSince(s credentials.Snapshot) time.Time {
	return diagnose.StoredAt(s, diagnose.Known(r.Ledger, r.Paths, s))
}
