package cmd

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/transcript"
	"github.com/claude-auth/claude-auth/internal/tty"
)

// maxStatusLine bounds what is read of the client's JSON; it is about a kilobyte (2.1.165, 2.1.330).
const maxStatusLine = 1 << 20

// inSession is the report for the client's own status line. The client hands its status line a JSON object on
// standard input, with the path of the session's transcript in it (2.1.165, 2.1.330, measured): a session that stands
// at a refusal knows of it before anybody has told the ledger.
func (p *program) inSession(r report) report {
	if r.state.Usable() && r.shadow == nil && p.refusedInSession(r) {
		r.state = credentials.Rejected
	}
	return r
}

// refusedInSession reports whether the last answer in the session that asks was a refusal of the login, made since
// the login was written. What cannot be read says nothing: the status line is drawn again soon.
func (p *program) refusedInSession(r report) bool {
	var session struct {
		TranscriptPath string `json:"transcript_path"`
	}
	if tty.IsTerminal(os.Stdin) {
		return false // a person runs it, and types no JSON
	}
	err := json.NewDecoder(io.LimitReader(p.ui.In, maxStatusLine)).Decode(&session)
	if err != nil || !filepath.IsAbs(session.TranscriptPath) {
		return false
	}
	rules, err := detect.LoadRules(p.paths.Rules())
	if err != nil {
		return false
	}
	failure, found, err := transcript.LastFailure(rules, session.TranscriptPath, r.snapshot.ModTime)
	return err == nil && found && failure.Last && failure.Class == detect.Rejected
}
