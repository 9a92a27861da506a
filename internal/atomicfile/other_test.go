//go:build !linux

package atomicfile

// helpFill needs mount namespaces, which only Linux has.
func helpFill(string) string { return "not on this system" }
