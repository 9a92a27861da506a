// Package plugin is the Claude Code plugin that this program carries. It installs it where Claude Code looks for
// plugins by itself: that needs no marketplace, no setting, and no run of Claude Code.
//
// The directory of this package is the plugin, so that it can be a marketplace's too. Its hooks find claude-auth on
// PATH. The installed ones know where the program was at that time, because an editor may start Claude Code with
// another PATH.
package plugin

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/shell"
)

// Name is the plugin's name. Names that begin with `claude-` are refused (2.1.332).
const Name = "login-guard"

//go:embed .claude-plugin/plugin.json hooks/hooks.json README.md LICENSE icon.png
var files embed.FS

// names lists the files, in the order in which they are written: the client loads no plugin without a manifest.
var names = []string{"README.md", "LICENSE", "icon.png", claude.PluginHooks, claude.PluginManifest}

// onPath names the program in each hook: that which PATH has.
const onPath = `p=claude-auth; `

// Dir is where the plugin is installed, in the client's own directory.
func Dir(configDir string) string { return filepath.Join(configDir, claude.SkillsDir, Name) }

// State says what is in a directory.
type State int

const (
	Absent   State = iota // nothing
	Current               // this plugin, as Install would write it
	Outdated              // this plugin, of another version or for a program in another place
	Foreign               // something else
)

// Look says what is in dir. exe is the program that the hooks should run. Where a file is in the place of dir, or of a
// directory above it, the state is Foreign and the error names that file.
func Look(dir, exe string) (State, error) {
	if err := checkDirs(dir); err != nil {
		return Foreign, err
	}
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return Absent, nil
	}
	if !isOurs(dir) {
		return Foreign, nil
	}
	for _, name := range names {
		want, err := content(name, exe)
		if err != nil {
			return Outdated, err
		}
		if have, err := read(dir, name); err != nil || !bytes.Equal(have, want) {
			return Outdated, nil
		}
	}
	return Current, nil
}

// checkDirs returns an error when dir, or the nearest path above it that exists, is a file.
func checkDirs(dir string) error {
	for path := dir; ; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		if err == nil && !info.IsDir() {
			return fmt.Errorf("%s is a file, not a directory", path)
		}
		if err == nil || path == filepath.Dir(path) {
			return nil
		}
	}
}

// maxFile bounds what is read of a file, in bytes.
const maxFile = 1 << 20

func read(dir, name string) ([]byte, error) {
	text, _, err := atomicfile.ReadRegular(filepath.Join(dir, name), maxFile)
	return text, err
}

// hookCommand is in the hooks of each version.
const hookCommand = "plugin-hook session-start"

// isOurs reports whether dir has this plugin, whatever its version. After an interrupted removal or installation only
// some of the files are there, and each may have been damaged by hand.
func isOurs(dir string) bool {
	if entries, err := os.ReadDir(dir); err != nil || len(entries) == 0 {
		return err == nil
	}
	if hooks, err := read(dir, claude.PluginHooks); err == nil && bytes.Contains(hooks, []byte(hookCommand)) {
		return true
	}
	var manifest struct{ Name, Repository string }
	text, err := read(dir, claude.PluginManifest)
	if err == nil && json.Unmarshal(text, &manifest) == nil && manifest.Name != "" {
		return manifest.Name == Name && isURL(manifest.Repository)
	}
	readme, err := read(dir, "README.md")
	return err == nil && bytes.HasPrefix(readme, []byte("# "+Name+"\n"))
}

func isURL(repository string) bool { return strings.HasSuffix(repository, "/claude-auth") }

// content is what the file name is to have, for the program exe.
func content(name, exe string) ([]byte, error) {
	text, err := files.ReadFile(name)
	if err != nil || name != claude.PluginHooks || exe == "" {
		return text, err
	}
	quoted, err := quote(exe)
	if err != nil {
		return nil, err
	}
	first := `p=` + quoted + `; [ -x "$p" ] || p=claude-auth; `
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(first); err != nil {
		return nil, err
	}
	inner := strings.TrimSuffix(strings.TrimPrefix(encoded.String(), `"`), "\"\n")
	return []byte(strings.ReplaceAll(string(text), onPath, inner)), nil
}

// quote quotes the path of the program for /bin/sh, which runs hooks. The client replaces ${…} in a hook before that.
func quote(exe string) (string, error) {
	if strings.Contains(exe, "${") {
		return "", fmt.Errorf("a hook cannot name %s: Claude Code replaces ${…}", exe)
	}
	return shell.ByName("bash").Quote(exe)
}

// Install writes the plugin into dir. The hooks run exe.
func Install(dir, exe string) error {
	for _, name := range names {
		text, err := content(name, exe)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, name)
		if err := atomicfile.Write(path, text, atomicfile.Options{Mode: 0o644, MkdirParents: true}); err != nil {
			return fmt.Errorf("cannot write %s: %w", path, atomicfile.WithoutPath(err))
		}
	}
	return nil
}

// Remove removes the plugin from dir, and what the client has made for it. What is not the plugin's stays, and so
// does a directory that has some of it; left says so.
func Remove(dir, configDir string) (left bool, err error) {
	for i := len(names) - 1; i >= 0; i-- { // the manifest first: without it there is no plugin
		path := filepath.Join(dir, names[i])
		if err := atomicfile.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("cannot remove %s: %w", path, atomicfile.WithoutPath(err))
		}
	}
	for _, name := range []string{claude.PluginHooks, claude.PluginManifest, "."} {
		removeEmpty(filepath.Join(dir, filepath.Dir(name)))
	}
	removeEmpty(filepath.Dir(dir))
	data := filepath.Join(configDir, claude.PluginData)
	for _, from := range []string{claude.FromSkills, claude.FromCommands} {
		removeEmpty(filepath.Join(data, Name+from))
	}
	removeEmpty(data)
	removeEmpty(filepath.Dir(data))
	_, err = os.Lstat(dir)
	return err == nil, nil
}

// removeEmpty removes a directory that is empty. One that is not belongs to somebody else too.
func removeEmpty(dir string) { _ = os.Remove(dir) }
