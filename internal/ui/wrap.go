package ui

// Wrap breaks text at its spaces into lines of width columns at most, and a longer word where it must. It cleans
// the text.
func Wrap(text string, width int) []string { return wrapHard(Clean(text), width) }

// Say writes a message to standard error that needs no name before it: nothing else is on the screen.
func (u *UI) Say(text string) { u.message("", text) }
