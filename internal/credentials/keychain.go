package credentials

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// KeychainStore is where the client keeps its credentials on macOS: an item of the keychain, or the file where that has
// none. It decides between the two as the client does (package claude). It uses the system's tool `security`, as the
// client does too.
//
// A token is never an argument of `security`, where `ps` would show it. It is passed on standard input. The size of a
// document is bounded by that. A longer one is sealed, where the client can read that: then an argument has
// its larger part, encrypted.
type KeychainStore struct {
	Tool    string // the path of security
	Service string
	Account string
	Env     []string // of the processes started
	File    *FileStore
	Timeout time.Duration // of one call: a locked keychain may show a dialog that nobody sees

	// Version, unless nil, is the version of the client, 0 when that is unknown: it decides whether a document that is too
	// long may be sealed.
	Version func() claude.Version
}

// keychainTimeout is the time limit of one call. It is longer than the client's: a person may be looking at the dialog.
const keychainTimeout = 10 * time.Second

// NewKeychainStore returns the store that the client uses in env, with tool as the program `security`.
func NewKeychainStore(tool string, env paths.Env, file *FileStore) *KeychainStore {
	service := claude.KeychainService
	dir, named := env.Lookup(claude.EnvStorageDir)
	if !named {
		dir = env.Get(claude.EnvConfigDir)
	}
	if dir != "" {
		service += fmt.Sprintf("-%x", sha256.Sum256([]byte(norm.NFC.String(dir))))[:1+claude.KeychainSuffix]
	}
	return &KeychainStore{
		Tool: tool, Service: service, Account: keychainAccount(env),
		Env: env.Environ(), File: file, Timeout: keychainTimeout,
	}
}

// keychainAccount is the account of the client's items. `id` asks the system, as the client does without USER.
func keychainAccount(env paths.Env) string {
	name := env.Get("USER")
	if name == "" {
		ctx, cancel := context.WithTimeout(context.Background(), keychainTimeout)
		defer cancel()
		out, _ := exec.CommandContext(ctx, "/usr/bin/id", "-un").Output() // no name is one that is not plain
		name = strings.TrimSpace(string(out))
	}
	if name == "" || strings.Trim(name, claude.KeychainPlain) != "" {
		return claude.KeychainAccount
	}
	return name
}

// itemName names an item for people.
func itemName(service string) string { return fmt.Sprintf("keychain item %q", service) }

// Read implements Store. The snapshot is of the item or of the file: of what the client reads.
func (k *KeychainStore) Read(ctx context.Context) (Snapshot, error) {
	it, err := k.readItem(ctx)
	if ctx.Err() != nil {
		return it.Snapshot, err
	}
	if it.counts {
		it.ModTime, _ = k.Changed(ctx) // without it a failure may be taken for one of this login
		k.addConsole(ctx, &it.Snapshot)
		return it.Snapshot, nil
	}
	file, fileErr := k.File.Read(ctx)
	switch {
	case fileErr != nil || file.Exists:
		return file, fileErr
	case err != nil || it.Exists:
		return it.Snapshot, err
	}
	it.Doc = Empty()
	k.addConsole(ctx, &it.Snapshot)
	return it.Snapshot, nil
}

// item is the item of the keychain as it was read.
type item struct {
	Snapshot
	raw    []byte // the bytes in the item itself
	sealed []byte // the text of the second item, of a sealed one
	counts bool   // the client uses it, and not the file
}

// readItem reads the item alone. The error is in the snapshot too.
func (k *KeychainStore) readItem(ctx context.Context) (item, error) {
	it := item{Snapshot: Snapshot{Path: k.File.Path, Item: k.Service}}
	text, there, err := k.find(ctx, k.Service)
	if err != nil || !there {
		it.Err = err
		return it, err
	}
	text, hexed := fromHex(text)
	it.raw, it.Data, it.Exists, it.Size = text, text, true, int64(len(text))
	it.counts = !hexed && json.Valid(text) && !bytes.Equal(bytes.TrimSpace(text), []byte("null"))
	if it.Doc, err = Parse(text); err != nil {
		it.Doc, it.Err = nil, fileError(itemName(k.Service), err)
		return it, nil
	}
	if hexed {
		it.Doc, it.Err = nil, &HexItemError{Service: k.Service}
		return it, nil
	}
	if err := k.unseal(ctx, &it); err != nil {
		it.Doc, it.Err, it.counts = nil, err, false
		return it, err
	}
	return it, nil
}

// Replace implements Store.
func (k *KeychainStore) Replace(ctx context.Context, change bytesChange) error {
	return withRemedy(k.File.withLocks(ctx, k.File.Path, "", func(held *lock.Held) error {
		return k.replaceLocked(ctx, held, change)
	}))
}

func (k *KeychainStore) replaceLocked(ctx context.Context, held *lock.Held, change bytesChange) error {
	current, err := k.readItem(ctx)
	if err != nil && !IsKeychainLocked(err) {
		return err
	}
	if !current.counts {
		file, fileErr := k.File.Read(ctx)
		if fileErr != nil || file.Exists {
			return k.File.replaceLocked(ctx, held, change)
		}
		if err != nil {
			return err
		}
	}
	if !current.Exists {
		current.Doc = Empty()
	}
	data, err := change(current.Snapshot)
	if err != nil || !differs(current.Snapshot, data) {
		return err
	}
	return k.store(ctx, held, current, data)
}

// store changes the item, after it has made sure that the change can be undone.
func (k *KeychainStore) store(ctx context.Context, held *lock.Held, current item, data []byte) error {
	forms, err := k.formsOf(current, data)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := held.Check(); err != nil {
		return lockError(k.File.Path, err)
	}
	// From here on an interruption would leave it open what is stored.
	ctx = context.WithoutCancel(ctx)
	if forms.after == nil {
		return k.remove(ctx, current)
	}
	err = k.write(ctx, forms.after)
	if err == nil {
		err = k.check(ctx, forms.after)
	}
	if err == nil && len(current.sealed) > 0 && forms.after.slot == "" {
		err = k.dropSlots(ctx)
	}
	if err == nil {
		return nil
	}
	return k.putBack(ctx, current, forms.before, err)
}

// check makes sure that the item is what security says that it has stored or, with nil, deleted.
func (k *KeychainStore) check(ctx context.Context, want *form) error {
	now, err := k.readItem(ctx)
	if err != nil {
		return err
	}
	if want == nil && now.Exists || want != nil && !bytes.Equal(now.raw, want.text) {
		return k.fail(false, "security reported no error, but did not change it")
	}
	return nil
}

// putBack stores what was there before a change that has failed, unless it is there still.
func (k *KeychainStore) putBack(ctx context.Context, was item, before *form, failure error) error {
	now, err := k.readItem(ctx)
	switch {
	case err != nil:
		return failure // nothing can be written where nothing can be read
	case now.Exists == was.Exists && bytes.Equal(now.raw, was.raw) && bytes.Equal(now.sealed, was.sealed):
		return failure
	case before == nil:
		return also(failure, k.delete(ctx, k.Service))
	}
	return also(failure, k.write(ctx, before))
}

// forms are the forms in which the item is written before and after a change; nil for no item.
type forms struct{ before, after *form }

// formsOf finds the forms. What cannot be written back is not touched.
func (k *KeychainStore) formsOf(current item, data []byte) (f forms, err error) {
	if current.Exists {
		if f.before, err = k.formOf(current, current.Data); err != nil {
			return forms{}, err
		}
	}
	if data != nil {
		if f.after, err = k.formOf(current, data); err != nil {
			return forms{}, err
		}
	}
	return f, nil
}

// remove removes the item, and leaves an empty one where the client would go on with the file.
func (k *KeychainStore) remove(ctx context.Context, current item) error {
	if file, err := k.File.Read(ctx); err != nil || file.Exists {
		form, err := k.formOf(current, []byte(strings.TrimSpace(claude.EmptyCredentials)))
		if err != nil {
			return err
		}
		if err := k.write(ctx, form); err != nil {
			return err
		}
		return k.check(ctx, form)
	}
	if err := k.delete(ctx, k.Service); err != nil {
		return err
	}
	if err := k.check(ctx, nil); err != nil {
		return err
	}
	if len(current.sealed) > 0 {
		return k.dropSlots(ctx)
	}
	return nil
}

// write stores a form and reads it again: `security -i` may end with status 0 though its command failed.
func (k *KeychainStore) write(ctx context.Context, f *form) error {
	if f.slot != "" {
		if err := k.addSealed(ctx, f); err != nil {
			return err
		}
	}
	if err := k.add(ctx, f.line); err != nil {
		return err
	}
	text, there, err := k.find(ctx, k.Service)
	if err != nil {
		return err
	}
	if text, _ = fromHex(text); !there || !bytes.Equal(text, f.text) {
		return k.fail(false, "the new value was not saved")
	}
	return nil
}

// Repair writes an item again that the client cannot read, because it has characters that are not ASCII. It reports
// whether there was one.
func (k *KeychainStore) Repair(ctx context.Context) (repaired bool, err error) {
	err = k.File.withLocks(ctx, k.File.Path, "", func(held *lock.Held) error {
		current, err := k.readItem(ctx)
		if err != nil || !errors.As(current.Err, new(*HexItemError)) {
			return err
		}
		repaired = true
		return k.store(ctx, held, current, current.Data)
	})
	return repaired && err == nil, err
}

// HexItemError says that the client cannot read the item: `security` prints it as hex digits.
type HexItemError struct{ Service string }

func (e *HexItemError) Error() string {
	return fmt.Sprintf("Claude Code can't read the %s: it has characters that are not ASCII", itemName(e.Service))
}

// Hint says what helps.
func (e *HexItemError) Hint() string {
	return "run 'claude-auth doctor --fix' to write it in a form that Claude Code can read"
}
