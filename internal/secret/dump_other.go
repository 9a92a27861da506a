//go:build !linux

package secret

// KeepFromDumps does nothing here: macOS writes no core files unless the user has asked for them, and the limit that
// would prevent it goes on to the client.
func KeepFromDumps() {}
