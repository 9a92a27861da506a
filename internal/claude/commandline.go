package claude

import (
	"slices"
	"time"
)

// Program is the name of the client on PATH.
const Program = "claude"

// Interpreter is the program that runs the client where it is a script, as npm has installed older versions (read).
const Interpreter = "node"

// Command is a subcommand of the client.
type Command struct {
	Name   string
	In     Range   // the versions that have it
	Renews Version // the first measured version in which it renews an expired login; 0 when none was seen to
}

// Commands lists the client's subcommands (2.1.165, 2.1.330). None of them sends a request to the model that would be
// worth repeating after a sign-in, and `auth` is how this program itself signs in.
//
// `mcp serve` renews an expired login while its standard input is open, without a prompt, a hook or one of the user's
// MCP servers (2.1.165, 2.1.200, 2.1.250, 2.1.278, 2.1.300, 2.1.315, 2.1.330, 2.1.332). Sessions and -p renew in all
// measured versions, from 5 minutes before the access token ends.
var Commands = [...]Command{
	{Name: "agents"}, // sends no renewal (2.1.165, 2.1.330, 2.1.332)
	{Name: "attach"},
	{Name: "auth", Renews: V330}, // auth status
	{Name: "auto-mode"},
	{Name: "config", In: Range{Before: V165}}, // a prompt like any other word (2.1.165, 2.1.330)
	{Name: "doctor", Renews: V165},
	{Name: "gateway"},
	{Name: "import"},
	{Name: "install"},
	{Name: "kill"},
	{Name: "logs"},
	{Name: "mcp", Renews: V165}, // mcp list, mcp serve
	{Name: "migrate-installer"},
	{Name: "plugin", Renews: V330}, // plugin list
	{Name: "plugins"},
	{Name: "project"},
	{Name: "purge"},
	{Name: "respawn"},
	{Name: "rm"},
	{Name: "setup-token", Renews: V165},
	{Name: "stop"},
	{Name: "ultrareview"},
	{Name: "update", Renews: V165},
	{Name: "upgrade"},
}

// MayRenew reports whether the subcommand name may renew the login. Of an unknown one nobody knows that it does not.
func MayRenew(name string) bool {
	i := slices.IndexFunc(Commands[:], func(c Command) bool { return c.Name == name })
	return i < 0 || Commands[i].Renews != 0
}

// Renewer is the client's arguments that renew the login and do nothing else; see Commands. The client ends when its
// standard input is closed, sometimes only at SIGTERM.
var Renewer = [...]string{"mcp", "serve"}

// RenewMargin is how long before the end of the access token the client begins to renew it (2.1.165, 2.1.330, 2.1.332:
// 4 minutes before yes, 6 minutes before no).
const RenewMargin = 5 * time.Minute

// IsCommand reports whether any version of the client has the subcommand name.
func IsCommand(name string) bool {
	return slices.ContainsFunc(Commands[:], func(c Command) bool { return c.Name == name })
}

// IsCommand reports whether this version of the client has the subcommand name.
func (v Version) IsCommand(name string) bool {
	return slices.ContainsFunc(Commands[:], func(c Command) bool { return c.Name == name && c.In.Has(v) })
}

// InfoFlags make the client print something about itself and end, when one of them is the whole command line; see
// NeverRenews.
var InfoFlags = [...]string{"--version", "-v", "--help", "-h"}

// backgroundFlags leave the work to another process or machine (2.1.165, 2.1.330).
var backgroundFlags = [...]string{"--bg", "--background", "--cloud", "--teleport", "--desktop", "--remote-control"}

// IsPlainFlag reports whether the client, with this flag, needs no login or leaves the work to another process.
func IsPlainFlag(name string) bool {
	return slices.Contains(InfoFlags[:], name) || slices.Contains(backgroundFlags[:], name)
}

// NeverRenews reports whether a command line of the client is one of InfoFlags and nothing else. Then it sends no
// request and starts no other process, whatever the login is (2.1.165, 2.1.330, 2.1.332, with an expired login, on a
// terminal and without one). With more arguments it may: `claude --version --bg TEXT` starts background work and renews
// (the same three).
func NeverRenews(args []string) bool { return len(args) == 1 && slices.Contains(InfoFlags[:], args[0]) }

// Arity is how many of the following arguments belong to a flag.
type Arity int

// The arities, in the notation of the client's help.
const (
	NoValue       Arity = iota
	OneValue            // <value>
	OptionalValue       // [value]: the next argument, unless it begins with a dash
	ManyValues          // <values...>: all arguments up to one that begins with a dash
)

// flags lists the client's flags by arity (read, in --help and the text of 2.1.165 and 2.1.330).
var flags = [...][]string{
	NoValue: {
		"-h", "--help", "-v", "--version", "-p", "--print", "-c", "--continue", "--verbose", "--bare", "--fork-session",
		"--no-session-persistence", "--dangerously-skip-permissions", "--allow-dangerously-skip-permissions",
		"--include-partial-messages", "--include-hook-events", "--replay-user-messages", "--strict-mcp-config", "--ide",
		"--brief", "--chrome", "--no-chrome", "--disable-slash-commands", "--mcp-debug",
		"--bg", "--background", "--desktop",
	},
	OneValue: {
		"--agent", "--agents", "--append-system-prompt", "--append-system-prompt-file", "--autocompact", "--debug-file",
		"--effort", "--environment", "--fallback-model", "--input-format", "--json-schema", "--max-budget-usd",
		"--max-turns", "--model", "--name", "-n", "--output-format", "--permission-mode", "--permission-prompt-tool",
		"--permission-prompts", "--plugin-dir", "--plugin-url", "--remote-control-session-name-prefix",
		"--resume-session-at", "--session-id", "--setting-sources", "--settings", "--system-prompt",
		"--system-prompt-file", "--system-prompt-snapshot",
	},
	OptionalValue: {
		"--cloud", "-d", "--debug", "--from-pr", "--prompt-suggestions", "--remote-control", "-r", "--resume",
		"--teleport", "-w", "--worktree",
	},
	ManyValues: {
		"--add-dir", "--allowedTools", "--allowed-tools", "--betas", "--disallowedTools", "--disallowed-tools", "--file",
		"--mcp-config", "--tools",
	},
}

// FlagTakes returns the arity of a flag of the client. An unknown flag takes no value.
func FlagTakes(name string) (takes Arity, known bool) {
	for takes, names := range flags {
		if slices.Contains(names, name) {
			return Arity(takes), true
		}
	}
	return NoValue, false
}

// The values of --output-format (2.1.165, 2.1.330). --input-format has text and stream-json.
const (
	FormatText       = "text"
	FormatJSON       = "json"
	FormatStreamJSON = "stream-json"
)

// FailedStatus is the exit status of a -p command that failed (2.1.165, 2.1.330).
const FailedStatus = 1

// InterruptedStatus is the exit status of a -p command that Ctrl-C has ended: the client counts that as success. Other
// commands are ended by the signal (mcp list; 2.1.165, 2.1.330, 2.1.332).
const InterruptedStatus = 0
