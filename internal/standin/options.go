package standin

import (
	"slices"
	"strings"
)

// options are the client's arguments, as far as the stand-in uses them.
type options struct {
	command       string   // auth, mcp, … ; empty: a conversation
	rest          []string // the command's own arguments
	prompt        string
	hasPrompt     bool
	print         bool
	verbose       bool
	format        string // text, json, stream-json
	sessionID     string
	resume        string
	resumeAt      string
	resumes       bool // --resume was given
	continues     bool
	noPersistence bool
	version, help bool
	fork          bool
}

// withValue are flags of the client that take one value, beside those that parseOptions itself knows.
var withValue = []string{
	"--model", "--permission-mode", "--settings", "--system-prompt", "--append-system-prompt", "--mcp-config",
	"--max-turns", "--input-format", "--add-dir", "--allowedTools", "--allowed-tools", "--disallowedTools",
	"--disallowed-tools", "--tools", "--fallback-model", "--effort", "--max-budget-usd", "--agent", "--agents",
	"--setting-sources", "--name", "-n", "--debug-file", "--json-schema", "--plugin-dir", "--betas",
}

// commands are the client's subcommands. The stand-in does something in auth and mcp, and says so of the others.
var commands = []string{"auth", "mcp", "plugin", "plugins", "setup-token", "doctor", "update", "upgrade", "install", "agents"}

func parseOptions(args []string) (options, error) {
	o := options{format: "text"}
	var words []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if len(words) == 0 && !o.print && slices.Contains(commands, arg) {
			o.command, o.rest = arg, args[i+1:]
			return o, nil
		}
		if arg == "--" {
			words = append(words, args[i+1:]...)
			break
		}
		if !strings.HasPrefix(arg, "-") || arg == "-" {
			words = append(words, arg)
			continue
		}
		name, value, inline := strings.Cut(arg, "=")
		next := func() string {
			if inline {
				return value
			}
			if i+1 < len(args) {
				i++
				return args[i]
			}
			return ""
		}
		if err := o.flag(name, next, i+1 < len(args) && !strings.HasPrefix(args[i+1], "-")); err != nil {
			return o, err
		}
	}
	if len(words) > 0 {
		o.prompt, o.hasPrompt = words[0], true
	}
	return o, nil
}

func (o *options) flag(name string, next func() string, hasNext bool) error {
	switch name {
	case "-p", "--print":
		o.print = true
	case "-v", "--version":
		o.version = true
	case "-h", "--help":
		o.help = true
	case "--verbose":
		o.verbose = true
	case "--output-format":
		o.format = next()
		if !slices.Contains([]string{"text", "json", "stream-json"}, o.format) {
			return fail("error: option '--output-format <format>' argument '%s' is invalid. "+
				"Allowed choices are text, json, stream-json.", o.format)
		}
	case "--resume-session-at":
		o.resumeAt = next()
	case "--session-id":
		o.sessionID = next()
	case "-r", "--resume":
		o.resumes = true
		if hasNext {
			o.resume = next()
		}
	case "-c", "--continue":
		o.continues = true
	case "--no-session-persistence":
		o.noPersistence = true
	case "--fork-session":
		o.fork = true
	case "--dangerously-skip-permissions", "--allow-dangerously-skip-permissions", "--include-partial-messages",
		"--include-hook-events", "--replay-user-messages", "--strict-mcp-config", "--ide", "--brief", "--bare", "--chrome",
		"--no-chrome", "--disable-slash-commands", "--mcp-debug", "-d", "--debug":
	default:
		if !slices.Contains(withValue, name) {
			return fail("error: unknown option '%s'", name)
		}
		next()
	}
	return nil
}
