// Stage lays out what every package of a release has besides the program, as it is installed below a prefix: the manual
// page, the completion of each shell, the plugin, the documents, and the link claude-auth-wrapper for editors. `make
// dist` runs it.
//
//	go run ./packaging/stage DIR
//
// All files get the date of the commit ($SOURCE_DATE_EPOCH, seconds since 1970) and modes that do not depend on the
// umask, so that two builds of a commit give the same packages.
package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/shell"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: stage DIR")
		os.Exit(2)
	}
	if err := stage(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "stage:", err)
		os.Exit(1)
	}
}

// documents are files of this repository, and where they are below the prefix.
var documents = map[string]string{
	"docs/claude-auth.1": "share/man/man1/claude-auth.1",
	"LICENSE":            "share/doc/claude-auth/LICENSE",
	"README.md":          "share/doc/claude-auth/README.md",
	"CHANGELOG.md":       "share/doc/claude-auth/CHANGELOG.md",
}

// program is the name of the program, which every package has in bin.
const program = "claude-auth"

// The plugin's folder in the repository has Go files too, which do not belong to it.
const (
	plugin   = "plugin"
	pluginTo = "share/claude-auth/plugin"
)

// otherCompletions are for shells that look for no completions of packages: their users load them in a startup file.
const otherCompletions = "share/claude-auth/completions/claude-auth."

func stage(dir string) error {
	seconds, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64)
	if err != nil {
		return fmt.Errorf("SOURCE_DATE_EPOCH is not set to the date of the commit: %w", err)
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	files, err := contents()
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := write(filepath.Join(dir, filepath.FromSlash(name)), text); err != nil {
			return err
		}
	}
	if err := date(dir, time.Unix(seconds, 0)); err != nil {
		return err
	}
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		return err
	}
	return os.Symlink(program, filepath.Join(bin, paths.Wrapper))
}

// contents returns all files, by their names below the prefix.
func contents() (map[string][]byte, error) {
	files := map[string][]byte{}
	for from, to := range documents {
		text, err := os.ReadFile(from)
		if err != nil {
			return nil, err
		}
		files[to] = withAddresses(text)
	}
	tree := os.DirFS(plugin)
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) == ".go" {
			return err
		}
		files[path.Join(pluginTo, name)], err = fs.ReadFile(tree, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, sh := range shell.All() {
		if sh.Completion == "" {
			continue
		}
		text, err := completion(sh)
		if err != nil {
			return nil, err
		}
		files[cmp.Or(sh.Packaged, otherCompletions+sh.Name)] = []byte(text)
	}
	return files, nil
}

// repository is where the files are that the documents link to.
const repository = "https://github.com/claude-auth/claude-auth/"

// link matches the end of a link in Markdown, to a file of this repository.
var link = regexp.MustCompile(`\]\(([A-Za-z][\w./#-]*)\)`)

// withAddresses makes the links in a document whole: the files that they lead to are not in a package.
func withAddresses(text []byte) []byte {
	return link.ReplaceAllFunc(text, func(found []byte) []byte {
		name := string(link.FindSubmatch(found)[1])
		view := "blob"
		if path.Ext(name) == ".svg" {
			view = "raw" // an image
		}
		return []byte("](" + repository + view + "/HEAD/" + name + ")")
	})
}

// completion is what `claude-auth completion` prints, but for the program that is on PATH: a package may be unpacked
// anywhere.
func completion(sh *shell.Shell) (string, error) {
	const somewhere = "/prefix/bin/" + program
	text, err := hooks.Completion(sh, somewhere)
	if err == nil && !strings.Contains(text, somewhere) {
		err = fmt.Errorf("the completion of %s does not name the program", sh.Name)
	}
	return strings.ReplaceAll(text, somewhere, program), err
}

func write(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o644)
}

// date gives each file and directory its mode and the time at.
func date(dir string, at time.Time) error {
	return filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if entry.IsDir() {
			mode = 0o755
		}
		if err := os.Chmod(name, mode); err != nil {
			return err
		}
		return os.Chtimes(name, at, at)
	})
}
