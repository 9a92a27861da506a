package secret

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
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
		if linkedTwice(path) {
			cleanKeys(path)
		}
		return key, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("create the directory of the fingerprint key: %w", err)
	}
	if err := createKey(path); err != nil {
		return nil, fmt.Errorf("create the fingerprint key: %w", err)
	}
	cleanKeys(path)
	return readKey(path)
}

func readKey(path string) (Key, error) {
	text, _, err := atomicfile.ReadRegular(path, 4*keyLen)
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
	tmp, err := os.CreateTemp(filepath.Dir(path), temporaryKey) // CreateTemp opens with O_EXCL and mode 0600
	if err != nil {
		return err
	}
	defer func() {
		_ = os.Remove(tmp.Name()) // what stays is cleaned with the next key, or by whoever reads a key with two names
		_ = tmp.Close()           // it is synced: there is nothing left to lose
	}()
	_ = flock(tmp, unix.LOCK_EX) // says that somebody is at work on it; without such locks nobody cleans
	text := hex.EncodeToString(random) + "\n"
	if _, err := tmp.WriteString(text); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if info, err := tmp.Stat(); err != nil || info.Size() != int64(len(text)) {
		return errors.Join(fmt.Errorf("%s was not written whole", tmp.Name()), err)
	}
	err = os.Link(tmp.Name(), path)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if _, there := os.Lstat(path); errors.Is(err, fs.ErrNotExist) && there == nil {
		return nil // another process was first, and has cleaned this one away before it was locked
	}
	return err
}

// temporaryKey is the pattern of a temporary's name.
const temporaryKey = ".key-*"

// linkedTwice reports whether a process was killed between giving the key its name and taking the temporary one away.
func linkedTwice(path string) bool {
	info, err := os.Lstat(path)
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink > 1
}

// cleanKeys removes the temporaries that killed processes have left beside the key. They harm nobody where they cannot
// be removed.
func cleanKeys(path string) {
	names, _ := filepath.Glob(filepath.Join(quoteGlob(filepath.Dir(path)), temporaryKey)) // no pattern error: see quoteGlob
	for _, name := range names {
		file, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
		if err != nil {
			continue
		}
		if flock(file, unix.LOCK_EX|unix.LOCK_NB) == nil {
			_ = os.Remove(name)
		}
		_ = file.Close() // only read
	}
}

// quoteGlob makes a pattern that matches a path alone.
func quoteGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

func flock(file *os.File, how int) error {
	for {
		if err := unix.Flock(int(file.Fd()), how); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
