package credentials

import (
	"context"
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// consoleService is the service of the item with the key of a Console sign-in. Each sign-in of the client deletes it
// (read, darwin 2.1.332).
func (k *KeychainStore) consoleService() string {
	return claude.KeychainConsole + strings.TrimPrefix(k.Service, claude.KeychainService)
}

// addConsole notes the Console key in a snapshot where the client uses it.
func (k *KeychainStore) addConsole(ctx context.Context, s *Snapshot) {
	if s.wantsConsole() {
		saved := FindConsoleKey(ctx, k, k.File.GlobalConfig)
		s.Console, s.ConsoleItem = saved.Key, saved.Item
	}
}

// restoreConsole stores a key in its item as the client does, unless the client has a key there or in its global
// config.
func (k *KeychainStore) restoreConsole(ctx context.Context, backup *ConsoleBackup) (restored, kept bool, err error) {
	key := secret.New(stringOf(backup.Key))
	if now := FindConsoleKey(ctx, k, backup.file()).Key; !now.IsZero() {
		return false, now != key, nil
	}
	line := k.lineFor(k.consoleService(), []byte(key.Reveal()))
	if line == nil {
		return false, false, &KeychainError{Service: k.consoleService(), TooLong: true, Msg: "the key is too long"}
	}
	if err := k.add(ctx, line); err != nil {
		return false, false, err
	}
	return true, false, nil
}
