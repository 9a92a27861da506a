package claude

import "runtime"

// The client's files and directories (2.1.165, 2.1.330). Of the settings the stronger file counts: the managed ones
// (read), --settings, LocalSettings and Settings in ConfigDir of the working directory, Settings in the client's own
// directory, and last the env block of GlobalConfig. Files that are not valid JSON are passed over.
const (
	ConfigDir     = ".claude"      // in the home directory, unless EnvConfigDir is set; and in a project
	GlobalConfig  = ".claude.json" // in the home directory, or in EnvConfigDir where that is set
	Settings      = "settings.json"
	LocalSettings = "settings.local.json"
	ManagedParts  = "managed-settings.d" // beside ManagedSettings; its *.json come first, a later name before an earlier
)

// ManagedSettings is the administrator's settings file.
func ManagedSettings() string {
	if runtime.GOOS == "darwin" {
		return "/Library/Application Support/ClaudeCode/managed-settings.json"
	}
	return "/etc/claude-code/managed-settings.json"
}

// SettingSources lists the names that --setting-sources has for the files of a person, the strongest first.
var SettingSources = [...]string{"local", "project", "user"}

// Keys of the settings.
const (
	EnvBlock     = "env"          // replaces variables of the environment; an empty value removes one
	APIKeyHelper = "apiKeyHelper" // a command that prints an API key; not in GlobalConfig
)

// APIKeyApprovals is the key of GlobalConfig that names, under "approved", the API keys that sessions may use: each by
// its last ApprovalLength characters (2.1.165, 2.1.330).
const (
	APIKeyApprovals = "customApiKeyResponses"
	ApprovalLength  = 20
)

// GlobalAccountKey is the key of GlobalConfig that holds the account, with its emailAddress.
const GlobalAccountKey = "oauthAccount"
