package lock

import (
	"errors"
	"io/fs"
	"os"
	"time"
)

// Renewal is a renewal of the login by a client: one that goes on, or the trace of one that was interrupted.
type Renewal struct {
	Began   time.Time // when the client took its lock
	Touched time.Time // the last sign of life of the client
	Over    bool      // no process is at it any more
	Killed  bool      // it is over, and its process had no time to remove the lock
}

// Renewal returns the renewal that the client's lock, or the owner file that a client leaves when it is interrupted,
// tells of. ok is false when there is none. It mostly costs two calls of lstat.
func (s Set) Renewal() (r Renewal, ok bool) {
	m := s.refresh()
	h := look(m.path, m.options)
	if errors.Is(h.Err, fs.ErrNotExist) {
		return m.leftOwner()
	}
	if h.Err != nil || h.Owner != nil && h.Owner.Ours {
		return Renewal{}, false // something else, or this program's own work
	}
	over := h.Owner.over(h.Stale)
	return Renewal{Began: h.id.began(), Touched: h.Since, Over: over, Killed: over}, true
}

// leftOwner returns the renewal of an owner file without a lock. A client that ends a renewal as it should removes the
// file before the lock. One that is ended removes only the lock, and then waits 2 s for the answer (2.1.330, 2.1.332);
// so the file counts when its process is over.
func (m member) leftOwner() (r Renewal, ok bool) {
	info, err := os.Lstat(m.ownerFile)
	if err != nil {
		return Renewal{}, false
	}
	written := info.ModTime()
	record, err := readRecord(m.ownerFile)
	owner := record.owner()
	if err != nil || owner == nil || !owner.over(m.clock.Now().Sub(written) > m.stale) {
		return Renewal{}, false
	}
	r = Renewal{Began: written, Touched: written, Over: true}
	// The lock was made a moment before the file: the same time as before it was removed names the same renewal.
	born := time.UnixMicro(int64(record.LockBirthtimeMs * 1000))
	if before := written.Sub(born); before > 0 && before < m.stale {
		r.Began = born
	}
	return r, true
}

// over reports whether the owner of a lock has ended. old says that the lock is old, which decides where the owner is
// not known, or not of this machine. An owner that is stopped (Ctrl-Z, a machine that sleeps) can still go on, though
// others may take its lock.
func (o *Owner) over(old bool) bool {
	if o != nil && o.isHere() {
		return o.gone()
	}
	return old
}

// began is when the directory was made or, where the file system does not say, its last change.
func (a identity) began() time.Time {
	if a.birth == 0 {
		return a.modTime()
	}
	return time.Unix(0, a.birth)
}
