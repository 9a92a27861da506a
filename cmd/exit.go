package cmd

import (
	"errors"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/guard"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/recovery"
)

// The exit statuses of the program (topics/exit-codes.txt).
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitSignIn      = 4   // a sign-in is needed
	exitNoHelp      = 5   // diagnosed: a sign-in cannot help, nothing was changed
	exitLocked      = 75  // EX_TEMPFAIL: another process holds the file
	exitNoClient    = 127 // as the shell has it
	exitInterrupted = 130 // 128 + SIGINT, as the shell has it
	// A signal that ends the program gives 128 and its number, as the shell has it: see interrupted.
)

// statusError ends the program with a status of its own. Without an error inside, nothing is printed.
type statusError struct {
	status int
	err    error
}

func (e statusError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e statusError) Unwrap() error { return e.err }

// usageError is a wrong command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// exitStatus turns an error into the exit status of the program.
func exitStatus(err error) int {
	var status statusError
	var renewal *guard.ResultError
	var stopped interrupted
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &status):
		return status.status
	case errors.As(err, &stopped):
		return stopped.status()
	case errors.As(err, new(*recovery.Cancelled)): // with Ctrl-C, which the sign-in has read as a key
		return exitInterrupted
	case errors.As(err, new(usageError)):
		return exitUsage
	case errors.Is(err, recovery.ErrSignInNeeded):
		return exitSignIn
	case errors.Is(err, recovery.ErrLocked):
		return exitLocked
	case errors.Is(err, recovery.ErrNoHelp), errors.As(err, new(*credentials.ReadOnlyError)):
		return exitNoHelp
	case errors.As(err, &renewal):
		return exitOfRenewal(renewal.Result.Outcome)
	case errors.As(err, new(*credentials.LockedError)):
		return exitLocked
	case errors.Is(err, paths.ErrClientNotFound), errors.Is(err, paths.ErrLoop):
		return exitNoClient
	default:
		return exitFailed
	}
}
