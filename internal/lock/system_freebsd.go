package lock

import "golang.org/x/sys/unix"

// renameNoReplace is not to be had here: a lock is then made in its place.
func renameNoReplace(string, string) error { return unix.ENOSYS }

// ownSpace is "" in a jail, and where the kernel does not number its boots: an unknown space proves nothing.
func ownSpace() string {
	jailed, err := unix.SysctlUint32("security.jail.jailed")
	if err != nil || jailed != 0 {
		return ""
	}
	boot, err := unix.Sysctl("kern.boot_id")
	if err != nil {
		return ""
	}
	return boot
}

// clientSpace is "": no client runs here that names one.
func clientSpace() string { return "" }
