package credentials

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// KeychainError says what `security` failed at. It contains none of its output, which may hold secrets.
type KeychainError struct {
	Service string
	Locked  bool // the client takes the item for absent: the keychain is locked
	Denied  bool // nobody allowed the access, or nobody could be asked
	TooLong bool // the item can't be written without showing it to other processes
	Msg     string
}

func (e *KeychainError) Error() string {
	if e.Locked {
		return cmp.Or(e.Msg, keychainLocked)
	}
	return fmt.Sprintf("%s: %s", itemName(e.Service), e.Msg)
}

// Hint says what helps.
func (e *KeychainError) Hint() string {
	switch {
	case e.Locked, e.Denied:
		return "run 'security unlock-keychain' and try again"
	case e.TooLong:
		return "run '" + claude.Program + " auth login' to sign in over the old login"
	}
	return "run 'claude-auth doctor'"
}

// IsKeychainLocked reports whether err says that the keychain is locked.
func IsKeychainLocked(err error) bool {
	var keychain *KeychainError
	return errors.As(err, &keychain) && keychain.Locked
}

// IsKeychainShut reports whether err says that the keychain is locked, or that nobody allowed the access.
func IsKeychainShut(err error) bool {
	var keychain *KeychainError
	return errors.As(err, &keychain) && (keychain.Locked || keychain.Denied)
}

// find returns what `security -w` prints of an item, without the newline that it adds. An item without a byte is none
// to the client.
func (k *KeychainStore) find(ctx context.Context, service string) (text []byte, there bool, err error) {
	out, status, err := k.security(ctx, nil, "find-generic-password", "-a", k.Account, "-w", "-s", service)
	switch {
	case err != nil:
		return nil, false, err
	case status == claude.KeychainNoItem:
		return nil, false, nil
	case status != 0:
		return nil, false, k.failure("read", status)
	case len(out) == 0: // it prints a newline even of an item without a byte
		return nil, false, k.fail(false, "security printed nothing")
	}
	text = bytes.TrimSuffix(out, []byte("\n"))
	return text, len(bytes.TrimSpace(text)) > 0, nil
}

// changed is the attribute of an item that says when it was changed.
var changed = regexp.MustCompile(`(?m)^ +"mdat"<timedate>=\S+ +"(\d{14})Z`)

// Changed returns when the item was changed last, to the second, and the zero time when there is none. It reads no
// secret, so that no dialog comes up when the keychain is locked.
func (k *KeychainStore) Changed(ctx context.Context) (time.Time, error) {
	out, status, err := k.security(ctx, nil, "find-generic-password", "-a", k.Account, "-s", k.Service)
	switch {
	case err != nil:
		return time.Time{}, err
	case status == claude.KeychainNoItem:
		return time.Time{}, nil
	case status != 0:
		return time.Time{}, k.failure("look at", status)
	}
	if m := changed.FindSubmatch(out); m != nil {
		if at, err := time.Parse("20060102150405", string(m[1])); err == nil {
			return at, nil
		}
	}
	return time.Time{}, k.fail(false, "security did not say when it was changed")
}

// add runs a line that stores an item.
func (k *KeychainStore) add(ctx context.Context, line []byte) error {
	_, status, err := k.security(ctx, line, "-i")
	if err == nil && status != 0 {
		err = k.failure("write", status)
	}
	return err
}

// delete deletes an item of this account, if there is one.
func (k *KeychainStore) delete(ctx context.Context, service string) error {
	_, status, err := k.security(ctx, nil, "delete-generic-password", "-a", k.Account, "-s", service)
	if err == nil && status != 0 && status != claude.KeychainNoItem {
		err = k.failure("delete", status)
	}
	return err
}

// Exit statuses of security: the last byte of the OSStatus.
const (
	statusInDarkWake    = 24  // errSecInDarkWake
	statusNeedsPerson   = 29  // errSecInteractionRequired
	statusNoKeychain    = 37  // errSecNoDefaultKeychain
	statusDuplicate     = 45  // errSecDuplicateItem
	statusNoSuchChain   = 50  // errSecNoSuchKeychain
	statusNotAuthorised = 51  // errSecAuthFailed
	statusCancelled     = 128 // userCanceledErr
)

const keychainLocked = "the keychain is locked"

// failure is the error for an exit status.
func (k *KeychainStore) failure(what string, status int) error {
	switch status {
	case claude.KeychainLocked:
		return k.fail(true, keychainLocked)
	case statusNotAuthorised, statusNeedsPerson:
		return k.denied("macOS needs your password for it, and could not ask you")
	case statusCancelled:
		return k.denied("macOS denied access to it")
	case statusInDarkWake:
		return k.denied("the Mac is asleep, and the keychain can't be used")
	case statusNoKeychain, statusNoSuchChain:
		return k.fail(false, "there is no default keychain")
	case statusDuplicate:
		return k.fail(false, "another item has this name")
	}
	return k.fail(false, fmt.Sprintf("security could not %s it (status %d)", what, status))
}

func (k *KeychainStore) fail(locked bool, msg string) error {
	return &KeychainError{Service: k.Service, Locked: locked, Msg: msg}
}

func (k *KeychainStore) denied(msg string) error {
	return &KeychainError{Service: k.Service, Denied: true, Msg: msg}
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
		return nil, 0, k.denied(fmt.Sprintf("security did not answer within %s", k.Timeout))
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return nil, exit.ExitCode(), nil
	case errors.As(err, &exit):
		return nil, 0, k.fail(false, "security was ended by a signal")
	}
	return nil, 0, fmt.Errorf("run %s: %w", k.Tool, err)
}
