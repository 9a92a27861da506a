package watch

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/guard"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
)

// conversation is one run of the client with a program at the other end. The client goes on after a message that has
// failed, and uses a new login for the next message (2.1.165, 2.1.330, 2.1.332). So nothing is held back or repeated:
// the failure is noted and the login repaired while the conversation goes on.
type conversation struct {
	w       *Watch
	parser  *detect.OutputParser
	started time.Time
	news    chan struct{} // of capacity 1; holds one while there is a turn to look at

	// These belong to the goroutine of attend.
	owner    credentials.Owner // whose login it began with, or goes on with after a repair
	known    ledger.LoginID    // the last login that was saved
	rejected bool              // the saved login is on record as rejected
	settled  map[string]bool   // by access token: nothing is left to do or to tell
	repaired time.Time         // when the last repair ended

	mu   sync.Mutex
	last turn
}

// turn is what the client has made of a message.
type turn struct {
	detect.RunResult
	at time.Time // zero: there was none since the last look
}

// converse runs a conversation that begins with the login used. It returns when the client has ended, and a repair too.
func (w *Watch) converse(ctx context.Context, used recovery.Saved) (runner.Status, error) {
	c := &conversation{
		w: w, parser: detect.NewOutputParser(w.Rules), started: w.Repairer.Now(), news: make(chan struct{}, 1),
		owner: w.Repairer.OwnerOf(used.Snapshot), known: used.Login, rejected: used.State == credentials.Rejected,
		settled: map[string]bool{used.Login.Access: w.hasSettled(used.Login)},
	}
	c.parser.Turn = c.ended
	over := make(chan struct{})
	renewing, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { c.attend(ctx, over) })
	beside.Go(func() { w.keepRenewed(renewing) })
	ending := w.watchEnding(ctx)
	status, err := runner.Pipe{
		Command: w.watched(w.Invocation.Args), Filter: c, Busy: guard.Busy(w.Repairer.Paths),
	}.Run()
	ending.end(ctx)
	stop()
	close(over)
	beside.Wait()
	if err != nil && !errors.As(err, new(*fdio.OutputError)) {
		return status, w.unwatched(w.Invocation.Args, err)
	}
	return status, err
}

// Write implements the runner's filter. It holds nothing back.
func (c *conversation) Write(p []byte) []byte {
	c.parser.Write(p)
	return p
}

// Close implements the runner's filter.
func (c *conversation) Close(runner.Status) []byte { return nil }

// ended is called with the result of each message. It runs on the output's goroutine and never blocks.
func (c *conversation) ended(result detect.RunResult) {
	c.mu.Lock()
	c.last = turn{result, c.w.Repairer.Now()}
	c.mu.Unlock()
	select {
	case c.news <- struct{}{}:
	default: // one is waiting
	}
}

// attend looks at the turns until over is closed, and at the last one after that.
func (c *conversation) attend(ctx context.Context, over <-chan struct{}) {
	for {
		select {
		case <-c.news:
			c.look(ctx)
		case <-over:
			c.look(ctx)
			return
		}
	}
}

// look notes what the last turn says of the login, and repairs the login when it was rejected. Of several turns the
// last one counts: after an answer the login works, whatever failed before.
func (c *conversation) look(ctx context.Context) {
	c.mu.Lock()
	last := c.last
	c.last = turn{}
	c.mu.Unlock()
	if last.at.IsZero() || last.at.Before(c.repaired) {
		return
	}
	noting, stop := outlast(ctx)
	defer stop()
	saved := c.w.Repairer.Saved(noting)
	c.identify(saved)
	switch {
	case !last.Failed && c.rejected:
		c.w.noteAnswer(noting, saved, last.SessionID, c.started)
		c.rejected = c.w.Repairer.Saved(noting).State == credentials.Rejected
	case last.Failed && last.Class.SignInHelps(): // the client itself explains what a sign-in cannot fix
		c.rejected = true
		c.w.debug().Sawf("a message of the conversation has failed: rule %s", last.Rule)
		c.repair(ctx, noting, c.incident(last, saved))
	}
}

// notePatience is how long a failure may still be noted when this program is told to end: a program may end its client
// because of the failure.
const notePatience = 2 * time.Second

// outlast returns a context that ends that much later than ctx.
func outlast(ctx context.Context) (longer context.Context, stop func()) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unhook := context.AfterFunc(ctx, func() { time.AfterFunc(notePatience, cancel) })
	return longer, func() { unhook(); cancel() }
}

// identify notes which login is saved. Where the client has emptied it, that is the one before.
func (c *conversation) identify(saved recovery.Saved) {
	if !saved.Login.IsZero() {
		c.known = saved.Login
	} else if life, ok := c.w.history().Current(c.w.Repairer.Paths.Credentials); ok {
		c.known = life.Login
	}
}

func (c *conversation) incident(failed turn, saved recovery.Saved) recovery.Incident {
	return recovery.Incident{
		Seen: failed.Class, Rule: failed.Rule, Phrase: oneLine(failed.Text, phraseLen), Confirmed: true,
		Used: c.known, Known: saved.Known(), Launch: c.w.launch(), Where: "print", Auto: c.w.Auto, Since: failed.at,
		Owner: c.owner,
	}
}

// repair notes that the login was rejected, and then repairs it, where that needs nobody at a terminal and ctx has not
// ended. It tells of each login once.
func (c *conversation) repair(ctx, noting context.Context, incident recovery.Incident) {
	w := c.w
	noted := incident
	noted.Settled = true
	outcome, err := w.Repairer.Recover(noting, noted)
	if errors.Is(err, recovery.ErrDeclined) && !c.settled[c.known.Access] && ctx.Err() == nil {
		outcome, err = w.Repairer.Recover(ctx, incident)
	}
	switch {
	case err == nil && outcome.Repaired:
		c.repaired = w.Repairer.Now()
		if c.owner = outcome.Other; c.owner.IsZero() {
			c.owner = w.Repairer.OwnerOf(w.Repairer.Snapshot(noting))
		}
		if outcome.SignedIn {
			w.note(noteNextMessage)
		}
	case err == nil, errors.Is(err, recovery.ErrDeclined): // there is nothing to tell
	case c.settled[c.known.Access], w.hasTold(outcome.Verdict):
	case errors.Is(err, context.Canceled): // the old login is back
	default:
		w.Fail(err)
		c.settled[c.known.Access] = !errors.Is(err, recovery.ErrLocked)
	}
}
