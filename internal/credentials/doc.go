// Package credentials reads and edits the file, or the keychain item, in which Claude Code keeps its login.
//
// The file holds more than the login, and people lose every MCP sign-in when an edit damages it. So a Document is the
// JSON object with the exact bytes it was read from, and an edit changes no byte outside the edited place: order, white
// space, the form of numbers and unknown keys stay. A text that JSON.parse refuses is refused, with line and column.
// So is a path on which a key occurs twice, because programs disagree about which one counts.
//
// One cursor checks the text and finds the places in it. gjson answers queries, and sjson makes the objects and arrays
// that a new value needs around it. Neither is given the document to edit, because both take text that is not JSON
// without an error.
//
// A Store is where the document is kept: the file, or on macOS the keychain. It reads without a lock and edits under
// the locks of the client. A Login is what the document says about the sign-in, a State says whether that works, and
// Backups hold what edits have removed.
package credentials
