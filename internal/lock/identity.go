package lock

import (
	"time"

	"golang.org/x/sys/unix"
)

// identity is what stat says about a lock's directory.
type identity struct {
	device, inode uint64
	birth         int64 // nanoseconds since 1970; 0 when the file system does not say
	mtime         int64 // nanoseconds since 1970
	ctime         int64 // when the file system last changed what it says here, by its own clock
	mode          uint32
	uid           uint32
}

// sameDir reports whether both may be the same directory. They may also be two: a file system reuses an inode number at
// once, and its times of birth have steps of some milliseconds.
func (a identity) sameDir(b identity) bool {
	return a.device == b.device && a.inode == b.inode && a.birth == b.birth
}

// same reports whether both are the same directory, with the mtime that its holder set last.
func (a identity) same(b identity) bool { return a.sameDir(b) && a.mtime == b.mtime }

func (a identity) isDir() bool        { return a.mode&unix.S_IFMT == unix.S_IFDIR }
func (a identity) modTime() time.Time { return time.Unix(0, a.mtime) }

// birthMs is the time of birth as JavaScript's stat gives it: milliseconds with a fraction, in a double.
func (a identity) birthMs() float64 {
	return float64(a.birth/1e9*1e3) + float64(a.birth%1e9)/1e6
}
