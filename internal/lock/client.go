package lock

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Names of the client's locks in its directory (2.1.165, 2.1.330).
const (
	refreshLock = ".oauth_refresh.lock"
	ownerFile   = ".oauth_refresh.lock.owner" // 2.1.330 only
	storageLock = ".storage-write.lock"
)

// The ages at which a lock of the client's is taken over. For the first two 2.1.330 has 60 s and 2.1.165 has 10 s: with
// the longer one we never take a lock that either holds, and with the shorter one we know when either may take ours.
const (
	refreshStale    = 60 * time.Second
	refreshLifetime = 10 * time.Second
	storageStale    = 15 * time.Second
)

// Set is the locks under which the client reads and writes its credentials, in the order in which it takes them:
// <dir>/.oauth_refresh.lock, <dir>.lock after symbolic links, and <dir>/.storage-write.lock.
type Set struct {
	Dir   string // the directory of the credentials file
	Mkdir bool   // make Dir (0700) when it is missing; else that is an error that wraps fs.ErrNotExist
	Clock Clock  // nil is the system's
}

// Client is the client's locks for the directory of its credentials.
func Client(dir string) Set { return Set{Dir: dir} }

// member is one lock of a set.
type member struct {
	path     string
	stale    time.Duration
	lifetime time.Duration
	optional bool // the client goes on without it when it cannot be made
	record   func(identity) *Owner
}

func (s Set) members() ([]member, error) {
	dir, err := filepath.Abs(s.Dir)
	if err != nil {
		return nil, fmt.Errorf("find the directory %s: %w", s.Dir, err)
	}
	resolved, err := filepath.EvalSymlinks(dir)
	if err != nil {
		resolved = dir // as the client does (2.1.165, 2.1.330)
	}
	nobody := func(identity) *Owner { return nil }
	return []member{
		{path: filepath.Join(dir, refreshLock), stale: refreshStale, lifetime: refreshLifetime, record: recordIn(dir, func(r record) float64 { return r.LockBirthtimeMs })},
		{path: resolved + ".lock", stale: refreshStale, lifetime: refreshLifetime, optional: true, record: recordIn(dir, func(r record) float64 { return r.LegacyLockBirthtimeMs })},
		{path: filepath.Join(dir, storageLock), stale: storageStale, lifetime: storageStale, record: nobody},
	}, nil
}

func (s Set) options(m member) Options {
	return Options{Stale: m.stale, Lifetime: m.lifetime, Clock: s.Clock, record: m.record}.withDefaults()
}

// Held is a set of locks that this process holds.
type Held struct {
	locks   []*Lock
	skipped []error
}

// Acquire takes all locks, waiting up to wait in all for other processes, and keeps them fresh until Release. When one
// cannot be had those before it are released. Errors are those of the package's Acquire. The second lock lies outside of
// Dir; when it cannot be made there, for another reason than that somebody holds it, the client goes on without it, and
// so does this: Skipped says so.
func (s Set) Acquire(ctx context.Context, wait time.Duration) (*Held, error) {
	if err := s.makeDir(); err != nil {
		return nil, err
	}
	members, err := s.members()
	if err != nil {
		return nil, err
	}
	h := &Held{}
	for _, m := range members {
		o := s.options(m)
		started := o.Clock.Now()
		o.Wait = max(wait, 0)
		l, err := Acquire(ctx, m.path, o)
		wait -= o.Clock.Now().Sub(started)
		switch {
		case err == nil:
			h.locks = append(h.locks, l)
		case m.optional && ctx.Err() == nil && !isHeld(err):
			h.skipped = append(h.skipped, err)
		default:
			return nil, errors.Join(err, h.Release())
		}
	}
	for _, m := range members {
		_ = cleanAside(m.path, s.options(m)) // litter that harms nobody: BreakStale says why it cannot be removed
	}
	return h, nil
}

func isHeld(err error) bool {
	var held *HeldError
	return errors.As(err, &held)
}

func (s Set) makeDir() error {
	if !s.Mkdir {
		return nil
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return fmt.Errorf("create the client's directory: %w", err)
	}
	return nil
}

// Check returns nil when all locks are still held, and makes them fresh; see Lock.Check. It has the signature of
// atomicfile's Options.Before.
func (h *Held) Check() error {
	for _, l := range h.locks {
		if err := l.Check(); err != nil {
			return err
		}
	}
	return nil
}

// Release releases the locks in the reverse of the order in which they were taken, all of them whatever happens.
func (h *Held) Release() error {
	var failed []error
	for i := len(h.locks) - 1; i >= 0; i-- {
		if err := h.locks[i].Release(); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// Skipped says which locks could not be made, and why; for doctor.
func (h *Held) Skipped() []error { return h.skipped }

// Holder is a lock that somebody holds, or that is left.
type Holder struct {
	Path  string
	Since time.Time // when its holder last said that it is alive
	Stale bool      // nobody holds it any more
	Owner *Owner    // nil when nothing says who holds it
	Err   error     // when it could not be looked at, or is no lock: a *BlockedError
}

// Holders returns the locks that are there, in the client's order. It takes none and changes nothing.
func (s Set) Holders() ([]Holder, error) {
	members, err := s.members()
	if err != nil {
		return nil, err
	}
	var holders []Holder
	for _, m := range members {
		o := s.options(m)
		id, err := lookAtLock(m.path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			holders = append(holders, Holder{Path: m.path, Since: id.modTime(), Err: err})
		default:
			holders = append(holders, Holder{Path: m.path, Since: id.modTime(), Stale: stale(m.path, id, o), Owner: ownerOf(m.path, id, o)})
		}
	}
	return holders, nil
}

// BreakStale removes the locks that nobody holds any more, and what killed processes of ours left beside them. It
// returns the paths of the locks removed.
func (s Set) BreakStale() (removed []string, err error) {
	members, err := s.members()
	if err != nil {
		return nil, err
	}
	var failed []error
	for _, m := range members {
		o := s.options(m)
		broke, err := breakIfStale(m.path, o)
		if broke {
			removed = append(removed, m.path)
		}
		if err != nil && !isHeld(err) {
			failed = append(failed, err)
		}
		if err := ignoringGone(cleanAside(m.path, o)); err != nil {
			failed = append(failed, err)
		}
	}
	return removed, errors.Join(failed...)
}

// record is the client's owner file (2.1.330). It is about the lock whose time of birth it names, and no other.
type record struct {
	PID                   int     `json:"pid"`
	ProcStart             string  `json:"procStart"`
	PIDDomain             string  `json:"pidDomain"`
	PIDSpace              string  `json:"pidSpace"`
	LockBirthtimeMs       float64 `json:"lockBirthtimeMs"`
	LegacyLockBirthtimeMs float64 `json:"legacyLockBirthtimeMs"`
}

// recordIn returns what the owner file in dir says about a lock; birth picks the time of birth of the lock in question.
func recordIn(dir string, birth func(record) float64) func(identity) *Owner {
	return func(id identity) *Owner {
		r, err := readRecord(filepath.Join(dir, ownerFile))
		if err != nil || r.PID <= 1 || id.birth == 0 || birth(r) != id.birthMs() {
			return nil // none, not to be read, or about a lock that is no more: then nothing says who holds this one
		}
		return &Owner{PID: r.PID, Start: r.ProcStart, Space: spaceOf(r.PIDDomain, r.PIDSpace)}
	}
}

// spaceOf puts the client's two names of a pid namespace into one.
func spaceOf(domain, space string) string { return domain + "\n" + space }

func readRecord(path string) (record, error) {
	// O_NONBLOCK: whoever puts a FIFO here is not to stop us.
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
	if err != nil {
		return record{}, err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return record{}, errors.Join(fs.ErrInvalid, err)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxOwner))
	if err != nil {
		return record{}, err
	}
	var r record
	return r, json.Unmarshal(bytes.TrimSpace(data), &r)
}
