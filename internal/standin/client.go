package standin

import (
	"context"
	"encoding/json"
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
	Change Change // nothing, but in a test of what finds changes
}

// client is one run of the stand-in.
type client struct {
	Process
	dialect dialect
	paths   paths.Paths
	service *service.Service
	said    []string        // what the person said before, in a resumed session
	ending  context.Context // ends with the process; a renewal heeds nothing else
	log     string          // the file of --debug-file; "" for none

	options options
	running []running // hooks that nobody waits for

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

// Main runs the client and returns its exit status. It heeds the signals that end a client; see endings.
func Main(p Process) int {
	ctx, stop := heed(p)
	defer stop()
	err := run(ctx, p)
	if ctx.Err() != nil { // whatever the signal has broken off
		err = context.Cause(ctx)
	}
	var exit *exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		if exit.message != "" {
			fmt.Fprintln(p.Stderr, exit.message)
		}
		return exit.status
	}
	fmt.Fprintln(p.Stderr, "stand-in client:", err)
	return 1
}

func run(ctx context.Context, p Process) error {
	d, err := dialectOf(p.Env.Get(EnvVersion))
	if err != nil {
		return err
	}
	d.change(p.Change)
	c := &client{Process: p, dialect: d, ending: ctx}
	if job, ok := hosted(p.Args); ok {
		return c.host(ctx, job)
	}
	o, err := parseOptions(p.Args, d.version)
	if err != nil {
		return err
	}
	if done, err := c.trivial(o); done {
		return err
	}
	c.options, c.log = o, o.debugFile
	if c.paths, err = paths.Resolve(p.Env.Without(paths.EnvFile), ""); err != nil {
		return err
	}
	if text, err := os.ReadFile(c.paths.GlobalConfig); err == nil && len(text) > 0 && !json.Valid(text) {
		return fail("Configuration error in %s: JSON Parse error", c.paths.GlobalConfig)
	}
	if c.service, err = service.Open(p.Env.Get(service.EnvDir), p.Now); err != nil {
		return err
	}
	switch {
	case o.background:
		return c.background(ctx, o)
	case o.command == "auth":
		return c.auth(ctx, o.rest)
	case o.command != "":
		return c.subcommand(ctx, o)
	case o.print || !isTerminal(p.Stdout):
		return c.print(ctx, o)
	default:
		return c.interactive(ctx, o)
	}
}
