package transcript

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
)

// maxJobs bounds how many background sessions are looked at for a name.
const maxJobs = 512

// JobSession returns the id of the session of a background session, as a person names that to `claude attach`: by the
// job's id, or by a part of its name that no other job has (2.1.332). It returns "" when that is not known.
func JobSession(configDir, word string) string {
	jobs := filepath.Join(configDir, claude.JobsDir)
	if filepath.Base(word) == word && word != ".." {
		if job, ok := readJob(filepath.Join(jobs, word)); ok {
			return job.SessionID
		}
	}
	entries, err := os.ReadDir(jobs)
	if err != nil {
		return ""
	}
	var found []string
	for _, entry := range entries[:min(len(entries), maxJobs)] {
		job, ok := readJob(filepath.Join(jobs, entry.Name()))
		if ok && strings.Contains(strings.ToLower(job.Name), strings.ToLower(word)) {
			found = append(found, job.SessionID)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// job is what the client writes about a background session.
type job struct {
	SessionID string `json:"sessionId"`
	Name      string `json:"name"`
}

func readJob(dir string) (j job, ok bool) {
	data, _, err := atomicfile.ReadRegular(filepath.Join(dir, claude.JobState), runningMax)
	if err != nil || json.Unmarshal(data, &j) != nil {
		return job{}, false
	}
	return j, isSessionID(j.SessionID)
}
