package prompt

// onlyFiles says that the client keeps its login in a file and nowhere else; on macOS the keychain comes first.
const onlyFiles = false

const (
	managedSettings = "/Library/Application Support/ClaudeCode/managed-settings.json"
	managedParts    = "/Library/Application Support/ClaudeCode/managed-settings.d" // a directory, which ReadSmall refuses: where there is one the whole program has its say
)
