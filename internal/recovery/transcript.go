package recovery

import (
	"context"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/transcript"
)

// fromTranscript is the Incident.Where, and the ledger's "where", of what the transcripts say.
const fromTranscript = "transcript"

// The details of the ledger's events about rejections.
const (
	detailRule   = "rule"
	detailPhrase = "phrase"
	detailWhere  = "where"
)

// Heard is what the client's transcripts say about the saved login. Most failures of people who do not use the hook are
// known from there alone: of cron jobs, of editors, of the time before the installation.
type Heard struct {
	// Failure is the newest failure that concerns this directory: of the saved login wherever it happened, or of
	// anything else in this directory. It is nil when there is none that no answer has followed.
	Failure *transcript.Failure
	// Rejection is the newest failure that shows that the service has rejected the saved login; nil when there is none.
	Rejection *transcript.Failure

	Answered time.Time         // the newest answer in any session
	Places   transcript.Places // what changes when a session begins
}

// NoteTranscripts looks at the transcripts of all projects, and notes in the ledger what they say about the saved
// login: that the service has rejected it or, after a rejection that was noted like that, that it has answered. All
// commands call it before they ask the ledger, so they have the same evidence. It reads the transcripts that have
// changed since the last call; transcript.Update says what thorough finds besides. The error is about transcripts that
// could not be read.
func (r *Repairer) NoteTranscripts(s credentials.Snapshot, thorough bool) (Heard, error) {
	if s.Err != nil || !r.isClients() {
		return Heard{}, nil
	}
	id := r.loginID(s)
	survey, places, err := r.survey(s, id, thorough)
	heard := Heard{Answered: survey.Answered, Places: places}
	project := transcript.Project(r.Paths.ConfigDir, r.Dir)
	another := remember(r.usesAnother)
	for i := range survey.Failures {
		f := &survey.Failures[i]
		counts := isAbout(s, f) && heard.Rejection == nil && !another(f.Dir)
		if counts {
			heard.Rejection = f
		}
		stale := isOlderThanKey(s, f) || isAboutAnother(f) && !another(f.Dir)
		if heard.Failure == nil && (counts || f.Project == project) && !stale {
			heard.Failure = f
		}
	}
	r.noteHeard(s, id, &heard)
	return heard, err
}

// isClients reports whether the credentials file is the one that the client uses in this environment. The transcripts
// say nothing about another one.
func (r *Repairer) isClients() bool {
	usual, err := paths.Resolve(r.Env.Without(paths.EnvFile), "")
	return err == nil && usual.Credentials == r.Paths.Credentials
}

// isAbout reports whether a failure is about the saved login, or about the key of a Console sign-in where the client
// uses that. Of a rejected key the client says what it says without a login, but with the status of the response
// (2.1.165, 2.1.330, 2.1.332).
func isAbout(s credentials.Snapshot, f *transcript.Failure) bool {
	switch f.Class {
	case detect.Rejected, detect.Scope:
		return true
	case detect.NoLogin:
		return !s.Console.IsZero() && f.Status != 0
	}
	return false
}

// isOlderThanKey reports a failure of a time before there was a Console key: the client has not asked with it.
func isOlderThanKey(s credentials.Snapshot, f *transcript.Failure) bool {
	return !s.Console.IsZero() && f.Class == detect.NoLogin && f.Status == 0
}

// isAboutAnother reports whether a failure is about another credential than the saved login, or about a gateway. Once
// that is gone, the failure is past: the client uses the saved login again. A bad header is not a credential.
func isAboutAnother(f *transcript.Failure) bool {
	return f.Class == detect.Environment && f.Rule != "custom-headers" && f.Rule != "header"
}

// remember keeps what ask has said of each directory: it reads all settings there.
func remember(ask func(dir string) bool) func(dir string) bool {
	said := map[string]bool{}
	return func(dir string) bool {
		answer, ok := said[dir]
		if !ok {
			answer = ask(dir)
			said[dir] = answer
		}
		return answer
	}
}

// usesAnother reports whether a client that is started in dir uses another credential than the saved login, or sends it
// to a gateway.
func (r *Repairer) usesAnother(dir string) bool {
	launch := diagnose.Launch{Dir: dir}
	return launch.Shadow(r.Env, r.Paths) != nil || launch.Gateway(r.Env, r.Paths) != nil
}

// survey returns what the transcripts say since the saved login was stored.
func (r *Repairer) survey(
	s credentials.Snapshot, id ledger.LoginID, thorough bool,
) (transcript.Survey, transcript.Places, error) {
	file := surveyFile{r.Paths, id}
	survey, ok := file.read()
	if !ok || r.Ledger == nil || id.IsZero() && !survey.Since.Equal(sinceOf(s.ModTime)) {
		survey = transcript.Survey{Since: sinceOf(r.storedSince(s))}
	}
	// Only the settings count: with which environment a client was started, no transcript says.
	answers := remember(func(dir string) bool {
		return diagnose.Launch{Dir: dir}.Shadow(paths.New(nil), r.Paths) == nil
	})
	places, news, err := survey.Update(transcript.Update{
		ConfigDir: r.Paths.ConfigDir, Rules: r.Rules, Counts: answers, Now: r.Now(), Thorough: thorough,
	})
	if news && r.Ledger != nil {
		r.warnLedger("keep what the transcripts say", file.write(survey))
	}
	return survey, places, err
}

// sinceOf is a time with the precision of transcripts.
func sinceOf(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// storedSince returns when the tokens of the saved login were stored.
func (r *Repairer) storedSince(s credentials.Snapshot) time.Time {
	if r.Ledger == nil {
		return s.ModTime
	}
	return diagnose.StoredAt(s, diagnose.Known(r.Ledger, r.Paths, s))
}

// noteHeard notes in the ledger what was heard about the login id. It withdraws a rejection that does not count: one
// from before the service accepted the login again, and one from another directory when an answer has already shown
// such a rejection to be wrong. A job with a rejected token of its own would otherwise make the login look rejected
// again and again.
func (r *Repairer) noteHeard(s credentials.Snapshot, id ledger.LoginID, heard *Heard) {
	if r.Ledger == nil || id.IsZero() || heard.Rejection == nil && heard.Answered.IsZero() {
		return
	}
	standing, err := r.Ledger.Observe(diagnose.Observation(r.Paths.Credentials, s))
	if err != nil || standing.Rejected == (heard.Rejection != nil) {
		return // it is known, or Standing reports the error
	}
	history, err := r.Ledger.Replay()
	if err != nil {
		return
	}
	if f := heard.Rejection; f != nil {
		accepted, ok := history.Accepted(id)
		elsewhere := f.Project != transcript.Project(r.Paths.ConfigDir, r.Dir)
		if ok && (!f.Time.After(accepted.Time) || elsewhere && accepted.Detail[detailWhere] == fromTranscript) {
			if heard.Failure == f {
				heard.Failure = nil
			}
			heard.Rejection = nil
			return
		}
		r.record(ledger.Event{Time: f.Time, Kind: ledger.Rejected, Login: id, Detail: map[string]string{
			detailRule: f.Rule, detailPhrase: f.Text, detailWhere: fromTranscript,
		}})
		return
	}
	rejection, _ := history.Rejection(id)
	if rejection.Detail[detailWhere] == fromTranscript && heard.Answered.After(rejection.Time) {
		r.record(ledger.Event{
			Time: heard.Answered, Kind: ledger.Accepted, Login: id, Detail: map[string]string{detailWhere: fromTranscript},
		})
	}
}

// LastFailure returns the failure that a person means who asks for a recovery outside a watched run: Heard.Failure. It
// returns the zero Incident when there is none. The error is about transcripts that could not be read.
func (r *Repairer) LastFailure(ctx context.Context) (Incident, error) {
	snapshot := r.Snapshot(ctx)
	if snapshot.Err != nil && !snapshot.Corrupt() {
		return Incident{}, nil // the diagnosis says so
	}
	heard, err := r.NoteTranscripts(snapshot, true)
	f := heard.Failure
	if f == nil {
		return Incident{Answered: heard.Answered}, err
	}
	return Incident{
		Seen: f.Class, Rule: f.Rule, Phrase: f.Text, Confirmed: true,
		Used: r.loginID(snapshot), Known: snapshot.Err == nil, Where: fromTranscript,
	}, err
}
