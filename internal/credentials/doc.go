// Package credentials reads and edits the file, or the keychain item, in which Claude Code keeps its login.
//
// The file holds more than the login, and people lose every MCP sign-in when an edit mangles it. So a Document is the
// JSON object with the exact bytes it was read from, and an edit changes no byte outside the edited place: order, white
// space, the form of numbers and unknown keys stay. What JSON.parse would refuse is refused, with line and column, and
// so is a key on the way to the edited place that is there twice, which programs read differently.
//
// One cursor checks the text and finds the places of things, because gjson and sjson take text that is not JSON without
// an error; gjson answers queries, and sjson makes the objects that are missing on the way to a new value.
//
// A Store is where the document is kept: the file, or on macOS the keychain. It reads without a lock and edits under
// the locks of the client. A Login is what the document says about the sign-in, a State what that is worth, and Backups
// are what edits have removed.
package credentials
