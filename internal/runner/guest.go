package runner

import (
	"context"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/tty"
)

// endPatience is how long a guest may take to end after SIGTERM.
const endPatience = 5 * time.Second

// Guest runs c with those descriptors as its standard ones, in our process group, until it ends. When ctx ends before
// that, it ends c.
//
// Ctrl-Z is not a key there, so that the end of ctx always ends c: tty.WithoutStop takes it from the terminal, and a
// client that reads it by itself and stops (2.1.330, 2.1.332 at a sign-in stop themselves alone, which no shell would
// notice) is continued at once. In the background it stays stopped, as the whole job does.
func Guest(ctx context.Context, c Command, in, out, errOut int) (Status, error) {
	return guest(ctx, endPatience, c, in, out, errOut)
}

func guest(ctx context.Context, patience time.Duration, c Command, in, out, errOut int) (Status, error) {
	p, err := Start(c, in, out, errOut, DieWithParent(unix.SIGTERM))
	if err != nil {
		return Status{}, err
	}
	for {
		select {
		case <-p.ended:
			return p.status, nil
		case <-p.stopped:
			if tty.InForeground() {
				p.Signal(unix.SIGCONT)
			}
		case <-ctx.Done():
			p.end(out, patience)
			return p.status, nil
		}
	}
}

// end ends the child, also a stopped one. It kills the child after patience, and sooner when that may be writing to a
// terminal that nobody reads.
func (p *Child) end(out int, patience time.Duration) {
	p.Signal(unix.SIGCONT)
	p.Signal(unix.SIGTERM)
	unread, late := time.After(fdio.Patience), time.After(patience)
	for {
		select {
		case <-p.ended:
			return
		case <-p.stopped:
			p.Signal(unix.SIGCONT)
		case <-unread:
			if !fdio.Writable(out) {
				p.Signal(unix.SIGKILL)
			}
		case <-late:
			p.Signal(unix.SIGKILL)
		}
	}
}

// KeepGoing continues the child whenever it stops, and returns when it has ended. It is for a child that is not of our
// session: there no shell would notice the stop.
func (p *Child) KeepGoing() {
	for {
		select {
		case <-p.ended:
			return
		case <-p.stopped:
			p.Signal(unix.SIGCONT)
		}
	}
}
