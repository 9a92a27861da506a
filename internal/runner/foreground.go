package runner

import (
	"context"

	"golang.org/x/sys/unix"
)

// Run runs a command with our own standard descriptors and waits for it. What is typed reaches it from the kernel, and Ctrl-C ends it and
// not us; what is sent to us is passed on. It is sent SIGTERM when ctx is cancelled. An error means that nothing was run.
func Run(ctx context.Context, c Command) (Status, error) {
	return RunWith(ctx, c, 0, 1, 2)
}

// RunWith is Run with other descriptors.
func RunWith(ctx context.Context, c Command, stdin, stdout, stderr int) (Status, error) {
	hold, endHold := catch() // a signal in between would end us and orphan the child
	p, err := start(c, stdin, stdout, stderr, dieWithParent(unix.SIGTERM))
	if err != nil {
		endHold()
		return Status{}, err
	}
	endRelay := relay(p, nil)
	endHold()
	p.passOn(hold)
	defer endRelay()
	return p.waitFor(ctx, nil), nil
}

// waitFor waits for the child and asks it to end when ctx or stop does.
func (p *child) waitFor(ctx context.Context, stop <-chan struct{}) Status {
	select {
	case <-p.ended:
	case <-ctx.Done():
		_ = p.signal(unix.SIGTERM)
	case <-stop:
		_ = p.signal(unix.SIGTERM)
	}
	<-p.ended
	return p.status
}
