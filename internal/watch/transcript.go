package watch

import (
	"errors"
	"io/fs"
	"regexp"
	"sync"
	"time"

	"github.com/claude-auth/claude-auth/internal/transcript"
)

// resumeLine is what an interactive session prints at its end (2.1.165, 2.1.330): how to go on with it.
var resumeLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`--resume ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})`)
})

// tailLen is how much of a session's output is kept to look for resumeLine, in bytes.
const tailLen = 4 << 10

// tail keeps the end of a stream.
type tail struct{ kept []byte }

func (t *tail) write(p []byte) {
	if len(p) >= tailLen {
		t.kept = append(t.kept[:0], p[len(p)-tailLen:]...)
		return
	}
	if over := len(t.kept) + len(p) - tailLen; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	t.kept = append(t.kept, p...)
}

// sessionID is the session that the output said how to resume; "" when it did not.
func (t *tail) sessionID() string {
	all := resumeLine().FindAllSubmatch(t.kept, -1)
	if len(all) == 0 {
		return ""
	}
	return string(all[len(all)-1][1])
}

// transcriptFailure returns the failure at which a session stands that was written to since it was started: that of the
// session id where it is known, wherever it was started, else the newest of this directory.
func (w *Watch) transcriptFailure(id string, since time.Time) (transcript.Failure, bool, error) {
	sessions, err := w.sessions(id, since)
	for _, s := range sessions {
		failure, ok, readErr := transcript.LastFailure(w.Rules, s.Path, since)
		err = errors.Join(err, readErr)
		if ok && failure.Last {
			if failure.SessionID == "" {
				failure.SessionID = s.ID
			}
			return failure, true, nil
		}
	}
	return transcript.Failure{}, false, err
}

func (w *Watch) sessions(id string, since time.Time) ([]transcript.Session, error) {
	if id == "" {
		return transcript.Sessions(w.Repairer.Paths.ConfigDir, w.Repairer.Dir, since)
	}
	path, err := transcript.Locate(w.Repairer.Paths.ConfigDir, id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // nothing has been said in it yet
	}
	return []transcript.Session{{ID: id, Path: path}}, err
}
