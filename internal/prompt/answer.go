package prompt

import (
	"syscall"
	"time"
)

// maxDocument is the size from which on a document is left to the whole program. The client's own is a few kilobytes.
const maxDocument = 4 << 20

// Exit statuses of `status` (docs/exit-codes.md).
const (
	exitDone   = 0
	exitSignIn = 4
)

// Answer answers a command line, or leaves it to the whole program (ok is false) when it is another command or when
// anything is in doubt. It prints nothing; for `__prompt` it writes the state file.
//
// What it leaves: flags and formats that it does not know; relative paths; a keychain; a credential in the environment or
// perhaps in the settings; a document that is not plainly right (see scan); a login whose standing the ledger has not left
// ready, which is every login that is seen for the first time, so that the whole program gets to note it.
func Answer(args []string, env Lookup, now time.Time) (out []byte, status int, ok bool) {
	r, ok := parse(args)
	if !ok || !onlyFiles {
		return nil, 0, false
	}
	p, ok := locate(env, r.file)
	if !ok || shadowedByEnvironment(env) {
		return nil, 0, false
	}
	found, ok := look(p, now)
	if !ok {
		return nil, 0, false
	}
	tail := found.Tail(now)
	if (r.porcelain || tail != "") && maybeShadowedBySettings(p.settings(r.plumbing)) {
		return nil, 0, false
	}
	switch {
	case r.plumbing:
		state := NewState(found.Report, r.key, found.changed, false, now, now)
		if Storable(r.key, false) {
			_ = state.Write(p.promptState(), p.ledger(), found.ledger) // the answer is right without it too, the next prompt just asks again
		}
		return []byte(state.Segment + "\n"), exitDone, true
	case r.porcelain:
		return found.Porcelain(), exitStatus(found.Report), true
	}
	if noColor, _ := env("NO_COLOR"); noColor != "" || r.noColor {
		r.style.Color = false
	}
	if segment := r.style.Segment(tail); segment != "" {
		out = []byte(segment + "\n")
	}
	return out, exitStatus(found.Report), true
}

func exitStatus(r Report) int {
	if r.Usable() {
		return exitDone
	}
	return exitSignIn
}

// settings lists the files that can hold a credential. Those of the working directory do not count for the state file,
// which is the same for every directory.
func (p places) settings(everywhere bool) []string {
	files := []string{managedSettings, managedParts, p.config + "/settings.json", p.global}
	if !everywhere {
		files = append(files, ".claude/settings.local.json", ".claude/settings.json")
	}
	return files
}

// found is a report and the files it was made from.
type found struct {
	Report
	changed int64 // the credentials file's time of change in nanoseconds since 1970, 0 when it was not there
	ledger  Stamp
}

// look reads the credentials and what the ledger has left about them.
func look(p places, now time.Time) (f found, sure bool) {
	text, st, err := ReadSmall(p.credentials, maxDocument)
	var d document
	switch err {
	case nil:
		if d, sure = scan(text); !sure {
			return f, false
		}
		f.changed = mtime(&st)
	case syscall.ENOENT:
	default:
		return f, false
	}
	seen, ok := ReadSeen(p.seen())
	if !ok || seen.Ledger != StampOf(p.ledger()) {
		return f, false
	}
	entry, ok := seen.find(p.credentials, d)
	if !ok {
		return f, false
	}
	f.ledger = seen.Ledger
	f.Report = d.report(entry, seen.OldestDeath, now)
	f.File = p.credentials
	return f, true
}

// find returns the standing of the very login that the document holds.
func (s *Seen) find(file string, d document) (SeenEntry, bool) {
	access, refresh := Mark(s.Key, d.access), Mark(s.Key, d.refresh)
	for _, e := range s.Entries {
		if e.File == file {
			return e, e.Access == access && e.Refresh == refresh
		}
	}
	return SeenEntry{}, false
}

// report makes the report of a document. It is credentials.Evaluate over again; a test compares the two.
func (d *document) report(e SeenEntry, oldest int64, now time.Time) Report {
	if !d.present {
		return Report{State: stateAbsent}
	}
	r := Report{ExpiresAt: d.expires.time(), EndsAt: d.ends.time()}
	if d.refresh == "" {
		r.EndsAt = r.ExpiresAt
	}
	born := moment{e.Born, e.Born != 0}.time()
	if e.BornExact {
		r.SignedInAt = born
	}
	if oldest > 0 && e.Born != 0 {
		r.OldAt = born.Add(time.Duration(oldest) * time.Millisecond)
	}
	r.State = d.state(e.Rejected, r, now)
	return r
}

func (d *document) state(rejected bool, r Report, now time.Time) string {
	past := d.expires.set && !now.Before(r.ExpiresAt)
	renewable := d.refresh != "" && (!d.ends.set || now.Before(d.ends.time()))
	switch {
	case d.access == "":
		return stateBlank
	case rejected:
		return stateRejected
	case past && !renewable:
		return stateExpired
	case !r.EndsAt.IsZero() && now.Add(soon).After(r.EndsAt), !r.OldAt.IsZero() && now.After(r.OldAt):
		return stateExpiring
	case past:
		return stateRenewable
	}
	return stateOK
}

func (m moment) time() time.Time {
	if !m.set {
		return time.Time{}
	}
	return time.UnixMilli(m.ms).UTC()
}
