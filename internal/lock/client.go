package lock

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/create"
)

// Set is the client's locks for one directory of credentials, in the order in which the client takes them.
type Set struct {
	Dir   string // the directory of the credentials file, an absolute path
	only  string // the path of the one lock of another file; "" for the locks of the credentials
	also  string // the directory of the file to which the credentials file in Dir is a link; "" for none
	clock clock
	part  part
}

// part says which of the locks a Set has.
type part int

const (
	whole       part = iota
	ofRenewals       // those that the client holds while it renews a login
	ofTheWrites      // the one around each write
)

// Refresh returns the locks that the client holds while it renews a login. It can still write other things then.
func (s Set) Refresh() Set { s.part = ofRenewals; return s }

// Storage returns the lock around a write, for who holds the others already.
func (s Set) Storage() Set { s.part = ofTheWrites; return s }

// Also returns the locks, and the one around each write in another directory: to write its file through a link.
func (s Set) Also(dir string) Set { s.also = dir; return s }

// Client returns the client's locks for the directory of its credentials.
func Client(dir string) Set { return Set{Dir: dir, clock: systemClock{}} }

// Beside returns the lock that the client takes when it writes the file at path, its global config
// (claude.GlobalConfigLock).
func Beside(path string) Set {
	return Set{Dir: filepath.Dir(path), only: path + claude.GlobalConfigLock, clock: systemClock{}}
}

// member is one lock of a set.
type member struct {
	path     string
	optional bool // the client goes on without it when it cannot be made
	options
}

// members returns the locks. Versions of the client differ in the stale time of the first two. With the longest we
// never take a lock that a client of any version holds, and with the shortest we know when a client may take ours.
func (s Set) members() []member {
	if s.only != "" {
		o := options{stale: claude.GlobalConfigStale, lifetime: claude.GlobalConfigStale, clock: s.clock}
		return []member{{path: s.only, options: o}}
	}
	resolved, err := filepath.EvalSymlinks(s.Dir)
	if err != nil {
		resolved = s.Dir // as the client does (2.1.165, 2.1.330)
	}
	refresh := s.refresh()
	storage := options{stale: claude.StorageStale, lifetime: claude.StorageStale, clock: s.clock}
	all := []member{
		refresh,
		{path: resolved + claude.BesideLock, options: refresh.options, optional: true},
		{path: filepath.Join(s.Dir, claude.StorageLock), options: storage},
	}
	if s.also != "" {
		all = append(all, member{path: filepath.Join(s.also, claude.StorageLock), options: storage})
	}
	switch s.part {
	case ofRenewals:
		return all[:2]
	case ofTheWrites:
		return all[2:]
	}
	return all
}

// refresh returns the lock that the client holds while it renews the login.
func (s Set) refresh() member {
	return member{path: filepath.Join(s.Dir, claude.RefreshLock), options: options{
		stale: claude.LongestRefreshStale, lifetime: claude.ShortestRefreshStale, clock: s.clock,
		ownerFile: filepath.Join(s.Dir, claude.RefreshOwner),
	}}
}

// Held is a set of locks that this process holds.
type Held struct{ locks []*dirLock }

// Acquire takes all locks, waiting up to wait in all for other processes, and keeps them fresh until Release. It makes
// Dir (0700) when it is missing. When it cannot take a lock it releases those before it. The error wraps a *HeldError
// when another process kept a lock, a *BlockedError when a lock can never be taken, ctx's error when ctx ended, and
// otherwise the error of the file system. The second lock is outside of Dir. When it cannot be made, for another reason
// than that a process holds it, the client goes on without it, and so does Acquire.
func (s Set) Acquire(ctx context.Context, wait time.Duration) (*Held, error) {
	if err := create.Dirs(s.Dir); err != nil {
		return nil, atomicfile.Failed("cannot create "+s.Dir, err)
	}
	members := s.members()
	h := &Held{}
	for _, m := range members {
		started := m.clock.Now()
		m.wait = max(wait, 0)
		l, err := take(ctx, m.path, m.options)
		wait -= m.clock.Now().Sub(started)
		switch {
		case err == nil:
			h.locks = append(h.locks, l)
		case !m.optional || ctx.Err() != nil || isHeld(err):
			return nil, errors.Join(err, h.Release())
		}
	}
	for _, m := range members {
		_ = cleanStaging(m.path, m.options) // what stays does no harm, and BreakStale reports why
	}
	return h, nil
}

// Check returns nil when all locks are still held, according to the file system, and updates their mtimes. Call it
// right before the change that the locks protect.
func (h *Held) Check() error {
	for _, l := range h.locks {
		if err := l.check(); err != nil {
			return err
		}
	}
	return nil
}

// Release releases the locks in reverse order, all of them even after an error. The error wraps a *LostError for a lock
// that another process has taken, and a *LeftError for one that could not be removed.
func (h *Held) Release() error {
	var failed []error
	for _, l := range slices.Backward(h.locks) {
		failed = append(failed, l.release())
	}
	return errors.Join(failed...)
}

// Holders returns the locks that exist, in the client's order. It changes nothing.
func (s Set) Holders() []Holder {
	var holders []Holder
	for _, m := range s.members() {
		if h := look(m.path, m.options); !errors.Is(h.Err, fs.ErrNotExist) {
			holders = append(holders, h)
		}
	}
	return holders
}

// BreakStale removes the locks that nobody holds any more, and what killed processes of this program left beside them.
// It returns the paths of the removed locks.
func (s Set) BreakStale() (removed []string, err error) {
	var failed []error
	for _, m := range s.members() {
		broke, err := breakIfStale(m.path, m.options)
		if broke {
			removed = append(removed, m.path)
		}
		if err != nil && !isHeld(err) {
			failed = append(failed, err)
		}
		failed = append(failed, ignoringGone(cleanStaging(m.path, m.options)))
	}
	return removed, errors.Join(failed...)
}
