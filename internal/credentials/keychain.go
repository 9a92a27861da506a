package credentials

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// KeychainStore is the item of the macOS keychain in which the client keeps its credentials. It uses the system's tool
// `security`, as the client does. When there is no such item it uses the file, as the client does too.
//
// A secret is never an argument of `security`, where `ps` would show it. It is passed on standard input.
type KeychainStore struct {
	Tool    string // the path of security
	Service string
	Account string
	Env     []string // of the processes started
	File    *FileStore
	Timeout time.Duration // of one call: a locked keychain may show a dialog that nobody sees
}

// keychainTimeout is the time limit of one call; the client's own is 10 s (2.1.165, read).
const keychainTimeout = 10 * time.Second

// maxCommandLine is the longest line, in bytes, that `security -i` is given: it cuts at 4096.
const maxCommandLine = 4032

// NewKeychainStore returns the item that the client uses in env (2.1.165 and 2.1.330, read). When a variable names the
// directory of the credentials, the item's service has a suffix made from that name. A missing or unusual account name
// is replaced. Unlike the client it does not ask the password database when USER is not set, which every login session
// of macOS sets.
func NewKeychainStore(env paths.Env, file *FileStore) *KeychainStore {
	service := claude.KeychainService
	dir, named := env.Lookup(claude.EnvStorageDir)
	if !named {
		dir = env.Get(claude.EnvConfigDir)
	}
	if dir != "" {
		service += fmt.Sprintf("-%x", sha256.Sum256([]byte(dir)))[:1+claude.KeychainSuffix]
	}
	account := env.Get("USER")
	if !plainAccount(account) {
		account = claude.KeychainAccount
	}
	return &KeychainStore{
		Tool: "/usr/bin/security", Service: service, Account: account,
		Env: env.Environ(), File: file, Timeout: keychainTimeout,
	}
}

// plainAccount reports whether the client uses the account name as it is.
func plainAccount(name string) bool {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
	return name != "" && strings.Trim(name, plain) == ""
}

// KeychainError says what `security` failed at. It contains none of its output, which may hold secrets.
type KeychainError struct {
	Service string
	Locked  bool // the keychain is locked, or nobody answered its dialog
	Msg     string
}

func (e *KeychainError) Error() string { return fmt.Sprintf("keychain item %q: %s", e.Service, e.Msg) }

// Hint says what helps.
func (e *KeychainError) Hint() string {
	if e.Locked {
		return "run 'security unlock-keychain' and try again"
	}
	return "run 'claude-auth doctor'"
}

// IsKeychainLocked reports whether err says that the keychain is locked.
func IsKeychainLocked(err error) bool {
	var keychain *KeychainError
	return errors.As(err, &keychain) && keychain.Locked
}

// describe names the item for people.
func (k *KeychainStore) describe() string { return fmt.Sprintf("keychain item %q", k.Service) }

// Read implements Store.
func (k *KeychainStore) Read(ctx context.Context) (Snapshot, error) {
	s, err := k.readItem(ctx)
	if err != nil || s.Exists {
		s.addConsole(k.File.GlobalConfig)
		return s, err
	}
	return k.File.Read(ctx)
}

// readItem reads the item alone.
func (k *KeychainStore) readItem(ctx context.Context) (Snapshot, error) {
	s := Snapshot{Path: k.describe()}
	out, status, err := k.security(ctx, nil, "find-generic-password", "-a", k.Account, "-w", "-s", k.Service)
	switch {
	case err != nil:
		s.Err = err
		return s, err
	case status == itemNotFound:
		s.Doc = Empty()
		return s, nil
	case status != 0:
		s.Err = k.failure("read", status)
		return s, s.Err
	}
	s.Exists, s.Data = true, itemBytes(out)
	s.Size = int64(len(s.Data))
	if s.Doc, err = Parse(s.Data); err != nil {
		s.Doc, s.Err = nil, fmt.Errorf("read %s: %w", k.describe(), err)
	}
	return s, nil
}

// itemBytes undoes what `security … -w` does to an item: it adds a newline, and prints an item that has a line break or
// bytes above ASCII as hex digits.
func itemBytes(out []byte) []byte {
	out = bytes.TrimSuffix(out, []byte("\n"))
	if len(out) > 0 && len(out)%2 == 0 {
		if data, err := hex.DecodeString(string(out)); err == nil && bytes.ContainsRune(data, '{') {
			return data
		}
	}
	return out
}

// Replace implements Store.
func (k *KeychainStore) Replace(ctx context.Context, change bytesChange) error {
	return k.File.withLocks(ctx, k.describe(), "", func(held *lock.Held) error {
		return k.replaceLocked(ctx, held, change)
	})
}

func (k *KeychainStore) replaceLocked(ctx context.Context, held *lock.Held, change bytesChange) error {
	current, err := k.readItem(ctx)
	if err != nil {
		return err
	}
	if !current.Exists {
		if file, err := k.File.Read(ctx); err != nil || file.Exists {
			return k.File.replaceLocked(ctx, held, change)
		}
	}
	data, err := change(current)
	if err != nil || !differs(current, data) {
		return err
	}
	if err := held.Check(); err != nil {
		return lockError(k.describe(), err)
	}
	if data == nil {
		return k.deleteItem(ctx)
	}
	if err := k.writeItem(ctx, data); err != nil {
		return err
	}
	return k.verify(context.WithoutCancel(ctx), current, data)
}

// verify reads the item again, because `security -i` ends with status 0 even when its command failed. When the item is
// neither the new nor the old one, verify tries to restore the old one.
func (k *KeychainStore) verify(ctx context.Context, before Snapshot, data []byte) error {
	after, err := k.readItem(ctx)
	if err == nil && after.Exists && bytes.Equal(after.Data, data) {
		return nil
	}
	failure := also(k.fail(IsKeychainLocked(err), "the new credentials were not stored"), err)
	if err == nil && before.Exists && !bytes.Equal(after.Data, before.Data) {
		failure = also(failure, k.writeItem(ctx, before.Data))
	}
	return failure
}

func (k *KeychainStore) writeItem(ctx context.Context, data []byte) error {
	line := fmt.Sprintf("add-generic-password -U -a \"%s\" -s \"%s\" -X \"%x\"\n", k.Account, k.Service, data)
	if len(line) > maxCommandLine {
		return k.fail(false, fmt.Sprintf("%d bytes of credentials do not fit into one command of security, and as an "+
			"argument every process could read them; nothing was changed", len(data)))
	}
	_, status, err := k.security(ctx, []byte(line), "-i")
	if err == nil && status != 0 {
		err = k.failure("write", status)
	}
	return err
}

func (k *KeychainStore) deleteItem(ctx context.Context) error {
	_, status, err := k.security(ctx, nil, "delete-generic-password", "-a", k.Account, "-s", k.Service)
	if err == nil && status != 0 && status != itemNotFound {
		err = k.failure("delete", status)
	}
	return err
}

// Exit statuses of security: the last byte of the OSStatus.
const (
	interactionNotAllowed = 36  // errSecInteractionNotAllowed: locked, and no dialog may be shown
	itemNotFound          = 44  // errSecItemNotFound
	authorisationFailed   = 51  // errSecAuthFailed
	cancelledByUser       = 128 // userCanceledErr
)

func (k *KeychainStore) failure(what string, status int) error {
	switch status {
	case interactionNotAllowed, authorisationFailed:
		return k.fail(true, "the keychain is locked")
	case cancelledByUser:
		return k.fail(true, "access was not allowed")
	}
	return k.fail(false, fmt.Sprintf("security could not %s it (status %d)", what, status))
}

func (k *KeychainStore) fail(locked bool, msg string) error {
	return &KeychainError{Service: k.Service, Locked: locked, Msg: msg}
}

// security runs the tool. It drops the tool's standard error, which may repeat its input.
func (k *KeychainStore) security(
	ctx context.Context, stdin []byte, args ...string,
) (out []byte, status int, err error) {
	limited, cancel := context.WithTimeout(ctx, k.Timeout)
	defer cancel()
	command := exec.CommandContext(limited, k.Tool, args...)
	command.Env, command.Stdin = k.Env, bytes.NewReader(stdin)
	command.WaitDelay = time.Second
	out, err = command.Output()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return out, 0, nil
	case ctx.Err() != nil:
		return nil, 0, ctx.Err()
	case limited.Err() != nil:
		return nil, 0, k.fail(true, fmt.Sprintf("security gave no answer within %s", k.Timeout))
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return nil, exit.ExitCode(), nil
	}
	return nil, 0, fmt.Errorf("run %s: %w", k.Tool, err)
}
