package runner

import "os"

// ownExecutable names this program's file: by its path, which is what ps shows, or, when an update has replaced or removed that file
// since, by what is running.
func ownExecutable() (string, error) {
	const running = "/proc/self/exe"
	path, err := os.Executable()
	if err != nil {
		return running, nil
	}
	a, errA := os.Stat(path)
	b, errB := os.Stat(running)
	if errB == nil && (errA != nil || !os.SameFile(a, b)) {
		return running, nil
	}
	return path, nil
}
