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

// maxStatusLine limits, in bytes, the client's JSON, which is about a kilobyte (2.1.165, 2.1.330).
const maxStatusLine = 1 << 20

// rejectedKey reports a request with the key of a Console sign-in that the service has rejected. The client says then
// what it says without a login, but with the status of the response (2.1.165, 2.1.330, 2.1.332).
func (r report) rejectedKey(f transcript.Failure) bool {
	return !r.snapshot.Console.IsZero() && f.Class == detect.NoLogin && f.Status != 0
}

// inSession returns the report for the client's own status line. The client passes a JSON object on standard input,
// with the path of the session's transcript in it (measured with 2.1.165 and 2.1.330). When the last answer in the
// transcript rejects the login, and is newer than the credentials file, the login is rejected, although the ledger does
// not know it yet. When something cannot be read, the report stays as it is: the client soon asks again.
func (p *program) inSession(r report) report {
	if !r.state.Usable() || r.shadow != nil || tty.IsTerminal(os.Stdin) {
		return r
	}
	var session struct {
		TranscriptPath string `json:"transcript_path"`
	}
	err := json.NewDecoder(io.LimitReader(p.ui.In, maxStatusLine)).Decode(&session)
	if err != nil || !filepath.IsAbs(session.TranscriptPath) {
		return r
	}
	rules, err := detect.LoadRules(p.paths.Rules())
	if err != nil {
		return r
	}
	failure, found, err := transcript.LastFailure(rules, session.TranscriptPath, r.snapshot.ModTime)
	if err == nil && found && failure.Last && (failure.Class == detect.Rejected || r.rejectedKey(failure)) {
		r.state = credentials.Rejected
	}
	return r
}
