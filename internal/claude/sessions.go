package claude

// Where the client keeps its sessions, below its directory (2.1.165, 2.1.330).
const (
	ProjectsDir   = "projects" // ProjectsDir/<project>/<session id>TranscriptExt
	TranscriptExt = ".jsonl"
	RunningDir    = "sessions" // RunningDir/<pid>.json: the note of a client while it runs; not in 2.1.104
)

// LongestProject is the length, in UTF-16 code units, at which the client cuts the name of a project's directory
// (2.1.165, 2.1.330). The name is the real path with a "-" for every code unit that is not an ASCII letter or digit. A
// name that was cut ends with "-" and the absolute value, in base 36, of the 32-bit hash h*31+c over the path.
const LongestProject = 200

// WorktreeState is the type of the line in a transcript that names the git worktree of a session. A client with
// --worktree (or -w) makes <repository>/.claude/worktrees/NAME with the branch worktree-NAME at its start, before it
// talks to the service, and leaves it there when it fails. Without a name it makes up a new one each time; with the
// name of a worktree that exists it goes on in that. 2.1.330 also locks it and leaves the lock. With
// --no-session-persistence nothing names the worktree (2.1.165, 2.1.330).
const WorktreeState = "worktree-state"

// What a transcript and the structured output say about a failed login (2.1.165, 2.1.330).
const (
	AuthenticationFailed = "authentication_failed" // "error" of an answer
	APIErrorKey          = "isApiErrorMessage"     // true in the line of a transcript
)
