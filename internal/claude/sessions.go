package claude

// Where the client keeps its sessions, below its directory (2.1.165, 2.1.330).
const (
	ProjectsDir   = "projects" // ProjectsDir/<project>/<session id>TranscriptExt
	TranscriptExt = ".jsonl"
	RunningDir    = "sessions" // RunningDir/<pid>.json: the note of an interactive client while it runs; not in 2.1.104
)

// LongestProject is the length, in UTF-16 code units, at which the client cuts the name of a project's directory
// (2.1.165, 2.1.330). The name is the real path with a "-" for every code unit that is not an ASCII letter or digit. A
// name that was cut ends with "-" and the absolute value, in base 36, of the 32-bit hash h*31+c over the path.
const LongestProject = 200

// What a transcript and the structured output say about a failed login (2.1.165, 2.1.330).
const (
	AuthenticationFailed = "authentication_failed" // "error" of an answer
	APIErrorKey          = "isApiErrorMessage"     // true in the line of a transcript
)
