package cmd

// The groups of the commands in help, in the order in which the commands stand in the tree.
const (
	groupLogin    = "the login"
	groupDocument = "the document"
	groupShell    = "the shell"
	groupMore     = "more"
)

// passesOn reports whether the arguments of a command belong to another program: its own flags end at the first
// argument.
func passesOn(name string) bool { return name == "run" || name == "login" }
