package prompt

// onlyFiles says that the client keeps its login in a file and nowhere else.
const onlyFiles = true

const (
	managedSettings = "/etc/claude-code/managed-settings.json"
	managedParts    = "/etc/claude-code/managed-settings.d" // a directory, which ReadSmall refuses: where there is one the whole program has its say
)
