//go:build !linux

package runner

// anonymousMemory makes a descriptor that can be mapped and whose file has no name.
func anonymousMemory() (int, error) {
	f, err := unnamedFile("")
	if err != nil {
		return -1, err
	}
	defer f.Close()
	fd, release, err := descriptor(f)
	if err != nil {
		return -1, err
	}
	defer release()
	return dupCloexec(fd)
}
