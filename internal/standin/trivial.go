package standin

import "fmt"

const help = `Usage: claude [options] [command] [prompt]

Claude Code - starts an interactive session by default, use -p/--print for
non-interactive output

Arguments:
  prompt                                Your prompt

Options:
  -c, --continue                        Continue the most recent conversation in
                                        the current directory
  -h, --help                            Display help for command
  --output-format <format>              Output format (only works with --print):
                                        "text" (default), "json" (single
                                        result), or "stream-json" (realtime
                                        streaming) (choices: "text", "json",
                                        "stream-json")
  -p, --print                           Print response and exit (useful for
                                        pipes).
  -r, --resume [value]                  Resume a conversation by session ID, or
                                        open interactive picker with optional
                                        search term
  --session-id <uuid>                   Use a specific session ID for the
                                        conversation (must be a valid UUID)
  -v, --version                         Output the version number

Commands:
  auth                                  Manage authentication
  mcp                                   Configure and manage MCP servers
`

// trivial handles a command that needs no login and no service, and reports whether it was one.
func (c *client) trivial(o options) (done bool, err error) {
	switch {
	case o.version:
		_, err = fmt.Fprintf(c.Stdout, "%s (Claude Code)\n", c.dialect.version)
	case o.help:
		_, err = fmt.Fprint(c.Stdout, help)
	default:
		return false, nil
	}
	return true, err
}
