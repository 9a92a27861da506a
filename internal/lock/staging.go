package lock

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A lock is made under a staging name, and renamed to its own: <lock>.claude-auth.<hash of the space>.<pid>.<random>.
// The name tells who made it, because a process may be killed before it sets the attribute.
const stagingMark = ".claude-auth."

func stagingName(path string) string {
	random := make([]byte, 8)
	rand.Read(random) // never fails: it ends the program instead
	return fmt.Sprintf("%s%s%s.%d.%x", path, stagingMark, hashSpace(ownSpace()), os.Getpid(), random)
}

func hashSpace(space string) string {
	sum := sha256.Sum256([]byte(space))
	return hex.EncodeToString(sum[:4])
}

// parseStaging returns who made the staging directory called name for the lock called base.
func parseStaging(name, base string) (space string, pid int, ok bool) {
	rest, ok := strings.CutPrefix(name, base+stagingMark)
	parts := strings.Split(rest, ".")
	if !ok || len(parts) != 3 || len(parts[0]) != 8 || len(parts[2]) != 16 {
		return "", 0, false
	}
	pid, err := strconv.Atoi(parts[1])
	return parts[0], pid, err == nil && pid > 1
}

// cleanStaging removes the staging directories that killed processes of this program left beside path: those whose
// process is gone, and, where that cannot be known, those older than the stale time.
func cleanStaging(path string, o options) error {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("cannot clean up beside %s: %w", path, err)
	}
	here := hashSpace(ownSpace())
	var failed []error
	for _, entry := range entries {
		space, pid, ours := parseStaging(entry.Name(), filepath.Base(path))
		if !ours {
			continue
		}
		staging := filepath.Join(filepath.Dir(path), entry.Name())
		id, err := identify(staging)
		if err != nil || !id.isDir() || int(id.uid) != os.Geteuid() {
			continue // gone meanwhile, or not made by us
		}
		if gone := space == here && processGone(pid, ""); !gone && !tooOld(id, o) {
			continue
		}
		if err := ignoringGone(removeLock(staging)); err != nil {
			failed = append(failed, fmt.Errorf("cannot clean up: %w", err))
		}
	}
	return errors.Join(failed...)
}
