package watch

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/transcript"
)

// failedTurn is the place in a transcript where the client has recorded a failed -p command. The zero value means none.
type failedTurn struct {
	session string // the session's id
	before  string // the entry that the failed message follows; "" when it is the session's first, or unknown
}

// failedTurn looks for the failed run in the client's transcripts. reported is the session that the client's structured
// output named, or "".
func (w *Watch) failedTurn(reported string, since time.Time) failedTurn {
	inv := w.Invocation
	if inv.NoPersistence || !inv.namesSession() {
		return failedTurn{}
	}
	since = since.Truncate(time.Millisecond) // the precision of transcripts
	id := reported
	if id == "" {
		id = inv.SessionID
	}
	if id == "" && !inv.Fork {
		id = inv.Resume // "" for --continue
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

// repeated returns the command line that repeats the failed run: see Repeated. It goes on in the worktree that the
// failed run has made. reported is as in failedTurn.
func (w *Watch) repeated(reported string, since time.Time) []string {
	failed, inv := w.failedTurn(reported, since), w.Invocation
	if inv.NewWorktree {
		id := cmp.Or(reported, failed.session)
		inv = inv.In(transcript.Worktree(w.Repairer.Paths.ConfigDir, w.Repairer.Dir, id, since))
	}
	return inv.Repeated(failed)
}

// namesSession reports whether the command line says which session the answer belongs to.
func (inv Invocation) namesSession() bool {
	return inv.SessionID != "" || inv.Resume != "" || inv.Continue
}

// sessionFlags are the flags by which the client finds a session.
var sessionFlags = []string{"--resume", "-r", "--continue", "-c", "--session-id", "--resume-session-at"}

// Repeated returns the command line that repeats a failed -p command. The failed run has recorded its prompt in the
// session. With the same arguments the client would refuse to create that session again (--session-id), or give the
// prompt to the model twice. So the repeat resumes the session at the entry before the failed turn, with
// --resume-session-at, which -p has although the help does not show it (2.1.165, 2.1.330). The first message of a
// session follows no entry, so that session is resumed as it is.
func (inv Invocation) Repeated(failed failedTurn) []string {
	switch {
	case failed.session == "" || inv.NoPersistence || !inv.namesSession():
		return inv.Args
	case inv.SessionID == "" && (inv.Resume != "" && inv.Fork || inv.ResumeAt != ""):
		return inv.Args // a fork starts from the same place again, and so does --resume-session-at
	}
	resumed := []string{"--resume", failed.session}
	if failed.before != "" {
		resumed = append(resumed, "--resume-session-at", failed.before)
	}
	dropped := sessionFlags
	if inv.SessionID != "" { // the failed run has already made the fork, under that id
		dropped = append(slices.Clone(dropped), "--fork-session")
	}
	return append(resumed, inv.without(dropped...)...)
}
