package recovery

import (
	"context"
	"fmt"

	"github.com/claude-auth/claude-auth/internal/credentials"
)

// NoteLink remembers the link that the credentials file is before a client runs: a client that empties a rejected login
// replaces the link by a file then (2.1.165, 2.1.330, 2.1.332), before there is anything to repair.
func (r *Repairer) NoteLink() { r.Linked = r.link() }

// link returns the link that the credentials file is, and nil where it is none.
func (r *Repairer) link() *credentials.Link {
	if file, ok := r.Store.(*credentials.FileStore); ok {
		return file.Link()
	}
	return nil
}

// relink makes a link of the credentials file again, which the client has replaced, and moves the new login to where it
// leads. The end of ctx does not stop it: the client may have stored a login before. When it fails the new login is in
// the file in the link's place, and works there.
func (r *Repairer) relink(ctx context.Context, link *credentials.Link) {
	if link == nil {
		return
	}
	file := r.Store.(*credentials.FileStore)
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), putBackTimeout)
	defer cancel()
	var target string
	err := patiently(limited, func() (err error) {
		target, err = file.Relink(limited, link)
		return err
	})
	switch {
	case err != nil:
		r.warn(fmt.Sprintf("make %s a link to %s again", file.Path, link.To), err)
	case target != "":
		r.Terminal.Notef("Claude Code replaced the link %s by a file; it leads to %s again", file.Path, target)
	}
}
