package claude

// PrimaryKey is the member of GlobalConfig with the API key of a Console sign-in (2.1.165, 2.1.330, 2.1.332). On macOS
// the key is in the keychain, and the member is only used where that fails (read).
//
// The client uses the key when no saved login serves the model: no access token, or no InferenceScope. A login that was
// rejected but is still there comes first, and the key is not tried (2.1.165, 2.1.330, 2.1.332). The key needs no entry
// in APIKeyApprovals.
//
// A session keeps the key with which it has begun: it does not see a new one that another process has stored (2.1.165,
// 2.1.330).
//
// A sign-in with claude.ai drops the key. A Console sign-in drops the login, and asks for a new key after that: when it
// gets none, both are gone, and the client ends with status 1. `auth logout` drops both (2.1.165, 2.1.330, 2.1.332).
const PrimaryKey = "primaryApiKey"

// ConsoleFlag signs in with a Console account (2.1.165, 2.1.330, 2.1.332).
const ConsoleFlag = "--console"

// ForceLoginMethod is a key of the settings that decides the kind of sign-in, whatever the flags say: ForcedConsole, or
// "claudeai" (2.1.165, 2.1.330, 2.1.332).
const (
	ForceLoginMethod = "forceLoginMethod"
	ForcedConsole    = "console"
)

// GlobalConfigLock is behind the name of GlobalConfig when the client writes that file, in the style of Locks: stale
// after GlobalConfigStale (2.1.165, 2.1.332). The client writes a new file and renames it, and follows a link. When it
// does not get the lock, it writes without.
const (
	GlobalConfigLock  = ".lock"
	GlobalConfigStale = ShortestRefreshStale // the default of npm's proper-lockfile (read)
)
