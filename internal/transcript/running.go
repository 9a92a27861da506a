package transcript

import (
	"encoding/json"
	"path/filepath"
	"strconv"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
)

// runningMax bounds what is read of such a file, in bytes.
const runningMax = 64 << 10

// RunningSession returns the id of the session that the client with this pid has open, or "" when that is not known. An
// interactive client keeps it in <config dir>/sessions/<pid>.json while it runs (2.1.165, 2.1.330; 2.1.104 has no such
// file).
func RunningSession(configDir string, pid int) string {
	path := filepath.Join(configDir, claude.RunningDir, strconv.Itoa(pid)+".json")
	data, _, err := atomicfile.ReadRegular(path, runningMax)
	if err != nil {
		return ""
	}
	var note struct {
		PID       int
		SessionID string `json:"sessionId"`
	}
	if json.Unmarshal(data, &note) != nil || note.PID != pid || !isSessionID(note.SessionID) {
		return ""
	}
	return note.SessionID
}
