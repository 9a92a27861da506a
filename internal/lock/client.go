package lock

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// Set is the client's locks for one directory of credentials, in the order in which it takes them.
type Set struct {
	Dir   string // the directory of the credentials file, an absolute path
	Mkdir bool   // make Dir (0700) when it is missing; else that is an error that wraps fs.ErrNotExist
	clock clock  // nil is the system's
}

// Client is the client's locks for the directory of its credentials.
func Client(dir string) Set { return Set{Dir: dir} }

// member is one lock of a set.
type member struct {
	path     string
	optional bool // the client goes on without it when it cannot be made
	options
}

// members returns the locks. Versions of the client differ in the stale time of the first two: with the longest we
// never take a lock that any of them holds, and with the shortest we know when any of them may take ours.
func (s Set) members() []member {
	resolved, err := filepath.EvalSymlinks(s.Dir)
	if err != nil {
		resolved = s.Dir // as the client does (2.1.165, 2.1.330)
	}
	refresh := options{
		stale: claude.LongestRefreshStale, lifetime: claude.ShortestRefreshStale, clock: s.clock,
		ownerFile: filepath.Join(s.Dir, claude.RefreshOwner),
	}
	if s.clock == nil {
		refresh.clock = systemClock{}
	}
	storage := options{stale: claude.StorageStale, lifetime: claude.StorageStale, clock: refresh.clock}
	return []member{
		{path: filepath.Join(s.Dir, claude.RefreshLock), options: refresh},
		{path: resolved + claude.BesideLock, options: refresh, optional: true},
		{path: filepath.Join(s.Dir, claude.StorageLock), options: storage},
	}
}

// Held is a set of locks that this process holds.
type Held struct{ locks []*dirLock }

// Acquire takes all locks, waiting up to wait in all for other processes, and keeps them fresh until Release. When one
// cannot be had those before it are released. The error wraps a *HeldError when another process kept a lock, a
// *BlockedError when one can never be taken, ctx's error when ctx ended, and else says what the file system said. The
// second lock lies outside of Dir; where it cannot be made, for another reason than that a process holds it, the client
// goes on without it, and so does this.
func (s Set) Acquire(ctx context.Context, wait time.Duration) (*Held, error) {
	if s.Mkdir {
		if err := os.MkdirAll(s.Dir, 0o700); err != nil {
			return nil, fmt.Errorf("create the client's directory: %w", err)
		}
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
		_ = cleanStaging(m.path, m.options) // litter that harms nobody: BreakStale says why it cannot be removed
	}
	return h, nil
}

// Check looks at the file system whether all locks are still held, updates their mtimes, and returns nil if so. It is
// for the moment right before what the locks protect, and has the signature of atomicfile's Options.Before.
func (h *Held) Check() error {
	for _, l := range h.locks {
		if err := l.check(); err != nil {
			return err
		}
	}
	return nil
}

// Release releases the locks in the reverse of the order in which they were taken, all of them whatever happens. The
// error wraps a *LostError for a lock that another process has taken, a *LeftError for one that could not be removed.
func (h *Held) Release() error {
	var failed []error
	for i := len(h.locks) - 1; i >= 0; i-- {
		failed = append(failed, h.locks[i].release())
	}
	return errors.Join(failed...)
}

// Holders returns the locks that are there, in the client's order. It takes none and changes nothing.
func (s Set) Holders() []Holder {
	var holders []Holder
	for _, m := range s.members() {
		if h := look(m.path, m.options); !errors.Is(h.Err, fs.ErrNotExist) {
			holders = append(holders, h)
		}
	}
	return holders
}

// BreakStale removes the locks that nobody holds any more, and what killed processes of ours left beside them. It
// returns the paths of the locks removed.
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
