package watch

import (
	"slices"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/transcript"
)

// failedTurn is where the client has recorded a -p command that failed for its login. The zero failedTurn is nowhere.
type failedTurn struct {
	session string // its id
	before  string // the entry that the failed message follows; "" when it is the session's first, or not known
}

// failedTurn looks for the failed run in the client's transcripts. reported is the session that the client's structured
// output named, if it did.
func (w *Watch) failedTurn(reported string, since time.Time) failedTurn {
	inv := w.Invocation
	if inv.NoPersistence || !inv.namesSession() {
		return failedTurn{}
	}
	since = since.Truncate(time.Millisecond) // as transcripts count
	id := reported
	switch {
	case id != "":
	case inv.SessionID != "":
		id = inv.SessionID
	case !inv.Fork:
		id = inv.Resume // or "" for --continue
	}
	if path, err := transcript.Locate(w.Repairer.Paths.ConfigDir, id); err == nil {
		turn := failedTurn{session: id}
		if failure, ok, err := transcript.LastFailure(w.Rules, path, since); err == nil && ok && failure.Last {
			turn.before = failure.Before
		}
		return turn
	}
	failure, ok, err := w.transcriptFailure("", since)
	if err == nil && ok && strings.HasPrefix(failure.Prompt, inv.Prompt) {
		return failedTurn{session: failure.SessionID, before: failure.Before}
	}
	return failedTurn{}
}

// namesSession reports whether the command line says which session the answer belongs to.
func (inv Invocation) namesSession() bool {
	return inv.SessionID != "" || inv.Resume != "" || inv.Continue
}

// sessionFlags are the flags by which the client finds a session.
var sessionFlags = []string{"--resume", "-r", "--continue", "-c", "--session-id", "--resume-session-at"}

// Repeated returns the command line that repeats a -p command which failed for its login. The failed run has recorded
// its prompt in the session: given the same arguments again, the client would refuse to make a session that exists by
// now (--session-id), or put the prompt to the model twice. So the repeat resumes the session, from the entry before
// the failed turn: --resume-session-at, which the clients have for -p without showing it in their help (2.1.165,
// 2.1.330). Before the first message of a session there is no such entry, and no way to resume from there.
func (inv Invocation) Repeated(failed failedTurn) []string {
	switch {
	case failed.session == "" || inv.NoPersistence || !inv.namesSession():
		return inv.args
	case inv.SessionID == "" && (inv.Resume != "" && inv.Fork || inv.ResumeAt != ""):
		return inv.args // a fork begins where it began before, and so does what was resumed at a message
	}
	resumed := []string{"--resume", failed.session}
	if failed.before != "" {
		resumed = append(resumed, "--resume-session-at", failed.before)
	}
	dropped := sessionFlags
	if inv.SessionID != "" { // the fork has been made, under that id
		dropped = append(slices.Clone(dropped), "--fork-session")
	}
	return append(resumed, inv.without(dropped...)...)
}
