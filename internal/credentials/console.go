package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
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

// SavedKey is the key of a Console sign-in, whether the client uses it or not, and where it is saved. It is zero where
// there is none.
type SavedKey struct {
	Key  secret.Secret
	File string // the client's global config
	Item string // the item of the keychain that has it; "" when the file has it
}

// Place is where the key is saved, for people.
func (s SavedKey) Place() string { return placeName(s.File, s.Item) }

// FindConsoleKey finds the key of a Console sign-in. With a keychain the client reads the global config only when no
// item has a key. A keychain that can't be read has none.
func FindConsoleKey(ctx context.Context, store Store, globalConfig string) SavedKey {
	if k, ok := store.(*KeychainStore); ok {
		service := k.consoleService()
		if text, there, err := k.find(ctx, service); err == nil && there {
			return SavedKey{Key: secret.New(string(bytes.TrimSpace(text))), File: globalConfig, Item: service}
		}
	}
	return SavedKey{Key: ConsoleKey(globalConfig), File: globalConfig}
}

// newGlobalStore is the client's global config at path, under the lock that the client takes for it.
func newGlobalStore(path string) *FileStore {
	return &FileStore{Path: path, Locks: lock.Beside(path), Wait: globalWait, Now: time.Now}
}

// globalWait is how long an edit of the global config waits for its lock. A client holds it for a few milliseconds.
const globalWait = 5 * time.Second

// ConsoleBackup is the part of a backup that holds the key of a Console sign-in.
type ConsoleBackup struct {
	File string `json:"file"`           // the client's global config
	Item string `json:"item,omitempty"` // the item of the keychain that had the key; "" when the file had it
	Path []byte `json:"path,omitempty"`
	Key  []byte `json:"key"` // the JSON value, as it was written
}

// Place is where the key was saved, for people.
func (c *ConsoleBackup) Place() string { return placeName(c.file(), c.Item) }

// KeepConsole returns what a backup needs to restore the Console key where it is now, or nil when there is none.
func KeepConsole(ctx context.Context, store Store, globalConfig string) *ConsoleBackup {
	saved := FindConsoleKey(ctx, store, globalConfig)
	if saved.Key.IsZero() {
		return nil
	}
	kept := &ConsoleBackup{File: globalConfig, Item: saved.Item, Path: pathBytes(globalConfig)}
	if saved.Item != "" {
		kept.Key, _ = json.Marshal(saved.Key.Reveal()) // a string can always be written
		return kept
	}
	raw, ok, err := ReadFile(globalConfig).Doc.At(primaryKey)
	if err != nil || !ok {
		return nil // it is there twice: nothing is edited there
	}
	kept.Key = slices.Clone(raw)
	return kept
}

// RestoreConsole puts the Console key of a backup where it was, when there is none now. It leaves every other byte of
// the global config as it is. restored is false when there was nothing to do, and kept when another key is there.
func (b *Backup) RestoreConsole(ctx context.Context, store Store) (restored, kept bool, err error) {
	if b == nil || b.Console == nil {
		return false, false, nil
	}
	if k, ok := store.(*KeychainStore); ok && b.Console.Item != "" {
		return k.restoreConsole(ctx, b.Console)
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
