package claude

import "time"

// The locks under which the client reads and writes its credentials, in the order in which it takes them (2.1.165,
// 2.1.330): RefreshLock in the client's directory, BesideLock behind the directory's own name, and StorageLock in the
// directory. Each is a directory made with mkdir(2), as npm's proper-lockfile does. The holder keeps its mtime fresh,
// and other processes take over a lock whose mtime is older than the stale time.
const (
	RefreshLock = ".oauth_refresh.lock"
	BesideLock  = ".lock" // beside the directory, links resolved; the client goes on without it if it can't be made (read)
	StorageLock = ".storage-write.lock"
)

// RefreshOwner is the file that names the holder of the first two locks (since 2.1.330). The client removes it before
// the locks after a renewal, stored or rejected. When it ends in the middle of one (SIGINT, SIGTERM, SIGHUP, a closed
// terminal, `auth status` after 8 s) it removes the locks and leaves this file; SIGKILL leaves the locks too. 2.1.165
// then leaves nothing, or after SIGKILL the locks (2.1.165, 2.1.330, 2.1.332).
const RefreshOwner = ".oauth_refresh.lock.owner"

// Locks lists the names of the locks in the directory, and of the owner file.
var Locks = [...]string{RefreshLock, RefreshOwner, StorageLock}

// The shortest and the longest age at which a measured version takes over the first two locks; see RefreshStale.
const (
	ShortestRefreshStale = 10 * time.Second // up to 2.1.219
	LongestRefreshStale  = 60 * time.Second // since 2.1.220
)

// RefreshStale is the age at which this version takes over the first two locks.
func (v Version) RefreshStale() time.Duration {
	if v >= LongLocks {
		return LongestRefreshStale
	}
	return ShortestRefreshStale
}

// RefreshFresh is how old the mtime of RefreshLock gets at most while its holder lives: the holder touches it every
// 5 s, also while it waits for a slow token endpoint (2.1.165, 2.1.330, 2.1.332), and two touches may be late. At first
// the mtime is up to a second ahead of the clock.
const RefreshFresh = 15 * time.Second

// RefreshLongest is longer than a renewal holds RefreshLock: a session gives its request up, and the lock back, after
// 30 to 31 s (2.1.165, 2.1.330, 2.1.332), and a -p ends after 31 s (2.1.332).
const RefreshLongest = 35 * time.Second

// StorageStale is the age at which the client takes over StorageLock. It tries 11 times in 7.5 s. When it does not get
// the lock, `auth login` prints "Login successful." and does not store the login (2.1.165, 2.1.330; 2.1.332 reports
// it).
const StorageStale = 15 * time.Second

// OwnerGrace is how long a lock must be untouched before the client believes RefreshOwner that its holder is gone
// (2.1.330).
const OwnerGrace = 7500 * time.Millisecond

// OwnerSize is the most bytes that the client reads of RefreshOwner (2.1.330).
const OwnerSize = 4096
