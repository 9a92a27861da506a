package recovery

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/cache"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/secret"
	"github.com/claude-auth/claude-auth/internal/transcript"
)

// surveyFile keeps the survey for the login that is saved, in the state directory. It is made again when it is missing
// or damaged, and for another login.
type surveyFile struct {
	paths paths.Paths
	login ledger.LoginID
}

const (
	surveyHead = "claude-auth-transcripts 1" // a file of another version begins otherwise
	longest    = 512                         // bytes of a message that are kept
)

func (f surveyFile) name() string { return filepath.Join(f.paths.StateDir, "transcripts") }

// about lists what the survey depends on besides the transcripts. The user's rules say what a failure is.
func (f surveyFile) about() []string {
	var rules cache.Encoder
	rules.Stamp(cache.StampOf(f.paths.Rules()))
	return []string{
		surveyHead, f.paths.Credentials, f.paths.ConfigDir, f.login.Access, f.login.Refresh, string(rules.Bytes),
	}
}

func (f surveyFile) read() (transcript.Survey, bool) {
	text, err := cache.Read(f.name())
	if err != nil {
		return transcript.Survey{}, false
	}
	d := cache.Decoder{Rest: text}
	d.Check(slices.Equal(d.Texts(), f.about()))
	s := transcript.Survey{Since: moment(d.Number()), Looked: moment(d.Number()), Listed: moment(d.Number())}
	s.Answered, s.Live = moment(d.Number()), d.Texts()
	for d.More() {
		failure := transcript.Failure{Time: moment(d.Number()), Status: int(d.Number()), Last: true}
		texts := d.Texts()
		if d.Check(len(texts) == 7); d.Bad {
			break
		}
		failure.SessionID, failure.Version, failure.Error, failure.Text = texts[0], texts[1], texts[2], texts[3]
		failure.Rule, failure.Dir, failure.Project = texts[4], texts[5], texts[6]
		failure.Class = detect.Class(d.Text())
		s.Failures = append(s.Failures, failure)
	}
	return s, !d.Bad
}

func (f surveyFile) write(s transcript.Survey) error {
	var e cache.Encoder
	e.Texts(f.about())
	e.Numbers(number(s.Since), number(s.Looked), number(s.Listed), number(s.Answered))
	e.Texts(s.Live)
	for _, failure := range s.Failures {
		text := secret.Redact(failure.Text)
		text = strings.ToValidUTF8(text[:min(len(text), longest)], "") // without half a character
		e.Numbers(number(failure.Time), int64(failure.Status))
		e.Texts([]string{
			failure.SessionID, failure.Version, failure.Error, text, failure.Rule, failure.Dir, failure.Project,
		})
		e.Text(string(failure.Class))
	}
	return cache.Replace(f.name(), e.Bytes, time.Time{})
}

// moment and number write a time as nanoseconds, and the zero time as 0.
func moment(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

func number(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}
