//go:build !linux

package secret

// KeepFromDumps does nothing here: macOS writes no core files unless the user asks for them, and the client would
// inherit a limit on their size.
func KeepFromDumps() {}
