package guard

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/system"
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

// allSites is the directory of the renewers' copies.
func (g *Guard) allSites() string { return filepath.Join(g.Paths.StateDir, "renewal") }

// sites is the directory of those copies that are of this credentials file. Each is named after the access token that
// it renews.
func (g *Guard) sites() string {
	file := g.Paths.Credentials
	if resolved, err := filepath.EvalSymlinks(file); err == nil {
		file = resolved
	}
	return filepath.Join(g.allSites(), fmt.Sprintf("%x", sha256.Sum256([]byte(file)))[:16])
}

// removeSites removes the copies of this credentials file. What stays is removed with the next.
func (g *Guard) removeSites() {
	_ = os.RemoveAll(g.sites())
	_ = os.Remove(g.allSites()) // fails while there are copies of other files
}

// isFile reports whether the login is in a file, and so can be renewed in a copy.
func (g *Guard) isFile() bool {
	_, isFile := g.Store.(*credentials.FileStore)
	return isFile && !system.Here().HasKeychain()
}

// privateSite is the site for the login. It may not exist.
func (g *Guard) privateSite(login *credentials.Login) *site {
	inner := *g
	dir := filepath.Join(g.sites(), g.identify(login).Access)
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
	s := g.privateSite(login)
	s.held = held
	snapshot, err := g.Store.Read(ctx)
	now, result := snapshot.Login(), Result{}
	switch {
	case err != nil:
		result = unreadable(err)
	case now != nil && now.AccessToken.Equal(login.AccessToken):
		result = g.fill(ctx, s, snapshot)
	case now != nil && now.ExpiresAt.After(g.Now()):
		result = Result{Outcome: Renewed, ExpiresAt: now.ExpiresAt} // by a client, or a sign-in
	default:
		result = changed()
	}
	if result.Outcome != "" {
		s.close()
		return nil, result
	}
	return s, Result{}
}

// fill puts the login into the site, unless the site has new tokens already: the renewer of a keeper that was killed
// may still be at work there.
func (g *Guard) fill(ctx context.Context, s *site, snapshot credentials.Snapshot) Result {
	Busy(s.Paths).Poll(time.Sleep)
	// With its lock no renewer stores anything between the look and the copy. A lock that is still held now belongs to a
	// renewer that was killed, too.
	if inside, err := lock.Client(s.Paths.StorageDir).Refresh().Acquire(ctx, lockPoll); err == nil {
		defer func() { _ = inside.Release() }() // it gets stale
	}
	login := snapshot.Login()
	if left, err := s.Store.Read(ctx); err == nil && isNew(left.Login(), login) {
		now, err := g.adopt(ctx, s, login)
		if err != nil {
			return notMoved(login, err)
		}
		g.observe(now)
		g.removeSites()
		if now == nil {
			return changed()
		}
		return Result{Outcome: Renewed, ExpiresAt: now.ExpiresAt}
	}
	if err := s.copy(snapshot.Doc); err != nil {
		// The client does not need this directory, and may well be able to store what it renews.
		return Result{Outcome: Failed, Cause: causeNoCopy(err)}
	}
	return Result{}
}

// copy writes the login of the document into the site, and nothing else of it, with an access token that is over.
func (s *site) copy(doc *credentials.Document) error {
	login, ok, err := doc.At(expiry[:1])
	if err != nil || !ok {
		return errors.Join(err, errors.New("no login is saved any more"))
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

// lockFailed is the result when the client's locks cannot be taken.
func lockFailed(err error) Result {
	if errors.As(err, new(*lock.HeldError)) {
		return Result{Outcome: Locked, Cause: err.Error(), Hint: hintSoon}
	}
	return storeFailed(err)
}
