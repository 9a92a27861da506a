package transcript

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// Dir returns the directory in which the client keeps the transcripts of sessions started in cwd: <config
// dir>/projects/<name>. The name is the real path with everything but ASCII letters and digits as "-", one for each
// UTF-16 code unit, and cut at 200 with a hash of the path behind it. Measured on 2.1.165 and 2.1.330, through a
// symlink, with spaces, `_` and characters outside the BMP. The client also makes the path NFC, which this does not:
// on macOS a directory with a decomposed name is found by [Locate] only.
func Dir(configDir, cwd string) string {
	if real, err := filepath.EvalSymlinks(cwd); err == nil {
		cwd = real // else the path as it is: the client does the same
	}
	return filepath.Join(configDir, claude.ProjectsDir, projectName(cwd))
}

func projectName(path string) string {
	units := utf16.Encode([]rune(path))
	name := make([]byte, len(units))
	var hash int32
	for i, u := range units {
		hash = hash<<5 - hash + int32(u)
		name[i] = '-'
		if u >= 'a' && u <= 'z' || u >= 'A' && u <= 'Z' || u >= '0' && u <= '9' {
			name[i] = byte(u)
		}
	}
	if len(name) <= claude.LongestProject {
		return string(name)
	}
	sum := int64(hash)
	if sum < 0 {
		sum = -sum
	}
	return string(name[:claude.LongestProject]) + "-" + strconv.FormatInt(sum, 36)
}

// Locate finds the transcript of a session whatever directory it was started in. The error wraps
// fs.ErrNotExist when there is none.
func Locate(configDir, sessionID string) (string, error) {
	root := filepath.Join(configDir, claude.ProjectsDir)
	if !isSessionID(sessionID) {
		return "", fmt.Errorf("looking for the transcript of session %q in %s: %w", sessionID, root, fs.ErrNotExist)
	}
	projects, err := os.ReadDir(root)
	if err != nil {
		return "", fmt.Errorf("looking for the transcript of session %s: %w", sessionID, err)
	}
	for _, p := range projects {
		path := filepath.Join(root, p.Name(), sessionID+claude.TranscriptExt)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, nil
		}
	}
	return "", fmt.Errorf("looking for the transcript of session %s in %s: %w", sessionID, root, fs.ErrNotExist)
}

// Session is the transcript of one session.
type Session struct {
	ID       string
	Path     string
	Modified time.Time
}

// Sessions returns the sessions of cwd whose transcripts were written to at or after since, the newest first.
// Several clients may run in one directory: the caller tells them apart by what the transcripts say. A directory
// that does not exist has none.
func Sessions(configDir, cwd string, since time.Time) ([]Session, error) {
	dir := Dir(configDir, cwd)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for sessions: %w", err)
	}
	var found []Session
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), claude.TranscriptExt)
		if !ok || !isSessionID(id) {
			continue // agent-….jsonl is a subagent's
		}
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || info.ModTime().Before(since) {
			continue // gone meanwhile, or not written to
		}
		found = append(found, Session{ID: id, Path: filepath.Join(dir, e.Name()), Modified: info.ModTime()})
	}
	slices.SortFunc(found, func(a, b Session) int { return b.Modified.Compare(a.Modified) })
	return found, nil
}

// isSessionID reports whether s is a UUID as the client writes them.
func isSessionID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F'):
			return false
		}
	}
	return true
}
