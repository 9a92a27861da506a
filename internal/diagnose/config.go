package diagnose

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// FindBrokenConfig looks at the client's .claude.json, without which the client does not start: not even to sign in.
func FindBrokenConfig(p paths.Paths) Obstacle {
	if !broken(p.GlobalConfig) {
		return Obstacle{}
	}
	o := Obstacle{
		Cause:  p.GlobalConfig + " is not valid JSON, so Claude Code cannot start",
		Remedy: run("mv", p.GlobalConfig, p.GlobalConfig+".broken") + ": Claude Code then starts with its defaults",
	}
	copies, _ := filepath.Glob(filepath.Join(quoteGlob(p.ConfigDir), claude.GlobalBackups, claude.GlobalBackup+"*"))
	slices.Sort(copies) // their times have the same number of digits
	for _, path := range slices.Backward(copies) {
		if !broken(path) { // 2.1.165 also makes copies of what is broken
			o.Remedy = run("cp", path, p.GlobalConfig) + " to restore Claude Code's own backup"
			break
		}
	}
	return o
}

// broken reports whether a file has something that is not JSON. The client passes over a byte order mark, and starts
// with its defaults where the file is missing or empty.
func broken(path string) bool {
	data, _, err := atomicfile.ReadRegular(path, largestSettings)
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	return err == nil && len(data) > 0 && !json.Valid(data)
}

// quoteGlob makes a path a pattern that only it matches.
func quoteGlob(path string) string {
	var quoted []byte
	for i := range len(path) {
		if bytes.IndexByte([]byte(`*?[\`), path[i]) >= 0 {
			quoted = append(quoted, '\\')
		}
		quoted = append(quoted, path[i])
	}
	return string(quoted)
}

func (d *Doctor) config(context.Context) Finding {
	if dir, set := d.Env.Lookup(claude.EnvConfigDir); set && dir == "" { // ${localEnv:…} of a devcontainer.json does that
		return wrong(claude.EnvConfigDir+" is set to nothing, so Claude Code keeps its files in the current directory",
			"a directory, or no such variable", run("unset "+claude.EnvConfigDir))
	}
	if o := FindBrokenConfig(d.Paths); o.Cause != "" {
		return wrong(o.Cause, "valid JSON", o.Remedy)
	}
	switch _, err := os.Stat(d.Paths.GlobalConfig); {
	case errors.Is(err, fs.ErrNotExist):
		return fine("%s does not exist yet; Claude Code will create it", d.Paths.GlobalConfig)
	case err != nil:
		return note("", "%s cannot be read: %v", d.Paths.GlobalConfig, atomicfile.WithoutPath(err))
	}
	return fine("%s is valid JSON", d.Paths.GlobalConfig)
}
