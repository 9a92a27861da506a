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
	In     Range   // the versions that have it; in others the word is a prompt
	Renews Version // the first measured version in which it was seen to renew a login that is due; see MayRenew
	Quiet  bool    // no measured version renews with it
}

// Commands lists the client's subcommands (2.1.165, 2.1.330, 2.1.332). None of them sends a request to the model that
// would be worth repeating after a sign-in, and `auth` is how this program itself signs in.
//
// Most renew in the background while they do their work, and end without waiting for it long enough; a command that
// only prints its usage does not. Sessions and -p renew in all measured versions. `mcp serve` renews while its standard
// input is open, without a prompt, a hook or one of the user's MCP servers (also 2.1.200, 2.1.250, 2.1.278, 2.1.300,
// 2.1.315).
var Commands = [...]Command{
	{Name: "agents", Renews: V330},
	{Name: "attach", Quiet: true},
	{Name: "auth", Renews: V165},              // login, logout, status
	{Name: "auto-mode", Renews: V330},         // config, defaults
	{Name: "config", In: Range{Before: V165}}, // a prompt in all measured versions
	{Name: "daemon"},                          // not in --help; since 2.1.163
	{Name: "doctor", Renews: V165},
	{Name: "gateway", In: Range{Since: V195}}, // not without a --config file
	{Name: "import", In: Range{Since: V222}},  // "not yet available in this build"
	{Name: "install", Renews: V165},
	{Name: "kill", Quiet: true},
	{Name: "logs", Quiet: true},
	{Name: "mcp", Renews: V165},                          // get, list, serve; since 2.1.330 also add, remove, …
	{Name: "migrate-installer", In: Range{Before: V165}}, // a prompt in all measured versions
	{Name: "plugin", Renews: V301},                       // install, list, marketplace list, validate
	{Name: "plugins", Renews: V301},
	{Name: "project", Renews: V165}, // project purge
	{Name: "purge", In: Range{Since: V288}, Renews: V330},
	{Name: "rc"},             // not without a known organisation
	{Name: "remote-control"}, // likewise
	{Name: "respawn", Renews: V165},
	{Name: "rm", Quiet: true},
	{Name: "setup-token", Renews: V165},
	{Name: "stop", Quiet: true},
	{Name: "ultrareview", Renews: V330},
	{Name: "update", Renews: V165},
	{Name: "upgrade", Renews: V165},
}

// MayRenew reports whether the client may renew the login when it is called with this subcommand, "" for a
// conversation: always, unless it was measured that it does not.
func MayRenew(command string) bool {
	return !slices.ContainsFunc(Commands[:], func(c Command) bool { return c.Name == command && c.Quiet })
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

// Background are the flags that start the session in the background; see KindBackground. `claude --bg` renews a login
// that is due, and waits for that; the daemon that it starts does not send the same refresh token again (2.1.165,
// 2.1.332, with an endpoint at 0 and 6 s).
var Background = [...]string{"--bg", "--background"}

// elsewhereFlags leave the work to another machine or program (2.1.165, 2.1.330). The client renews before that
// (2.1.330, 2.1.332).
var elsewhereFlags = [...]string{"--cloud", "--teleport", "--desktop", "--remote-control"}

// IsPlainFlag reports whether the client, with this flag, needs no login or leaves the work to another process.
func IsPlainFlag(name string) bool {
	return slices.Contains(InfoFlags[:], name) || slices.Contains(Background[:], name) ||
		slices.Contains(elsewhereFlags[:], name)
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
