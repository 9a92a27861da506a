// Package prompt says in a few bytes how the saved login is, for prompts and for scripts that poll.
//
// A prompt is drawn thousands of times a day, so this is written for its cost. Answer reads the document and the standing that the
// ledger has left (Seen) with nothing but system calls and a scanner, and package prompt/fast calls it before the rest of
// the program is initialised. It answers only where it is certain to say what the whole program would say; the rest
// it leaves to the whole program. And `__prompt` leaves its answer in a state file that a shell reads by itself, which
// costs no process at all as long as nothing has changed.
//
// For the same reason the package imports nothing that initialises tables: no fmt, no encoding/json, no crypto. A test
// over GODEBUG=inittrace=1 keeps it so.
package prompt

import (
	"strconv"
	"time"
)

// Report is what there is to say about the saved login.
type Report struct {
	State      string // as credentials.State
	File       string
	ExpiresAt  time.Time // of the access token; zero when not known
	EndsAt     time.Time // of the login itself; zero when not known (credentials.Login.EndsAt)
	SignedInAt time.Time // zero when the sign-in was not seen
	OldAt      time.Time // when the login reaches the oldest age at which one was rejected; zero when none was
	ShadowedBy string    // what wins over the saved login; "" for nothing
}

// The states, in the words of credentials.State: package credentials is too large to be imported here. A test
// compares the two.
const (
	stateOK        = "ok"
	stateRenewable = "renewable"
	stateExpiring  = "expiring"
	stateRejected  = "rejected"
	stateBlank     = "blank"
	stateExpired   = "expired"
	stateAbsent    = "absent"
)

// Usable reports whether the client can work with the login.
func (r Report) Usable() bool {
	return r.State == stateOK || r.State == stateRenewable || r.State == stateExpiring
}

// soon is how long before its end a login is called expiring (credentials.ExpiringSoon).
const soon = 3 * 24 * time.Hour

// Tail is what the segment says after the name: "" while all is well or when the saved login is not what the client uses,
// the time left of a login that ends soon ("2d", "5h", "20m"), "old" when only its age tells of the end, "401"
// when it was rejected, "?" when it is unusable otherwise.
func (r Report) Tail(now time.Time) string {
	switch {
	case r.ShadowedBy != "", r.State == stateOK, r.State == stateRenewable:
		return ""
	case r.State == stateRejected:
		return "401"
	case r.State != stateExpiring:
		return "?"
	case r.EndsAt.IsZero(), r.EndsAt.Sub(now) >= soon:
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
		moments = append(moments, r.EndsAt.Add(-soon+1), now.Add(left%unit+1))
	}
	var next time.Time
	for _, at := range moments {
		if !at.IsZero() && at.After(now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// Porcelain is the report for scripts: `key value` lines in a fixed order. Lines are only ever added, before the last one, which
// is the file; what is not known is `-` (docs/porcelain.md).
func (r Report) Porcelain() []byte {
	b := append([]byte("version 1\nstate "), r.State...)
	if r.Usable() {
		b = append(b, "\nusable yes"...)
	} else {
		b = append(b, "\nusable no"...)
	}
	for _, line := range []struct {
		key string
		at  time.Time
	}{{"expires_at", r.ExpiresAt}, {"ends_at", r.EndsAt}, {"signed_in_at", r.SignedInAt}, {"old_at", r.OldAt}} {
		b = append(b, "\n"+line.key+" "...)
		if line.at.IsZero() {
			b = append(b, '-')
		} else {
			b = line.at.UTC().AppendFormat(b, "2006-01-02T15:04:05Z")
		}
	}
	b = append(b, "\nshadowed_by "+oneLine(orDash(r.ShadowedBy))...)
	return append(b, "\nfile "+oneLine(r.File)+"\n"...)
}

// oneLine quotes a value that would break the lines.
func oneLine(s string) string {
	if hasControl(s) {
		return strconv.Quote(s)
	}
	return s
}

func hasControl(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return true
		}
	}
	return false
}
