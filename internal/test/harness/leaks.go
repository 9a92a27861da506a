package harness

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Baseline records which files under a directory have tokens from the beginning: a script's own files.
type Baseline map[string][sha256.Size]byte

// TakeBaseline reads the files under root.
func TakeBaseline(root string) (Baseline, error) {
	baseline := Baseline{}
	err := walk(root, func(path string, text []byte) {
		if Marked(text) {
			baseline[path] = sha256.Sum256(text)
		}
	})
	return baseline, err
}

// FindLeaks lists the files under root that contain a token but may not. Credentials, backups and files that have not
// changed since the beginning may.
func FindLeaks(root string, baseline Baseline) ([]string, error) {
	var leaks []string
	err := walk(root, func(path string, text []byte) {
		if mayHold(path) || !Marked(text) || baseline[path] == sha256.Sum256(text) {
			return
		}
		leaks = append(leaks, fmt.Sprintf("%s: …%s…", path, around(text)))
	})
	return leaks, err
}

// Marked reports whether text contains a token of a fixture, plain or in an encoding from which it can be read.
func Marked(text []byte) bool { return bytes.Contains(text, []byte(Mark)) }

// around is the text before a token.
func around(text []byte) string {
	at := bytes.Index(text, []byte(Mark))
	return strings.ToValidUTF8(string(text[max(0, at-60):at+len(Mark)]), "?")
}

// mayHold reports whether a file may contain tokens.
func mayHold(path string) bool {
	name := filepath.Base(path)
	return name == ".credentials.json" || strings.HasPrefix(name, ".credentials.json.tmp.") ||
		name == ".claude.json" || strings.HasPrefix(name, ".claude.json.") || // the key of a Console sign-in
		strings.HasPrefix(name, "kept-") || // what the script command `keep` has put aside
		strings.Contains(path, "/.keychain/") || // the stand-in keychain
		strings.Contains(path, "/claude-auth/backups/") || strings.Contains(path, "/.claude-auth-backups/")
}

func walk(root string, visit func(path string, text []byte)) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			return nil // gone meanwhile, or shut on purpose
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			return nil
		}
		if err == nil {
			visit(path, text)
		}
		return err
	})
}
