package transcript

import (
	"encoding/hex"
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

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/cache"
	"github.com/claude-auth/claude-auth/internal/claude"
)

// Dir returns the directory in which the client keeps the transcripts of sessions started in cwd: <config
// dir>/projects/<name>. The name is the real path with a "-" for each UTF-16 code unit that is not an ASCII letter or
// digit. A name longer than 200 is cut and gets a hash of the path. Measured on 2.1.165 and 2.1.330, through a symlink,
// with spaces, `_` and characters outside the BMP. The client also normalises the path to NFC, which this does not: on
// macOS only [Locate] finds a directory with a decomposed name.
func Dir(configDir, cwd string) string {
	if real, err := filepath.EvalSymlinks(cwd); err == nil {
		cwd = real // else the path is used as it is, which the client does too
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

// Locate finds the transcript of a session in any directory's project. The error wraps fs.ErrNotExist when there is
// none.
func Locate(configDir, sessionID string) (string, error) {
	root := filepath.Join(configDir, claude.ProjectsDir)
	if !isSessionID(sessionID) {
		return "", fmt.Errorf("no transcript of session %q in %s: %w", sessionID, root, fs.ErrNotExist)
	}
	projects, err := os.ReadDir(root)
	if err != nil {
		return "", atomicfile.Failed("cannot read "+root, err)
	}
	for _, p := range projects {
		path := filepath.Join(root, p.Name(), sessionID+claude.TranscriptExt)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, nil
		}
	}
	return "", fmt.Errorf("no transcript of session %s in %s: %w", sessionID, root, fs.ErrNotExist)
}

// Session is the transcript of one session.
type Session struct {
	ID       string
	Path     string
	Modified time.Time
}

// Sessions returns the sessions of cwd whose transcripts were written to at or after since, the newest first. Several
// clients may run in one directory. A directory that does not exist has none.
func Sessions(configDir, cwd string, since time.Time) ([]Session, error) {
	return sessionsIn(Dir(configDir, cwd), since)
}

// sessionsIn is Sessions for the directory with the transcripts.
func sessionsIn(dir string, since time.Time) ([]Session, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, atomicfile.Failed("cannot read "+dir, err)
	}
	var found []Session
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), claude.TranscriptExt)
		if !ok || !isSessionID(id) {
			continue // agent-….jsonl is a subagent's
		}
		info, err := e.Info()
		// The kernel's clock for times of files may be behind the clock that since was read from.
		if err != nil || !info.Mode().IsRegular() || info.ModTime().Before(since.Add(-cache.Coarse)) {
			continue // gone meanwhile, or not written to
		}
		found = append(found, Session{ID: id, Path: filepath.Join(dir, e.Name()), Modified: info.ModTime()})
	}
	slices.SortFunc(found, func(a, b Session) int { return b.Modified.Compare(a.Modified) })
	return found, nil
}

// isSessionID reports whether s is a UUID as the client writes them.
func isSessionID(s string) bool {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	id, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	return err == nil && len(id) == 16
}
