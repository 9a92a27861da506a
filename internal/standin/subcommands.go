package standin

import (
	"context"
	"fmt"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// EnvServe breaks `mcp serve`, for tests of what relies on its renewal: "ends" makes it end at once, "hangs" makes it
// wait for the end of its input, both without a renewal. A test sets it as the fault of a future version.
const EnvServe = "STANDIN_MCP_SERVE"

// subcommand runs a subcommand other than auth. What each prints was measured without a network (2.1.165, 2.1.330).
func (c *client) subcommand(ctx context.Context, o options) error {
	first := ""
	if len(o.rest) > 0 {
		first = o.rest[0]
	}
	switch o.command {
	case "mcp":
		switch first {
		case "serve":
			return c.serve(ctx)
		case "list":
			return c.renewing(ctx, "No MCP servers configured. Use `claude mcp add` to add a server.")
		}
		return fail("Usage: claude mcp [options] [command]")
	case "plugin", "plugins":
		const none = "No plugins installed. Use `claude plugin install` to install a plugin."
		switch {
		case first != "list":
			return fail("Usage: claude plugin|plugins [options] [command]")
		case !c.dialect.renewsMore:
			_, err := fmt.Fprintln(c.Stdout, none)
			return err
		}
		return c.renewing(ctx, none)
	case "doctor":
		return c.doctor(ctx)
	case claude.Attach, claude.Respawn, "stop", "daemon":
		return c.jobCommand(ctx, o.command, first)
	case "update", "upgrade":
		if err := c.renewing(ctx, fmt.Sprintf("Current version: %s\n%s", c.dialect.version, c.dialect.checking)); err != nil {
			return err
		}
		return fail("%s", c.dialect.unchecked)
	}
	return fail("the stand-in client has no command %s", o.command)
}

// renewing renews a login that is due, and then prints what a command says.
func (c *client) renewing(ctx context.Context, says string) error {
	if err := c.renewExpired(ctx); err != nil {
		return err
	}
	_, err := fmt.Fprintln(c.Stdout, says)
	return err
}

// serve is `mcp serve`: it renews at its start, and waits for the end of its input, or for a signal. It serves nothing.
func (c *client) serve(ctx context.Context) error {
	broken := c.Env.Get(EnvServe)
	if broken == "ends" {
		return nil
	}
	renewed := make(chan error, 1)
	go func() { // ends with the answer, or when the process is to end; renewed has room for it
		if broken == "hangs" {
			renewed <- nil
			return
		}
		renewed <- c.renewExpired(ctx)
	}()
	_, _ = readAll(ctx, c.Stdin) // the end of the input, or ctx
	return <-renewed
}

// doctor prints its report. 2.1.165 shows it on a terminal and waits for a key.
func (c *client) doctor(ctx context.Context) error {
	if !c.dialect.doctorEnds {
		if err := c.renewExpired(ctx); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	}
	return c.renewing(ctx, fmt.Sprintf("Claude Code doctor\n\nRunning: npm-global (%s)", c.dialect.version))
}
