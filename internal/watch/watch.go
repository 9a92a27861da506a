// Package watch runs the client and repairs a rejected login on the way: it finds the failure in the client's output,
// has the login repaired, and then repeats the command or resumes the session.
//
// The output of a -p command is held back while it could still be a failure message and nothing else. So the command
// can be repeated after the repair, and the reader sees only the answer. A session on a terminal is shown as it comes.
// A failure message in it is only a suspicion until the transcript confirms it. A conversation with a program (an
// editor, the Agent SDK) passes as it comes, and the login is repaired beside it.
package watch

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// Watch is one run of the client.
type Watch struct {
	Repairer   *recovery.Repairer
	Rules      *detect.Rules
	Invocation Invocation
	Client     string        // the client's path
	Auto       bool          // mode auto: repair without asking
	Unguarded  bool          // leave every renewal to the client
	Wait       time.Duration // how long a -p command waits for a sign-in on another terminal; 0 is not at all
	// Detach begins a sign-in in two steps before such a wait. It reports whether the user's hook gets its link: not where
	// another one waits already. nil for none.
	Detach func() (told bool, err error)
	Fail   func(error)  // shows an error and its hint
	Say    func(string) // shows a sentence, which does not stand among the client's words
	Draw   func(p ui.Panel, columns, rows int) []byte

	settled *settled // nil where nothing was
}

// Run runs the client and returns its status, or that of the last repeat. After an error the client did not run, or its
// output could not be written.
func (w *Watch) Run(ctx context.Context) (runner.Status, error) {
	saved, status, over, err := w.prepare(ctx)
	if over {
		w.debug().Decidedf("not starting the client: status %v, error %v", status, err)
		return status, err
	}
	if ctx.Err() != nil { // a signal came before there was a client that could have got it
		return runner.Status{}, context.Cause(ctx)
	}
	w.debug().Decidedf("starting the client with the login %s, state %s", saved.Login, saved.State)
	switch {
	case w.Invocation.Converses():
		return w.converse(ctx, saved)
	case w.Invocation.Kind == Print:
		return w.print(ctx, saved)
	case w.Invocation.Kind == Interactive:
		return w.interactive(ctx, saved)
	default:
		return runner.Status{}, runner.Exec(w.command(w.Invocation.Args))
	}
}

// unwatched replaces this process by the client where the client cannot be watched: the machine gives no
// pseudo-terminal, or no memory or descriptors for it. cause is the error of the attempt to watch it. unwatched returns
// cause when the client has run already, and only its output was lost, or when the client itself cannot be run.
func (w *Watch) unwatched(args []string, cause error) error {
	failed, ok := errors.AsType[*os.PathError](cause)
	if errors.As(cause, new(*fdio.OutputError)) || ok && failed.Op == "exec" && failed.Path == w.Client {
		return cause
	}
	w.note(noteUnwatched(cause))
	return runner.Exec(w.command(args))
}

// note shows a note.
func (w *Watch) note(text string) { w.Repairer.Terminal.Notef("%s", text) }

// before notes what the renewer or the client would cover up, and tells the user's hook of a login that ends soon.
func (w *Watch) before(ctx context.Context, snapshot credentials.Snapshot) {
	w.Repairer.NoteInterruption(snapshot)
	w.Repairer.NotifyExpiring(ctx, snapshot)
}

func (w *Watch) debug() *ui.Debug { return w.Repairer.Debug }

func (w *Watch) command(args []string) runner.Command {
	return runner.Command{Path: w.Client, Args: args, Env: w.Repairer.Env.Inside(w.Client).Environ()}
}

// watched is command for a client that this process watches. The client's hooks inherit the mark, and the plugin stays
// silent.
func (w *Watch) watched(args []string) runner.Command {
	env := w.Repairer.Env.Inside(w.Client).With(paths.EnvWatched, lock.Mark())
	return runner.Command{Path: w.Client, Args: args, Env: env.Environ()}
}

// history reads the ledger. It is empty when the ledger cannot be read.
func (w *Watch) history() *ledger.Replay {
	history, err := w.Repairer.Ledger.Replay()
	if err != nil {
		return ledger.NewReplay(nil)
	}
	return history
}

// launch returns the parts of the command line that decide which credential the client uses.
func (w *Watch) launch() diagnose.Launch {
	return diagnose.Launch{
		Interactive: w.Invocation.Kind == Interactive, Settings: w.Invocation.Settings, Sources: w.Invocation.Sources,
	}
}
