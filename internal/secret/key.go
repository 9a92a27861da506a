package secret

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

// Key keys the fingerprints of one user on one machine.
type Key []byte

// keyLen is the length of a key in bytes.
const keyLen = 32

// largestKey bounds what is read of its file, in bytes.
const largestKey = 4 * keyLen

// LoadKey reads the key in the file path, and makes it first where there is none: random, mode 0600 from its first
// instant, in a directory of mode 0700. Processes that come at once agree on one key: the first to link its file.
//
// A file that does not hold a key (a crash cannot leave one, an editor can) is an error and stays: with another key every
// fingerprint in the ledger would be worth nothing.
func LoadKey(path string) (Key, error) {
	text, info, err := atomicfile.ReadRegular(path, largestKey)
	if errors.Is(err, fs.ErrNotExist) {
		if err := createKey(path); err != nil {
			return nil, fmt.Errorf("create the fingerprint key: %w", err)
		}
		atomicfile.Clean(path, time.Now()) // processes may have been killed before their key had its name
		text, info, err = atomicfile.ReadRegular(path, largestKey)
	}
	if err != nil {
		return nil, fmt.Errorf("read the fingerprint key: %w", err)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Nlink > 1 {
		atomicfile.Clean(path, time.Now()) // a process was killed while the key had two names
	}
	key, err := hex.DecodeString(strings.TrimSuffix(string(text), "\n"))
	if err != nil || len(key) != keyLen {
		return nil, fmt.Errorf("read the fingerprint key: %s: not a key (%d hex digits are expected)", path, 2*keyLen)
	}
	return key, nil
}

// createKey makes the file whole or not at all. That it is there already is not an error: another process was first.
func createKey(path string) error {
	random := make([]byte, keyLen)
	rand.Read(random) // never fails: it ends the program instead
	text := hex.EncodeToString(random) + "\n"
	err := atomicfile.Write(path, []byte(text), atomicfile.Options{Exclusive: true, MkdirParents: true})
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}
