package credentials

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// primaryKey is where the key of a Console sign-in is in the global config.
var primaryKey = Path{{Name: claude.PrimaryKey, Key: true}}

// ConsoleKey returns the key of a Console sign-in in the client's global config, whether the client uses it or not. It
// is empty where there is none, and where the file cannot be understood: the client itself does not start then.
func ConsoleKey(globalConfig string) secret.Secret {
	if globalConfig == "" {
		return secret.Secret{}
	}
	return consoleKeyIn(ReadFile(globalConfig).Doc)
}

func consoleKeyIn(doc *Document) secret.Secret {
	if doc == nil {
		return secret.Secret{}
	}
	var raw []byte
	for _, m := range doc.members { // of two equal keys the last one counts, as for the client
		if keyEqual(m.key.of(doc.data), claude.PrimaryKey) {
			raw = m.value.of(doc.data)
		}
	}
	return secret.New(stringOf(raw))
}

// addConsole notes the Console key in a snapshot where the client uses it: no saved login serves the model.
func (s *Snapshot) addConsole(globalConfig string) {
	if s.wantsConsole() {
		s.Console = ConsoleKey(globalConfig)
	}
}

// wantsConsole reports whether the client would use the key of a Console sign-in.
func (s *Snapshot) wantsConsole() bool {
	login := s.Login()
	return s.Doc != nil && (login == nil || login.AccessToken.IsZero() || !login.ForModel())
}

// addConsoleOf is addConsole for a keychain: the client keeps the key in an item of its own, and reads the global
// config only where there is none. A keychain that can't be read has none.
func (s *Snapshot) addConsoleOf(ctx context.Context, k *KeychainStore) {
	if !s.wantsConsole() {
		return
	}
	service := claude.KeychainConsole + strings.TrimPrefix(k.Service, claude.KeychainService)
	if key, there, err := k.find(ctx, service); err == nil && there {
		s.Console = secret.New(string(bytes.TrimSpace(key)))
		return
	}
	s.addConsole(k.File.GlobalConfig)
}

// newGlobalStore is the client's global config at path, under the lock that the client takes for it.
func newGlobalStore(path string) *FileStore {
	return &FileStore{Path: path, Locks: lock.Beside(path), Wait: globalWait, Now: time.Now}
}

// globalWait is how long an edit of the global config waits for its lock. A client holds it for a few milliseconds.
const globalWait = 5 * time.Second

// ConsoleBackup is the part of a backup that holds the key of a Console sign-in.
type ConsoleBackup struct {
	File string `json:"file"` // the client's global config
	Path []byte `json:"path,omitempty"`
	Key  []byte `json:"key"` // the JSON value, as it was written
}

// KeepConsole returns what a backup needs to restore the Console key in the global config, or nil when there is none.
func KeepConsole(globalConfig string) *ConsoleBackup {
	doc := ReadFile(globalConfig).Doc
	if consoleKeyIn(doc).IsZero() {
		return nil
	}
	raw, ok, err := doc.At(primaryKey)
	if err != nil || !ok {
		return nil // it is there twice: nothing is edited there
	}
	return &ConsoleBackup{File: globalConfig, Path: pathBytes(globalConfig), Key: slices.Clone(raw)}
}

// RestoreConsole puts the Console key of a backup into the global config, when that has none now. It leaves every other
// byte as it is. restored is false when there was nothing to do, and kept when another key is there.
func (b *Backup) RestoreConsole(ctx context.Context) (restored, kept bool, err error) {
	if b == nil || b.Console == nil {
		return false, false, nil
	}
	err = Update(ctx, newGlobalStore(b.Console.file()), func(current Snapshot) (*Document, error) {
		restored, kept = false, false
		raw, ok, err := current.Doc.At(primaryKey)
		switch {
		case err != nil:
			return nil, err
		case ok && !secret.New(stringOf(raw)).IsZero():
			kept = string(raw) != string(b.Console.Key)
			return current.Doc, nil
		}
		restored = true
		return current.Doc.SetAt(primaryKey, b.Console.Key)
	})
	return restored && err == nil, kept, err
}

func (c *ConsoleBackup) file() string {
	if len(c.Path) > 0 {
		return filepath.Clean(string(c.Path))
	}
	return c.File
}
