package guard

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// expiry is where the end of the access token is in the document.
var expiry = credentials.Path{{Name: claude.LoginKey, Key: true}, {Name: claude.ExpiresAtKey, Key: true}}

// advance is an access token whose end was moved into the past, so that the client renews it ahead of time. The client
// renews only from claude.RenewMargin before that end.
type advance struct {
	access  secret.Secret
	was     []byte // the end as it was written; nil when there was none
	written []byte // what is in its place
}

// sure is how much less than claude.RenewMargin the access token must have left before the guard counts on the client.
const sure = time.Minute

// advance moves the end of the access token into the past under the client's locks, when the client would not renew it
// yet. It returns nil when there is nothing to move.
func (g *Guard) advance(ctx context.Context, login *credentials.Login) (*advance, error) {
	now := g.Now()
	if !login.ExpiresAt.IsZero() && login.ExpiresAt.Sub(now) <= claude.RenewMargin-sure {
		return nil, nil
	}
	written := strconv.AppendInt(nil, now.Add(-time.Second).UnixMilli(), 10)
	made := &advance{access: login.AccessToken, written: written}
	err := credentials.Update(ctx, g.Store, func(current credentials.Snapshot) (*credentials.Document, error) {
		if saved := current.Login(); saved == nil || !saved.AccessToken.Equal(login.AccessToken) {
			made = nil // another process has renewed it, or signed in
			return current.Doc, nil
		}
		raw, ok, err := current.Doc.At(expiry)
		if err != nil {
			return nil, err
		}
		if ok {
			made.was = bytes.Clone(raw)
		}
		return current.Doc.SetAt(expiry, written)
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// undo sets the end back as it was written, where the tokens are still the same.
func (g *Guard) undo(ctx context.Context, made *advance) error {
	if made == nil {
		return nil
	}
	return credentials.Update(ctx, g.Store, func(current credentials.Snapshot) (*credentials.Document, error) {
		saved := current.Login()
		raw, ok, err := current.Doc.At(expiry)
		if err != nil || !ok || saved == nil || !saved.AccessToken.Equal(made.access) || !bytes.Equal(raw, made.written) {
			return current.Doc, err
		}
		if made.was == nil {
			return current.Doc.DeleteAt(expiry)
		}
		return current.Doc.SetAt(expiry, made.was)
	})
}

// end is the end of the access token as it was written, zero when there was none.
func (a *advance) end() time.Time {
	ms, err := strconv.ParseInt(string(a.was), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
