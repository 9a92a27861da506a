// Package prompt tells in a few bytes whether the saved login works: the segment for prompts, the lines for scripts
// that poll, and the state file. A shell reads the state file before each prompt, and starts no process as long as
// nothing has changed.
package prompt

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
)

// Command is the hidden command that the shell hooks call: `claude-auth __prompt KEY`.
const Command = "__prompt"

// Report is what prompts and scripts are told about the saved login.
type Report struct {
	State        credentials.State
	File         string
	ExpiresAt    time.Time // of the access token; zero when unknown
	EndsAt       time.Time // of the login itself; zero when unknown (credentials.Login.EndsAt)
	SignedInAt   time.Time // zero when the sign-in was not seen
	OldAt        time.Time // when the login reaches the oldest age at which one was rejected; zero when none was
	OverriddenBy string    // what overrides the saved login; "" for nothing
}

// Tail is the segment without the name: "" while the login works or the client uses another credential, the time left
// of a login that ends soon ("2d", "5h", "20m"), "old" when only its age suggests the end, "401" when it was rejected,
// "?" when it is unusable for another reason.
func (r Report) Tail(now time.Time) string {
	switch {
	case r.OverriddenBy != "", r.State == credentials.OK, r.State == credentials.Renewable, r.State == credentials.Console:
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

// left returns how long the login still lasts, and the unit to show it in: days, hours on the last day, minutes in the
// last hour.
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

// Until returns the next moment at which Tail changes by time alone, or zero.
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

// holdsFor is the longest time for which a result is used.
const holdsFor = 10 * time.Minute

// Holds returns until when Tail is valid while only the time changes.
func (r Report) Holds(now time.Time) time.Time {
	until := now.Add(holdsFor)
	if next := r.Until(now); !next.IsZero() && next.Before(until) {
		return next
	}
	return until
}

// Porcelain is the report for scripts: `key value` lines in a fixed order. Later versions only add lines, before the
// last one, which is the file. An unknown value is `-` (docs/porcelain.md).
func (r Report) Porcelain() string {
	usable := "no"
	if r.State.Usable() {
		usable = "yes"
	}
	var out strings.Builder
	for _, line := range [][2]string{
		{"version", "1"}, {"state", string(r.State)}, {"usable", usable},
		{"expires_at", utc(r.ExpiresAt)}, {"ends_at", utc(r.EndsAt)},
		{"signed_in_at", utc(r.SignedInAt)}, {"old_at", utc(r.OldAt)},
		{"overridden_by", oneLine(cmp.Or(r.OverriddenBy, "-"))}, {"file", oneLine(r.File)},
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

// oneLine quotes a value with control characters, which would break the lines.
func oneLine(s string) string {
	if hasControl(s) {
		return strconv.Quote(s)
	}
	return s
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}
