package standin

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// login is the member claudeAiOauth as the client reads it: a value of the wrong type counts as missing.
type login struct {
	access, refresh string
	expires         time.Time // zero: never
	limited         bool      // its scopes are not for the model: it is passed over
}

// expiryMargin is how long before its expiry the client treats an access token as expired (2.1.165, 2.1.330).
const expiryMargin = 5 * time.Minute

func (l login) expired(now time.Time) bool {
	return !l.expires.IsZero() && !now.Add(expiryMargin).Before(l.expires)
}

// credentials reads the whole document.
func (c *client) credentials() *object {
	if tool, _, _ := c.keychain(); tool != "" {
		if item, _ := c.readItem(); item != nil {
			return item
		}
	}
	return readObject(c.paths.Credentials)
}

// savedLogin is the login in the document; ok is false without one.
func savedLogin(doc *object) (l login, ok bool) {
	member := get[*object](doc, claude.LoginKey)
	if member == nil {
		return login{}, false
	}
	l.access, l.refresh = get[string](member, "accessToken"), get[string](member, "refreshToken")
	if ms, ok := milliseconds(member.values["expiresAt"]); ok {
		l.expires = time.UnixMilli(ms)
	}
	scopes := get[[]any](member, claude.ScopesKey)
	l.limited = !slices.Contains(scopes, any(claude.InferenceScope))
	return l, true
}

// milliseconds reads a number, or a string of one, as JavaScript's comparison does.
func milliseconds(value any) (int64, bool) {
	var text string
	switch v := value.(type) {
	case json.Number:
		text = v.String()
	case string:
		text = v
	default:
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return int64(f), err == nil
}

func number(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

// store changes the document under the client's storage lock. When another process holds the lock for too long, it
// writes nothing and says nothing, like the client (2.1.165, 2.1.330).
func (c *client) store(ctx context.Context, change func(*object)) error {
	if err := os.MkdirAll(c.paths.StorageDir, 0o700); err != nil {
		return fmt.Errorf("write the credentials: %w", err)
	}
	release, err := takeLock(ctx, c.storageLock(), c.Now)
	if errors.Is(err, errLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	defer release()
	if tool, _, _ := c.keychain(); tool != "" {
		item, failed := c.readItem()
		if failed {
			return nil // and the client says nothing of it
		}
		doc := c.credentials()
		change(doc)
		return c.storeInKeychain(doc, item != nil)
	}
	doc := c.credentials()
	change(doc)
	return replaceFile(c.paths.Credentials, stringify(doc))
}

// replaceFile writes a file as the client does: beside it as <file>.tmp.<8 hex digits>, then over it. A symbolic link
// is replaced, not followed (measured on 2.1.165, 2.1.330 and 2.1.332).
func replaceFile(path string, text []byte) error {
	random := make([]byte, 4)
	_, _ = rand.Read(random) // never fails (crypto/rand)
	tmp := path + ".tmp." + hex.EncodeToString(random)
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the credentials: %w", err)
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if errors.Is(err, unix.EBUSY) { // a mount point is written in place (2.1.165, 2.1.330, 2.1.332)
		return errors.Join(os.WriteFile(path, text, 0o600), os.Remove(tmp))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write the credentials: %w", err), os.Remove(tmp))
	}
	_ = os.Chmod(path, 0o600) // where it is refused the client goes on (2.1.165, 2.1.330, 2.1.332)
	return nil
}
