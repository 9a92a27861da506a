//go:build !linux

package atomicfile

// helpFill and helpMounted need mount namespaces, which only Linux has.
func helpFill(string) string    { return "not on this system" }
func helpMounted(string) string { return "not on this system" }
