// Package watch runs the client under watch: it sees a dead login in what the client says, has it repaired, and goes on
// with what the person was doing.
//
// A -p command is held back while its output could still be a failure message and nothing else, so that after the
// repair it can be repeated and the reader sees just the answer. A session on a terminal is shown as it comes; what it
// printed is only a suspicion, which its transcript confirms.
package watch

import (
	"context"
	"time"

	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
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
	Wait       time.Duration // how long a -p command waits for somebody to sign in elsewhere
	Fail       func(error)   // tells the person of an error, with its hint
	Draw       func(p ui.Panel, columns, rows int) []byte
}

// Run runs the client and returns its status, or that of the repeat. The error says that nothing was run.
func (w *Watch) Run(ctx context.Context) (runner.Status, error) {
	switch w.Invocation.Kind {
	case Print:
		return w.print(ctx)
	case Interactive:
		return w.interactive(ctx)
	default:
		return runner.Status{}, runner.Exec(w.command(w.Invocation.Args()))
	}
}

func (w *Watch) command(args []string) runner.Command {
	return runner.Command{Path: w.Client, Args: args, Env: w.Repairer.Env.Inside(w.Client).Environ()}
}

// login is the login that the client is about to use; known is true, too, when there certainly is none.
func (w *Watch) login(ctx context.Context) (id ledger.LoginID, known bool) {
	snapshot, err := w.Repairer.Store.Read(ctx)
	if err != nil || snapshot.Err != nil {
		return ledger.LoginID{}, false
	}
	standing, _ := w.Repairer.Standing(snapshot)
	return standing.Login, true
}

// history is what the ledger says; nothing when it cannot be read.
func (w *Watch) history() *ledger.Replay {
	history, err := w.Repairer.Ledger.Replay()
	if err != nil {
		return ledger.NewReplay(nil)
	}
	return history
}

// launch is what of the command line decides which credential the client uses.
func (w *Watch) launch() diagnose.Launch {
	return diagnose.Launch{
		Interactive: w.Invocation.Kind == Interactive, Settings: w.Invocation.Settings, Sources: w.Invocation.Sources,
	}
}

// emptied reports whether the client has emptied the tokens since the login was before: that is its own word that the
// service rejected the login (2.1.165 and 2.1.330).
func (w *Watch) emptied(ctx context.Context, before ledger.LoginID) bool {
	snapshot, err := w.Repairer.Store.Read(ctx)
	if err != nil || before.Refresh == "" {
		return false
	}
	login := snapshot.Login()
	return login != nil && login.RefreshEmptied
}
