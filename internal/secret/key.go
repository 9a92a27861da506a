package secret

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Key keys the fingerprints of one user on one machine.
type Key []byte

// keyLen is the length of a key in bytes.
const keyLen = 32

// LoadKey reads the key in the file path, and makes it first where there is none: random, mode 0600 from its first
// instant, in a directory of mode 0700. Processes that come at once agree on one key, because the first hard link wins.
//
// A file that is no key (a crash cannot leave one, an editor can) is an error and stays: with another key every
// fingerprint in the ledger would be worth nothing.
func LoadKey(path string) (Key, error) {
	key, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("create the directory of the fingerprint key: %w", err)
	}
	if err := createKey(path); err != nil {
		return nil, fmt.Errorf("create the fingerprint key: %w", err)
	}
	return readKey(path)
}

func readKey(path string) (Key, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the fingerprint key: %w", err)
	}
	if len(text) > 0 && text[len(text)-1] == '\n' {
		text = text[:len(text)-1]
	}
	key, err := hex.DecodeString(string(text))
	if err != nil || len(key) != keyLen {
		return nil, fmt.Errorf("read the fingerprint key: %s: not a key (%d hex digits are expected)", path, 2*keyLen)
	}
	return key, nil
}

// createKey makes the file whole or not at all: written and synced under a temporary name, then linked. That the
// name is taken already is no error, another process was first.
func createKey(path string) error {
	random := make([]byte, keyLen)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".key-*") // CreateTemp opens with O_EXCL and mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(hex.EncodeToString(random) + "\n")
	if err == nil {
		err = tmp.Sync()
	}
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
