package recovery

import (
	"context"
	"time"

	"github.com/claude-auth/claude-auth/internal/detect"
)

// LastFailure is the case that a person means who asks for a recovery without having run anything under watch: the
// newest session of this directory, if it stands at a failure that is younger than the saved login. The zero Case is
// returned when there is none.
func (t *Tool) LastFailure(ctx context.Context, rules *detect.Rules) (Case, error) {
	snapshot, err := t.Store.Read(ctx)
	if err != nil {
		return Case{}, err
	}
	session, ok, err := detect.FindSession(t.Paths.ConfigDir, t.Dir, time.Time{})
	if err != nil || !ok {
		return Case{}, err
	}
	failure, ok, err := detect.LastFailure(rules, session.Path, snapshot.ModTime)
	if err != nil || !ok || !failure.Last {
		return Case{}, err
	}
	return Case{
		Seen: failure.Class, Rule: failure.Rule, Phrase: failure.Text, Confirmed: true, Structure: true,
		Refused: t.loginID(snapshot), Where: "transcript",
	}, nil
}
