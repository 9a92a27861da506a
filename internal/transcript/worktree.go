package transcript

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
)

// Worktree returns the name of the git worktree in which a client that was started in cwd works, because of --worktree.
// With an id it is the worktree of that session. Without one it is the worktree of the only session that has one and
// was written to at or after since. Worktree returns "" when there is none, or more than one, or when the client wrote
// no transcript.
func Worktree(configDir, cwd, id string, since time.Time) (name string) {
	if real, err := filepath.EvalSymlinks(cwd); err == nil {
		cwd = real // as the client writes it
	}
	if id != "" {
		path, err := Locate(configDir, id)
		if err != nil {
			return ""
		}
		return worktreeOf(path, cwd)
	}
	root := filepath.Join(configDir, claude.ProjectsDir)
	projects, err := os.ReadDir(root)
	if err != nil {
		return ""
	}
	for _, project := range projects {
		sessions, err := sessionsIn(filepath.Join(root, project.Name()), since)
		if err != nil {
			continue // no directory, or one that is gone
		}
		for _, session := range sessions {
			found := worktreeOf(session.Path, cwd)
			if found == "" || found == name {
				continue
			}
			if name != "" {
				return "" // of two clients at once
			}
			name = found
		}
	}
	return name
}

// worktreeOf returns the name of the worktree that the session with the transcript at path has entered last from the
// directory cwd, "" for none.
func worktreeOf(path, cwd string) string {
	f, info, err := atomicfile.OpenRegular(path)
	if err != nil {
		return ""
	}
	defer f.Close() // read only: nothing can be lost
	b := newBackward(f, info.Size(), maxBack)
	for {
		line, err := b.next()
		if err != nil {
			return "" // the beginning
		}
		if !bytes.Contains(line, []byte(claude.WorktreeState)) {
			continue
		}
		var state struct {
			Type            string
			WorktreeSession struct{ OriginalCwd, WorktreeName string }
		}
		if json.Unmarshal(line, &state) == nil && state.Type == claude.WorktreeState &&
			state.WorktreeSession.OriginalCwd == cwd && state.WorktreeSession.WorktreeName != "" {
			return state.WorktreeSession.WorktreeName
		}
	}
}
