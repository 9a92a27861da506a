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

// Key is the HMAC key of the fingerprints of one user on one machine.
type Key []byte

// keyLen is the length of a key in bytes.
const keyLen = 32

// largestKey is the size in bytes above which the key's file is not read.
const largestKey = 4 * keyLen

// LoadKey reads the key from the file path, and makes the file first when there is none: random, mode 0600 from its
// first instant, in a directory of mode 0700. Of several processes that make it at once, all use the key of the first.
//
// A file that does not hold a key is an error and stays: no crash leaves one, and with another key no fingerprint in
// the ledger would match any more.
func LoadKey(path string) (Key, error) {
	text, info, err := atomicfile.ReadRegular(path, largestKey)
	if errors.Is(err, fs.ErrNotExist) {
		if err := createKey(path); err != nil {
			return nil, atomicfile.Failed("cannot create the fingerprint key "+path, err)
		}
		atomicfile.Clean(path, time.Now()) // processes may have been killed before their key had its name
		text, info, err = atomicfile.ReadRegular(path, largestKey)
	}
	if err != nil {
		return nil, atomicfile.Failed("cannot read the fingerprint key "+path, err)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Nlink > 1 {
		atomicfile.Clean(path, time.Now()) // a process was killed while the key had two names
	}
	key, err := hex.DecodeString(strings.TrimSuffix(string(text), "\n"))
	if err != nil || len(key) != keyLen {
		return nil, fmt.Errorf("%s is damaged: it should have %d hexadecimal digits", path, 2*keyLen)
	}
	return key, nil
}

// NewKey returns a random key, which is in no file.
func NewKey() Key {
	random := make([]byte, keyLen)
	rand.Read(random) // never returns an error
	return random
}

// createKey makes the file, unless another process has made it already.
func createKey(path string) error {
	text := hex.EncodeToString(NewKey()) + "\n"
	err := atomicfile.Write(path, []byte(text), atomicfile.Options{Exclusive: true, MkdirParents: true})
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}
