package watch

import (
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/claude-auth/claude-auth/internal/transcript"
)

// resumeLine matches the command that an interactive session prints at its end (2.1.165, 2.1.330): how to resume it.
var resumeLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`--resume ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})`)
})

// tailLen is how much of a session's output is kept to look for resumeLine, in bytes.
const tailLen = 4 << 10

// tail keeps the last tailLen bytes of a stream.
type tail struct{ kept []byte }

func (t *tail) write(p []byte) {
	t.kept = append(t.kept, p[max(0, len(p)-tailLen):]...)
	t.kept = slices.Delete(t.kept, 0, max(0, len(t.kept)-tailLen))
}

// sessionID returns the id in the last resumeLine of the output, or "".
func (t *tail) sessionID() string {
	all := resumeLine().FindAllSubmatch(t.kept, -1)
	if len(all) == 0 {
		return ""
	}
	return string(all[len(all)-1][1])
}

// transcriptFailure returns the failure that a session ends with, recorded at or after since: that of the session id,
// whatever directory it was started in, or without an id that of this directory's newest session which has one.
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
		return nil, nil // the client writes the transcript with the first message
	}
	return []transcript.Session{{ID: id, Path: path}}, err
}
