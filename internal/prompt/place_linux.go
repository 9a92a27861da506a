package prompt

// onlyFiles says that the client keeps its login in a file and nowhere else.
const onlyFiles = true

const managedSettings = "/etc/claude-code/managed-settings.json"
