package standin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/standin/service"
)

// Environment variables of the stand-in.
const (
	EnvVersion = "STANDIN_VERSION"
	EnvStream  = "STANDIN_STREAM"
)

// Process is the process that the stand-in runs in.
type Process struct {
	Args   []string // without the program's name
	Env    paths.Env
	Dir    string // the working directory
	Stdin  *os.File
	Stdout *os.File
	Stderr io.Writer
	Now    func() time.Time
}

// client is one run of the stand-in.
type client struct {
	Process
	dialect dialect
	paths   paths.Paths
	service *service.Service
	said    []string // what the person said before, in a resumed session

	interactiveSession bool
	sessionKey         string // the Console key that a session has begun with, and keeps
}

// exitError ends the run with a status after message, if any, has gone to standard error.
type exitError struct {
	status  int
	message string
}

func (e *exitError) Error() string { return e.message }

func fail(format string, args ...any) error { return &exitError{1, fmt.Sprintf(format, args...)} }

// errFailed ends the run with status 1 and prints nothing more.
var errFailed = &exitError{status: 1}

// errNoPrompt is the end of a run that was given nothing to ask.
func errNoPrompt() error {
	return fail("Error: Input must be provided either through stdin or as a prompt argument when using --print")
}

// Main runs the client and returns its exit status. It ends early, as by a signal, when ctx ends.
func Main(ctx context.Context, p Process) int {
	err := run(ctx, p)
	var exit *exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		if exit.message != "" {
			fmt.Fprintln(p.Stderr, exit.message)
		}
		return exit.status
	case ctx.Err() != nil:
		return 130
	}
	fmt.Fprintln(p.Stderr, "stand-in client:", err)
	return 1
}

func run(ctx context.Context, p Process) error {
	d, err := dialectOf(p.Env.Get(EnvVersion))
	if err != nil {
		return err
	}
	c := &client{Process: p, dialect: d}
	o, err := parseOptions(p.Args, d.version)
	if err != nil {
		return err
	}
	if done, err := c.trivial(o); done {
		return err
	}
	if c.paths, err = paths.Resolve(p.Env, ""); err != nil {
		return err
	}
	if c.service, err = service.Open(p.Env.Get(service.EnvDir), p.Now); err != nil {
		return err
	}
	switch {
	case o.command == "auth":
		return c.auth(ctx, o.rest)
	case o.print || !isTerminal(p.Stdout):
		return c.print(ctx, o)
	default:
		return c.interactive(ctx, o)
	}
}
