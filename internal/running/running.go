// Package running finds the clients that run now with the same directory, so that `status` and `doctor` can say which
// of them began before the login that is saved.
//
// Most clients note in the client's directory that they run (claude.RunningDir), so they are found on any system. The
// others, such as `mcp serve`, are found in /proc, so on Linux alone. Only the user's own processes are looked at. A
// note of another machine or container that shares the directory does not count: its pid means nothing here.
package running

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/system"
)

// Kind says what a client does, for programs.
type Kind string

// The kinds.
const (
	Session    Kind = "session"
	Background Kind = "background"
	Print      Kind = "print"
	Editor     Kind = "editor"
	Program    Kind = "sdk"
	Daemon     Kind = "daemon"
	Serve      Kind = "serve"
	Remote     Kind = "remote"
)

// Client is a process of the client.
type Client struct {
	PID       int
	Kind      Kind
	Dir       string // the working directory; "" when that is not known
	SessionID string // "" when it has none
	Job       string // the name of a background session, for `claude attach`
	Started   time.Time
}

// The bounds of one look.
const (
	maxNotes   = 1024
	maxNote    = 64 << 10 // bytes
	maxClients = 64
)

// Find returns the clients that run with these paths and began before the given time, the oldest first.
func Find(p paths.Paths, before time.Time) []Client {
	found := noted(p.ConfigDir)
	if daemon, ok := daemonIn(p.ConfigDir); ok {
		found = append(found, daemon)
	}
	found = append(found, unnoted(p)...)
	found = slices.DeleteFunc(found, func(c Client) bool { return c.Started.IsZero() || !c.Started.Before(before) })
	slices.SortFunc(found, func(a, b Client) int { return a.Started.Compare(b.Started) })
	return found[:min(len(found), maxClients)]
}

// note is what a client writes about itself; see claude.RunningDir and claude.DaemonNote.
type note struct {
	PID        int    `json:"pid"`
	ProcStart  string `json:"procStart"`
	SessionID  string `json:"sessionId"`
	CWD        string `json:"cwd"`
	StartedAt  int64  `json:"startedAt"` // milliseconds since 1970; later than the process's own start
	Kind       string `json:"kind"`
	Entrypoint string `json:"entrypoint"`
	PIDDomain  string `json:"pidDomain"`
	JobID      string `json:"jobId"`
}

// noted returns the clients that have noted that they run.
func noted(configDir string) []Client {
	dir, err := os.Open(filepath.Join(configDir, claude.RunningDir))
	if err != nil {
		return nil // no client has run with a conversation, or the directory is another user's
	}
	defer dir.Close() // read only: nothing can be lost
	var found []Client
	for looked := 0; looked < maxNotes; {
		names, err := dir.Readdirnames(128)
		for _, name := range names {
			looked++
			pid, isNote := strings.CutSuffix(name, ".json")
			if id, err := strconv.Atoi(pid); isNote && err == nil {
				if c, ok := readNote(filepath.Join(dir.Name(), name), id); ok {
					found = append(found, c)
				}
			}
		}
		if err == io.EOF || err != nil {
			return found
		}
	}
	return found
}

// daemonIn returns the client's daemon.
func daemonIn(configDir string) (Client, bool) {
	c, ok := readNote(filepath.Join(configDir, claude.DaemonNote), 0)
	c.Kind, c.Dir, c.SessionID, c.Job = Daemon, "", "", ""
	return c, ok
}

// readNote reads a note, and reports whether the process that it is about runs. A pid of 0 is any.
func readNote(path string, pid int) (Client, bool) {
	data, _, err := atomicfile.ReadRegular(path, maxNote)
	var n note
	if err != nil || json.Unmarshal(data, &n) != nil || pid != 0 && n.PID != pid || !lock.IsThisSpace(n.PIDDomain) {
		return Client{}, false
	}
	if system.Here().MacOS() {
		n.ProcStart = "" // how the client counts there was not measured
	}
	process := lock.ProcessOf(n.PID)
	// A process that began after its note was written has got the pid of one that has ended.
	late := process.Started.After(time.UnixMilli(n.StartedAt).Add(time.Minute))
	if !lock.Runs(n.PID, n.ProcStart) || late {
		return Client{}, false
	}
	return Client{n.PID, n.kind(), n.CWD, n.SessionID, n.JobID, process.Started}, true
}

func (n note) kind() Kind {
	switch {
	case n.Kind == claude.KindBackground:
		return Background
	case n.Entrypoint == claude.EntryEditor:
		return Editor
	case n.Entrypoint == claude.EntryPrint:
		return Print
	case n.Entrypoint != claude.EntryTerminal && n.Entrypoint != "":
		return Program
	}
	return Session
}
