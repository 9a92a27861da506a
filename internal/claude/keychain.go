package claude

import "time"

// On macOS the client keeps the document of CredentialsFile in an item of the keychain, a generic password. It runs the
// program `security` for that. CredentialsFile is what it falls back to. All of this file is read in the macOS packages
// of 2.1.165 and 2.1.332 (darwin 2.1.165, darwin 2.1.332); nothing of it was seen to happen.
//
// The item's service is KeychainService. "-" and the first KeychainSuffix hex digits of a SHA-256 follow it when
// EnvStorageDir names a directory, or is not set and EnvConfigDir names one: of that name, in Unicode's form NFC. The
// account is $USER, else the user's name in the system, or KeychainAccount when that has other characters than
// KeychainPlain.
const (
	KeychainService = "Claude Code-credentials"
	KeychainSuffix  = 8
	KeychainAccount = "claude-code-user"
	KeychainPlain   = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
)

// KeychainConsole is the service of the item with the key of a Console sign-in, alone in it: with the suffix of
// KeychainService, and the same account. The client reads PrimaryKey only when there is no such item.
const KeychainConsole = "Claude Code"

// What `security` says (its exit status is the last byte of an OSStatus). The client reads these two as "there is no
// item", and goes on with the file: also with a locked keychain. Any other failure is one to it: it reads the file, and
// stores nothing. 2.1.332 takes KeychainLocked for a failure too once it has seen the item in the same process.
const (
	KeychainNoItem = 44 // errSecItemNotFound
	KeychainLocked = 36 // errSecInteractionNotAllowed: locked, and no dialog may be shown
)

// KeychainTimeout is how long the client waits for one call of `security` (2 s; 10 s for the first one of a process).
const KeychainTimeout = 2 * time.Second

// KeychainLine is the longest line that the client gives to `security -i`, which takes 4096 bytes: add-generic-password
// -U -a "ACCOUNT" -s "SERVICE" -X "HEX". A longer document it passes as an argument, where every process can read it.
// 2.1.332 can seal a part of it instead, and does so with an item that is sealed already; see KeychainPointer.
const KeychainLine = 4032

// The item is the document as JSON.stringify writes it. 2.1.165 writes it as it is; `security -w` prints an item with a
// byte outside printable ASCII as hex digits, which the client does not understand: it reads no login then. 2.1.332
// writes such characters as \uXXXX.

// Which of item and file the client uses: the item, when it is JSON and not null, also when it holds no login.
// Otherwise the file. A write goes to the item. When that succeeds and there was no item before, the file is deleted;
// when it fails, and not because of a timeout, the document goes into the file and the item is deleted. 2.1.332
// leaves both alone when the keychain is locked and it has seen the item before.

// A sealed item (2.1.332; 2.1.165 does not know it, sees only what is in the item itself, and keeps KeychainPointer).
// What does not fit is in a second item, whose service has KeychainOverflow and a slot behind the name: base64 of a
// nonce of 12 bytes, the sections as JSON under AES-256-GCM, and a tag of 16 bytes. KeychainPointer in the first item
// has {"slot","key"}, the key in base64, and with a section that is not of KeychainGrowing also "login",
// "organizationUuid" and "member", hashes of what they belong to. Without the second item, or when it does not open,
// the client goes on with what the first one has. It writes the other slot before the first item.
const (
	KeychainPointer  = "keychainOverflow"
	KeychainOverflow = "-overflow-"
)

// KeychainSlots are the slots, in the client's order.
var KeychainSlots = [...]string{"a", "b"}

// KeychainGrowing lists the members that are sealed first, entry by entry, the largest entry first. An entry of the
// first takes that of the second with it.
var KeychainGrowing = [...]string{
	"mcpOAuth", "mcpOAuthClientConfig", "mcpXaaIdp", "mcpXaaIdpConfig", "pluginSecrets", "coworkRemoteDevice",
}

// KeychainASCII and KeychainSealed are the versions that write \uXXXX, and that read sealed items. What lies between
// 2.1.165 and 2.1.332 was not looked at.
const (
	KeychainASCII  = V332
	KeychainSealed = V332
)
