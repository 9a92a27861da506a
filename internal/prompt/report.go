// Package prompt says in a few bytes how the saved login is: the segment for prompts, the lines for scripts that poll,
// and the state file that a shell reads by itself before each prompt, so that no process has to be started as long as
// nothing has changed.
package prompt

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
)

// Command is the hidden command that the shell hooks call: `claude-auth __prompt KEY`.
const Command = "__prompt"

// Report is what there is to say about the saved login.
type Report struct {
	State      credentials.State
	File       string
	ExpiresAt  time.Time // of the access token; zero when not known
	EndsAt     time.Time // of the login itself; zero when not known (credentials.Login.EndsAt)
	SignedInAt time.Time // zero when the sign-in was not seen
	OldAt      time.Time // when the login reaches the oldest age at which one was rejected; zero when none was
	ShadowedBy string    // what overrides the saved login; "" for nothing
}

// Tail is what the segment says after the name: "" while all is well or when the saved login is not what the client
// uses, the time left of a login that ends soon ("2d", "5h", "20m"), "old" when only its age tells of the end, "401"
// when it was rejected, "?" when it is unusable otherwise.
func (r Report) Tail(now time.Time) string {
	switch {
	case r.ShadowedBy != "", r.State == credentials.OK, r.State == credentials.Renewable:
		return ""
	case r.State == credentials.Rejected:
		return "401"
	case r.State != credentials.Expiring:
		return "?"
	case r.EndsAt.IsZero(), r.EndsAt.Sub(now) >= credentials.ExpiringSoon:
		return "old"
	}
	left, unit, letter := r.left(now)
	return strconv.FormatInt(int64(left/unit), 10) + letter
}

// left is how long the login still lasts, and the unit it is told in: whole days, in its last day hours, in its last
// hour minutes.
func (r Report) left(now time.Time) (left, unit time.Duration, letter string) {
	left = max(0, r.EndsAt.Sub(now))
	switch {
	case left >= 24*time.Hour:
		return left, 24 * time.Hour, "d"
	case left >= time.Hour:
		return left, time.Hour, "h"
	}
	return left, time.Minute, "m"
}

// Until is the next moment at which time alone can make Tail say something else, or zero.
func (r Report) Until(now time.Time) time.Time {
	moments := []time.Time{r.ExpiresAt, r.EndsAt}
	if !r.OldAt.IsZero() {
		moments = append(moments, r.OldAt.Add(1)) // the next nanosecond, as in credentials.Evaluate
	}
	if r.EndsAt.After(now) {
		left, unit, _ := r.left(now)
		moments = append(moments, r.EndsAt.Add(-credentials.ExpiringSoon+1), now.Add(left%unit+1))
	}
	var next time.Time
	for _, at := range moments {
		if !at.IsZero() && at.After(now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// holdsFor is the longest time for which nobody works out again what is said.
const holdsFor = 600 * time.Second

// Holds is until when Tail can be relied on while nothing but the time changes.
func (r Report) Holds(now time.Time) time.Time {
	until := now.Add(holdsFor)
	if next := r.Until(now); !next.IsZero() && next.Before(until) {
		return next
	}
	return until
}

// Porcelain is the report for scripts: `key value` lines in a fixed order. Lines are only ever added, before the last
// one, which is the file; what is not known is `-` (docs/porcelain.md).
func (r Report) Porcelain() string {
	usable := "no"
	if r.State.Usable() {
		usable = "yes"
	}
	shadowedBy := r.ShadowedBy
	if shadowedBy == "" {
		shadowedBy = "-"
	}
	var out strings.Builder
	for _, line := range [][2]string{
		{"version", "1"}, {"state", string(r.State)}, {"usable", usable},
		{"expires_at", utc(r.ExpiresAt)}, {"ends_at", utc(r.EndsAt)},
		{"signed_in_at", utc(r.SignedInAt)}, {"old_at", utc(r.OldAt)},
		{"shadowed_by", oneLine(shadowedBy)}, {"file", oneLine(r.File)},
	} {
		fmt.Fprintf(&out, "%s %s\n", line[0], line[1])
	}
	return out.String()
}

func utc(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// oneLine quotes a value that would break the lines.
func oneLine(s string) string {
	if hasControl(s) {
		return strconv.Quote(s)
	}
	return s
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}
