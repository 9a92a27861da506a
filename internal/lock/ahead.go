package lock

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A lock whose mtime is in the future never gets too old. It was made under a wrong clock, or by a program that
// restores times. The client never takes such a lock over, and fails (2.1.165, 2.1.330). Its ctime shows whether a
// process holds it: a holder touches the lock again and again, and the file system notes that by its own clock, which
// no process can set.

// largestAhead is how far in the future an mtime may be before it counts as a wrong clock: the client's first one is up
// to a second ahead, and clocks of machines that share a directory differ.
const largestAhead = time.Minute

// ahead is how far in the future the mtime is, and 0 when it is not, or so little that no clock need be wrong.
func (a identity) ahead(now time.Time) time.Duration {
	if ahead := a.modTime().Sub(now); ahead > largestAhead {
		return ahead
	}
	return 0
}

// leftAhead reports whether a lock with an mtime in the future was left behind, as far as this machine's clock tells:
// it was not touched for the stale time. A ctime in the future too says nothing.
func (h Holder) leftAhead(o options) bool {
	return h.Ahead > 0 && h.id.ctime != 0 && o.clock.Now().Sub(time.Unix(0, h.id.ctime)) >= o.stale
}

// stillLeft reports whether a lock that look calls stale is so by the clock of its own file system. For a lock with an
// mtime in the future the clock of this machine does not decide: the directory may be on another one.
func (h Holder) stillLeft(o options) bool {
	if h.Ahead == 0 || h.gone {
		return h.Stale
	}
	now, err := fileSystemTime(h.Path)
	return err == nil && h.Stale && now-h.id.ctime >= int64(o.stale)
}

// fileSystemTime returns what the clock of the file system with the lock says, by a directory that it makes beside it.
func fileSystemTime(path string) (nanoseconds int64, err error) {
	probe := stagingName(path) // a killed process leaves it for cleanStaging
	if err := os.Mkdir(probe, 0o700); err != nil {
		return 0, fmt.Errorf("cannot take over a lock that was left behind: %w", err)
	}
	id, err := identify(probe)
	if err != nil {
		return 0, undo(probe, err)
	}
	return id.ctime, removeLock(probe)
}

// watchPoll is the time between two looks at a lock that is watched.
const watchPoll = 250 * time.Millisecond

// Watch returns how long BreakUntouched watches the lock, 0 when it does not.
func (h Holder) Watch() time.Duration { return h.watch }

// BreakUntouched removes the locks with an mtime in the future that nobody touches: it watches each for its stale time,
// in which a live holder touches it more than once. So it also removes those for which the clock of the file system was
// wrong too. It returns the paths of the removed locks.
func (s Set) BreakUntouched(ctx context.Context) (removed []string, err error) {
	started := time.Now() // with its monotonic reading: a clock that is set meanwhile does not matter
	var watched []member
	var seen []Holder
	for _, m := range s.members() {
		if h := look(m.path, m.options); h.Err == nil && h.watch > 0 {
			watched, seen = append(watched, m), append(seen, h)
		}
	}
	for i, m := range watched {
		untouched, err := staysAsItIs(ctx, seen[i], started.Add(seen[i].watch))
		if err != nil {
			return removed, err
		}
		if !untouched {
			continue
		}
		unguard, err := guard(filepath.Dir(m.path))
		if err != nil {
			return removed, err
		}
		if again := look(m.path, m.options); again.Err == nil && again.id == seen[i].id {
			if err = removeLock(m.path); err == nil {
				removed = append(removed, m.path)
			}
		}
		unguard()
		if err := ignoringGone(err); err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// staysAsItIs waits until then, and reports whether the lock was not touched meanwhile.
func staysAsItIs(ctx context.Context, seen Holder, then time.Time) (bool, error) {
	for {
		now, err := identify(seen.Path)
		if err != nil || now != seen.id {
			return false, ignoringGone(err)
		}
		left := time.Until(then)
		if left <= 0 {
			return true, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(min(left, watchPoll)):
		}
	}
}
