package claude

import "time"

// The locks under which the client reads and writes its credentials, in the order in which it takes them (2.1.165,
// 2.1.330): RefreshLock in the client's directory, the directory's own name and BesideLock, and StorageLock in the
// directory. Each is a directory made with mkdir(2) in the manner of npm's proper-lockfile: its mtime is kept fresh,
// and a lock older than its stale time is taken over.
const (
	RefreshLock = ".oauth_refresh.lock"
	BesideLock  = ".lock" // beside the directory, links resolved; the client goes on without it where it can't be made
	StorageLock = ".storage-write.lock"
)

// RefreshOwner is the file that names the holder of the first two locks (since 2.1.330).
const RefreshOwner = ".oauth_refresh.lock.owner"

// Locks lists the names of the locks, and of what belongs to them.
var Locks = [...]string{RefreshLock, RefreshOwner, StorageLock}

// The shortest and the longest age at which a version measured takes the first two locks over; see RefreshStale.
const (
	ShortestRefreshStale = 10 * time.Second // 2.1.165
	LongestRefreshStale  = 60 * time.Second // 2.1.330
)

// RefreshStale is the age at which this version takes over the first two locks.
func (v Version) RefreshStale() time.Duration {
	if v >= V330 {
		return LongestRefreshStale
	}
	return ShortestRefreshStale
}

// StorageStale is the age at which StorageLock is taken over. The client asks for it 11 times in 7.5 s, and prints
// "Login successful." without storing the login when it does not get it (2.1.165, 2.1.330; 2.1.332 says so).
const StorageStale = 15 * time.Second

// OwnerGrace is how long a lock must not have been touched before the client believes RefreshOwner that its holder is
// gone (2.1.330), and OwnerSize bounds what it reads of that file, in bytes.
const (
	OwnerGrace = 7500 * time.Millisecond
	OwnerSize  = 4096
)
