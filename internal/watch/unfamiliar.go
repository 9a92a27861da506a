package watch

import (
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/recovery"
)

// headLen is how much of the beginning of an output is kept to compare it with a transcript, in bytes.
const headLen = 4 << 10

// unfamiliar returns the failure of a -p command whose message begins as a known one and goes on in words that no
// phrase has, which a newer client may print. The output alone looks like an answer. So the session's transcript must
// have the same text as a failure. The output is out already, and the command is not repeated.
func (w *Watch) unfamiliar(o *output, since time.Time) (recovery.Incident, bool) {
	text := strings.TrimSpace(string(o.head))
	if _, begins := w.Rules.Match(text); !begins || !o.saysFailed() {
		return recovery.Incident{}, false
	}
	// An unreadable transcript confirms nothing, and the command has failed in any case.
	failure, found, _ := w.transcriptFailure("", since)
	if !found || failure.Class == "" || oneLine(failure.Text, headLen) != oneLine(text, headLen) {
		return recovery.Incident{}, false
	}
	return recovery.Incident{
		Seen: failure.Class, Rule: failure.Rule, Phrase: oneLine(failure.Text, phraseLen), Confirmed: true,
	}, true
}
