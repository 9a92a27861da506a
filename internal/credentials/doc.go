// Package credentials reads and edits the client's credentials and never mangles them.
//
// A Document is the JSON object with the exact bytes it was read from. Every edit makes a new one in which all bytes
// outside the edited place are the same: order, white space, the form of numbers, keys that nobody has heard of. What
// JSON.parse would refuse is refused, with line and column, and so is what programs read differently: a key on the way
// to the edited place that stands there twice. The checking, the places of things and the edits are this package's own
// scanner, because gjson and sjson take text that is not JSON without a word; gjson answers queries, and sjson builds
// the objects that are missing on the way to a new value.
//
// A Store is where the document is kept: the file, or on macOS the keychain. It reads without a lock and edits under
// the locks of the client. A Login is what the document says about the sign-in, a State what that is worth, and Backups
// are what edits took out.
package credentials
