package lock

import "golang.org/x/sys/unix"

func renameNoReplace(from, to string) error {
	return unix.RenamexNp(from, to, unix.RENAME_EXCL)
}

func ownSpace() string {
	boot, err := unix.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return ""
	}
	return boot
}

// clientSpace is "": what the client writes on macOS was not measured, and an unknown space proves nothing.
func clientSpace() string { return "" }
