package guard

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/lock"
)

// site is where the renewer works.
//
// That is a directory of its own, with a copy of the credentials file in which the access token is over, while the
// keeper holds the client's locks of a renewal. So no other client ever sees a token that seems to be over: it would
// renew it by itself, unguarded (seen with -p, 2.1.332). And the new tokens are on the disk before they are moved into
// the credentials file: when that fails, or this process is killed, the next keeper finds them there.
//
// Where the login is in a keychain the renewer works in place, and the end of the access token is moved into the past.
type site struct {
	*Guard             // with the paths and the store that the renewer sees
	private bool       // it is a directory of its own
	adopted bool       // private: what it brought is in the credentials file
	held    *lock.Held // private: the locks of the real place
	made    *advance   // in place
}

// siteDir is the directory of the renewers' copies. Each is named after the access token that it renews.
func (g *Guard) siteDir() string { return filepath.Join(g.Paths.StateDir, "renewal") }

// isFile reports whether the login is in a file, and so can be renewed in a copy.
func (g *Guard) isFile() bool {
	_, isFile := g.Store.(*credentials.FileStore)
	return isFile && runtime.GOOS != "darwin"
}

// privateSite is the site for the login with that fingerprint of its access token. It may not exist.
func (g *Guard) privateSite(access string) *site {
	inner := *g
	dir := filepath.Join(g.siteDir(), access)
	inner.Paths.StorageDir, inner.Paths.Credentials = dir, filepath.Join(dir, claude.CredentialsFile)
	inner.Store = credentials.NewFileStore(inner.Paths.Credentials)
	return &site{Guard: &inner, private: true}
}

// open prepares a site for a login. The outcome of the result is "" unless there is nothing to renew any more, or no
// way to. close must be called.
func (g *Guard) open(ctx context.Context, login *credentials.Login) (*site, Result) {
	if !g.isFile() {
		made, err := g.advance(ctx, login)
		if err != nil {
			return nil, storeFailed(err)
		}
		return &site{Guard: g, made: made}, Result{}
	}
	held, err := lock.Client(g.Paths.StorageDir).Refresh().Acquire(ctx, longest)
	if err != nil {
		return nil, lockFailed(err)
	}
	s := g.privateSite(g.Ledger.Identify(login.AccessToken, login.RefreshToken).Access)
	s.held = held
	snapshot, err := g.Store.Read(ctx)
	now := snapshot.Login()
	switch {
	case err != nil:
		err = fmt.Errorf("read the saved login: %w", err)
	case now == nil || !now.AccessToken.Equal(login.AccessToken):
		s.close()
		if now != nil && now.ExpiresAt.After(g.Now()) {
			return nil, Result{Outcome: Renewed, ExpiresAt: now.ExpiresAt} // by a client, or a sign-in
		}
		return nil, Result{Outcome: Failed, Cause: "the saved login has changed meanwhile"}
	default:
		err = s.copy(snapshot.Doc)
	}
	if err != nil {
		s.close()
		return nil, storeFailed(err)
	}
	return s, Result{}
}

// copy writes the login of the document into the site, and nothing else of it, with an access token that is over.
func (s *site) copy(doc *credentials.Document) error {
	login, ok, err := doc.At(expiry[:1])
	if err != nil || !ok {
		return errors.Join(err, errors.New("the login is gone"))
	}
	alone, err := credentials.Empty().SetAt(expiry[:1], login)
	if err != nil {
		return err
	}
	over, err := alone.SetAt(expiry, strconv.AppendInt(nil, s.Now().Add(-time.Second).UnixMilli(), 10))
	if err != nil {
		return err
	}
	return atomicfile.Write(s.Paths.Credentials, over.Bytes(), atomicfile.Options{MkdirParents: true})
}

// workDir is a directory for what the renewer leaves beside the login.
func (g *Guard) workDir() string {
	if g.isFile() {
		return g.Paths.StorageDir // of the site
	}
	return emptyDir(g.Paths)
}

// close releases the locks. A lock that is lost, or cannot be removed, does no harm: it gets stale.
func (s *site) close() {
	if s.held != nil {
		_ = s.held.Release()
		s.held = nil
	}
}

// adopt moves the renewed login of a site into the credentials file, in place of the login with that access token. The
// locks of a renewal are held.
func (g *Guard) adopt(ctx context.Context, s *site, before *credentials.Login) error {
	renewed, err := s.Store.Read(ctx)
	if err != nil {
		return err
	}
	if renewed.Doc == nil {
		return renewed.Err
	}
	text, ok, err := renewed.Doc.At(expiry[:1])
	if err != nil || !ok {
		return errors.Join(err, errors.New("the renewed login is gone"))
	}
	file := *g.Store.(*credentials.FileStore)
	file.Locks = file.Locks.Storage()
	var after []byte
	err = credentials.Update(ctx, &file, func(current credentials.Snapshot) (*credentials.Document, error) {
		if saved := current.Login(); saved == nil || !saved.AccessToken.Equal(before.AccessToken) {
			return current.Doc, nil // somebody has signed in
		}
		doc, err := current.Doc.SetAt(expiry[:1], text)
		if err == nil {
			after = doc.Bytes()
		}
		return doc, err
	})
	if errors.Is(err, unix.EBUSY) && after != nil {
		err = overwrite(g.Paths.Credentials, after) // a mount point cannot be replaced; the client does the same
	}
	return err
}

// overwrite writes a file in place. What is lost when the machine fails in the middle is still in the site.
func overwrite(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// rescue adopts a renewed login that a keeper could not move into the credentials file, because it was killed, or
// because it could not write there. It returns the snapshot to go on with.
func (g *Guard) rescue(ctx context.Context, snapshot credentials.Snapshot) credentials.Snapshot {
	login := snapshot.Login()
	if login == nil || !g.isFile() {
		return snapshot
	}
	s := g.privateSite(g.Ledger.Identify(login.AccessToken, login.RefreshToken).Access)
	left, err := s.Store.Read(ctx)
	if err != nil || !isNew(left.Login(), login) {
		return snapshot
	}
	s.held, err = lock.Client(g.Paths.StorageDir).Refresh().Acquire(ctx, longest)
	if err != nil {
		return snapshot
	}
	defer s.close()
	if err := g.adopt(ctx, s, login); err != nil {
		return snapshot
	}
	_ = os.RemoveAll(g.siteDir()) // what stays is removed with the next
	if now, err := g.Store.Read(ctx); err == nil {
		return now
	}
	return snapshot
}

// clear removes a site, once its renewer has ended, unless it holds new tokens that are nowhere else.
func (g *Guard) clear(ctx context.Context, s *site, before *credentials.Login) {
	if !s.private {
		return
	}
	left, err := s.Store.Read(ctx)
	if s.adopted || err == nil && !isNew(left.Login(), before) {
		_ = os.RemoveAll(g.siteDir()) // what stays is removed with the next
	}
}

// isNew reports whether the login in a site has other tokens than the one that was to be renewed.
func isNew(left, before *credentials.Login) bool {
	return left != nil && !left.AccessToken.IsZero() && !left.RefreshToken.IsZero() &&
		!left.AccessToken.Equal(before.AccessToken)
}

// lockFailed is the result when the client's locks cannot be taken.
func lockFailed(err error) Result {
	if errors.As(err, new(*lock.HeldError)) {
		return Result{Outcome: Locked, Cause: err.Error(), Hint: "try again in a moment"}
	}
	return storeFailed(err)
}
