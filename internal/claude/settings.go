package claude

import "github.com/claude-auth/claude-auth/internal/system"

// The client's files and directories (2.1.165, 2.1.330). A setting in one of these overrides the later ones: the
// managed settings (read), --settings, LocalSettings and Settings in ConfigDir of the working directory, Settings in
// the client's own directory, and the env block of GlobalConfig. The client ignores a file that is not valid JSON.
const (
	ConfigDir     = ".claude"      // in the home directory, unless EnvConfigDir is set; and in a project
	GlobalConfig  = ".claude.json" // in the home directory, or in EnvConfigDir where that is set
	Settings      = "settings.json"
	LocalSettings = "settings.local.json"
	ManagedParts  = "managed-settings.d" // beside ManagedSettings; its *.json override that, later names earlier ones
)

// ManagedSettings is the administrator's settings file (read).
func ManagedSettings() string {
	if system.Here().MacOS() {
		return "/Library/Application Support/ClaudeCode/managed-settings.json"
	}
	return "/etc/claude-code/managed-settings.json"
}

// SettingSources lists the values of --setting-sources, in the order in which their files override each other (2.1.165,
// 2.1.330).
var SettingSources = [...]string{"local", "project", "user"}

// Keys of the settings (2.1.165, 2.1.330).
const (
	EnvBlock     = "env"          // replaces variables of the environment; an empty value removes one
	APIKeyHelper = "apiKeyHelper" // a command that prints an API key; not in GlobalConfig
)

// APIKeyApprovals is the key of GlobalConfig that lists, under "approved", the API keys that sessions may use: the last
// ApprovalLength characters of each (2.1.165, 2.1.330).
const (
	APIKeyApprovals = "customApiKeyResponses"
	ApprovalLength  = 20
)

// GlobalAccountKey is the key of GlobalConfig that holds the account of the last sign-in, of a Console sign-in too. It
// stays when the login is rejected or emptied; `auth logout` drops it. AccountUUIDKey and OrganizationKey are in it as
// they are in the login, and these names for people. (2.1.165, 2.1.330, 2.1.332)
const (
	GlobalAccountKey    = "oauthAccount"
	AccountEmailKey     = "emailAddress"
	OrganizationNameKey = "organizationName"
)

// GlobalBackups is where the client keeps copies of GlobalConfig, in its own directory: it makes one before it writes
// the file, named GlobalBackup and the time in milliseconds. With a GlobalConfig that is cut off it does not start, not
// even to sign in; what is no JSON it copies there too, under another name. 2.1.165 does not start once and then
// replaces the file by its defaults; 2.1.330 and 2.1.332 do not start until it is repaired. An empty file stops 2.1.165
// alone. (2.1.165, 2.1.330, 2.1.332)
const (
	GlobalBackups = "backups"
	GlobalBackup  = ".claude.json.backup."
)

// OnboardedKey is the key of GlobalConfig that says that the person has answered the first questions. Without it a
// session asks them, whatever login is saved: the colours, then 2.1.165 and before ask for a sign-in, although a login
// is saved or a token is in the environment. 2.1.332 does not (the versions between are not measured). `-p` asks
// nothing. (2.1.165, 2.1.332)
const (
	OnboardedKey        = "hasCompletedOnboarding"
	LastAskingForSignIn = V165
)
