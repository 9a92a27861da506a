package guard

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/flock"
	"github.com/claude-auth/claude-auth/internal/lock"
)

// adopt moves the renewed login of a site into the credentials file, in place of the login with that access token. The
// locks of a renewal are held. It returns the login that is saved then: another one when somebody has signed in, nil
// when somebody has signed out.
func (g *Guard) adopt(ctx context.Context, s *site, before *credentials.Login) (*credentials.Login, error) {
	renewed, err := s.Store.Read(ctx)
	if err != nil {
		return nil, err
	}
	if renewed.Doc == nil {
		return nil, renewed.Err
	}
	text, ok, err := renewed.Doc.At(expiry[:1])
	if err != nil || !ok {
		return nil, errors.Join(err, errors.New("the renewed login is gone"))
	}
	move := func(current credentials.Snapshot) (*credentials.Document, error) {
		if saved := current.Login(); saved == nil || !saved.AccessToken.Equal(before.AccessToken) {
			return current.Doc, nil // somebody has signed in
		}
		return current.Doc.SetAt(expiry[:1], text)
	}
	file := *g.Store.(*credentials.FileStore)
	file.Locks = file.Locks.Storage()
	if err := credentials.Update(ctx, &file, move); err != nil {
		return nil, err
	}
	now, err := g.Store.Read(ctx)
	return now.Login(), err
}

// rescuePatience is how long Rescue waits for another process that does the same. A keeper takes longer.
const rescuePatience = 200 * time.Millisecond

// Rescue moves a renewed login into the credentials file that a keeper has left in its copy, because it was killed, or
// because it could not write the file. While a keeper works Rescue leaves that to it; unless waiting is not nil: then
// Rescue calls it and waits for the keeper. Mostly Rescue costs one call of lstat.
func (g *Guard) Rescue(ctx context.Context, waiting func(flock.Holder)) {
	if g.Paths.StateDir == "" || !g.isFile() {
		return
	}
	if _, err := os.Lstat(g.allSites()); err != nil {
		if waiting == nil {
			return
		}
		if _, held := flock.HeldBy(g.Paths.RenewLock()); !held {
			return
		}
	}
	patience := longest
	if waiting == nil {
		patience = rescuePatience
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	release, err := flock.Acquire(limited, g.Paths.RenewLock(), waiting)
	if err != nil {
		return // the next command tries again
	}
	defer release()
	if snapshot, err := g.Store.Read(ctx); err == nil {
		g.rescue(ctx, snapshot)
	}
}

// rescue does the work of Rescue for a keeper, which is the only one. It returns the snapshot to go on with.
func (g *Guard) rescue(ctx context.Context, snapshot credentials.Snapshot) credentials.Snapshot {
	login := snapshot.Login()
	if login == nil || !g.isFile() {
		return snapshot
	}
	if g.isAdopted(ctx, login) {
		g.removeSites()
		return snapshot
	}
	s := g.privateSite(login)
	left, err := s.Store.Read(ctx)
	if err != nil || !isNew(left.Login(), login) {
		return snapshot
	}
	s.held, err = lock.Client(g.Paths.StorageDir).Refresh().Acquire(ctx, lockPatience)
	if err != nil {
		return snapshot
	}
	defer s.close()
	now, err := g.adopt(ctx, s, login)
	if err != nil {
		return snapshot
	}
	g.observe(now)
	g.removeSites()
	if now, err := g.Store.Read(ctx); err == nil {
		return now
	}
	return snapshot
}

// isAdopted reports whether the login came from a site that is still there, because the keeper was killed right after.
func (g *Guard) isAdopted(ctx context.Context, login *credentials.Login) bool {
	// A state directory with a [ in its name keeps them.
	files, _ := filepath.Glob(filepath.Join(g.sites(), "*", claude.CredentialsFile))
	own := g.privateSite(login).Paths.Credentials
	return slices.ContainsFunc(files, func(file string) bool {
		left, err := credentials.NewFileStore(file).Read(ctx)
		return file != own && err == nil && left.Login() != nil && left.Login().AccessToken.Equal(login.AccessToken)
	})
}

// clear removes what a renewer has left, once it has ended. Tokens that came too late for the caller are moved into the
// credentials file before a client gets the lock, which would send the spent token again. Those that cannot be moved
// stay, for the next keeper.
func (g *Guard) clear(ctx context.Context, s *site, before *credentials.Login) {
	if !s.private {
		_ = os.Remove(s.logFile())
		return
	}
	left, err := s.Store.Read(ctx)
	isLeft := err == nil && isNew(left.Login(), before)
	if isLeft && !s.adopted {
		now, err := g.adopt(ctx, s, before)
		if s.adopted = err == nil; s.adopted {
			g.observe(now)
		}
	}
	if s.adopted || err == nil && !isLeft {
		g.removeSites()
	}
}

// isNew reports whether the login in a site has other tokens than the one that was to be renewed.
func isNew(left, before *credentials.Login) bool {
	return left != nil && !left.AccessToken.IsZero() && !left.RefreshToken.IsZero() &&
		!left.AccessToken.Equal(before.AccessToken)
}
