package claude

// How a client notes that it runs, below its directory. Each client with a conversation writes RunningDir/<pid>.json,
// -p too, and removes it at its end: pid, procStart, sessionId, cwd, startedAt, version, kind, entrypoint; 2.1.332 also
// pidDomain; a background session also jobId. `mcp serve` writes none, and neither does `attach` (2.1.165, 2.1.332).
const (
	KindSession    = "interactive" // of a conversation: on a terminal, and -p
	KindBackground = "bg"          // of a session that `claude --bg` has started

	EntryTerminal = "cli"           // of a session on a terminal
	EntryPrint    = "sdk-cli"       // of -p, with any format
	EntryEditor   = "claude-vscode" // of VS Code's (read)
)

// Background sessions (2.1.165, 2.1.332). `claude --bg` starts a daemon, which starts a terminal for each session and a
// spare one; all of them are processes of their own sessions (setsid). A job is named by the first 8 characters of its
// session's id. Its transcript is where those of other sessions are.
const (
	DaemonNote = "daemon.lock" // JSON with pid, procStart, startedAt, version; it goes with the daemon
	JobsDir    = "jobs"        // JobsDir/<job>/JobState
	JobState   = "state.json"  // JSON with sessionId, name, cwd, state
	JobLength  = 8
)

// Attach is the subcommand that shows a background session on the terminal, and Respawn the one that starts its client
// again.
const (
	Attach  = "attach"
	Respawn = "respawn"
)

// StopDaemon is the command that ends the daemon, also one that somebody else has started (2.1.165, 2.1.332).
const StopDaemon = Program + " daemon stop --any"

// ResumeFlag is followed by the id of the session that goes on.
const ResumeFlag = "--resume"

// Notices reports whether a running client uses the new login after another process has signed in. Measured with
// 2.1.165 and 2.1.332: a session (idle, after a 401, begun without a login, begun with a Console key), -p that waits
// for input (stream-json), a background session (idle, after a 401, a spare that began before), and 2.1.332's
// `mcp serve`.
//
// After a claude.ai sign-in each of them uses the new tokens in its next request, without a failure. After a Console
// sign-in none of them does: a session goes on with the key that it had begun with, or has none ("Not logged in").
// 2.1.165 also gives a new background session such a client, the spare. `respawn` helps.
func Notices(console bool) bool { return !console }

// RemoteControl are the subcommands that wait for work from claude.ai, or from a phone.
var RemoteControl = [...]string{"remote-control", "rc"}
