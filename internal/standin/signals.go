package standin

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// endings are the signals that end the client, each with its exit status (-p, mcp list, mcp serve, auth status, doctor
// and auth login; 2.1.165, 2.1.330, 2.1.332): also a SIGINT gives 0.
var endings = map[os.Signal]*exitError{
	os.Interrupt:    {status: 0},
	syscall.SIGTERM: {status: 128 + int(syscall.SIGTERM)},
	syscall.SIGHUP:  {status: 128 + int(syscall.SIGHUP)},
}

// errKey is the end by Ctrl-C of a command that reads it as a key, on a terminal: auth login, mcp list, auth status.
// It ends at once, whatever is under way (2.1.165, 2.1.330, 2.1.332). The stand-in lets the terminal make a SIGINT of
// it.
var errKey = &exitError{status: 128 + int(syscall.SIGINT)}

// heed returns a context that the first of those signals ends; its cause is then the exit status. A signal that was
// ignored at the start stays ignored (nohup; 2.1.330 itself ends with SIGHUP all the same). A later one is caught to
// the very end, also after stop: it does not change the exit status of a client that is about to end.
func heed(p Process) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	came := make(chan os.Signal, 1)
	for sig := range endings {
		if !signal.Ignored(sig) {
			signal.Notify(came, sig)
		}
	}
	go func() { // ends with the first signal or with stop
		select {
		case sig := <-came:
			if sig == os.Interrupt && readsKeys(p) {
				cancel(errKey)
				return
			}
			cancel(endings[sig])
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

func readsKeys(p Process) bool {
	return len(p.Args) > 0 && (p.Args[0] == "auth" || p.Args[0] == "mcp") && isTerminal(p.Stdin)
}

// linger returns a context that ends a while after ctx: so long the version goes on with a renewal when it is to end.
func linger(ctx context.Context, while time.Duration) (later context.Context, stop func()) {
	later, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unhook := context.AfterFunc(ctx, func() {
		if errors.Is(context.Cause(ctx), errKey) {
			cancel()
			return
		}
		timer := time.NewTimer(while)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-later.Done(): // stopped
		}
	})
	return later, func() { unhook(); cancel() }
}
