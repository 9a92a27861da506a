package hooks

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"sync"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/shell"
)

// The comment before the hook's line. By it Uninstall finds what Install wrote, and by the second form it knows that
// the file did not exist before.
const (
	marker        = "# claude-auth: the next line was added by `claude-auth install`; `claude-auth uninstall` removes it"
	markerCreated = "# claude-auth: this file was created by `claude-auth install`; `claude-auth uninstall` removes it"
)

// The markers of earlier versions.
const (
	oldMarker = "# claude-auth: the next line was added by `claude-auth install`; `claude-auth uninstall` takes it out"

	oldMarkerCreated = "# claude-auth: this file was made by `claude-auth install`; `claude-auth uninstall` takes it away"
)

// Result says what Install or Uninstall did.
type Result string

// The results.
const (
	Added     Result = "added"         // the line is new
	Updated   Result = "updated"       // the line of an earlier Install was changed
	Unchanged Result = "unchanged"     // the line was there already; for Uninstall: it was not there
	ByHand    Result = "added by hand" // a line that the user wrote loads the hook
	Removed   Result = "removed"       // Install's line is gone
)

// unfit is the error for a file that no line can be appended to.
func unfit(path, reason string) error { return fmt.Errorf("cannot edit %s: it %s", path, reason) }

// byHand matches a line that loads the hook, in any form a person may have written; completionByHand one that loads the
// completion.
var (
	byHand           = sync.OnceValue(func() *regexp.Regexp { return lineFor("init") })
	completionByHand = sync.OnceValue(func() *regexp.Regexp { return lineFor("completion") })
)

func lineFor(command string) *regexp.Regexp {
	return regexp.MustCompile(`(?m)^[^#\n]*\bclaude-auth(\.exe)?['")]*[ \t]+` + command + `[ \t]+['"]?(` +
		strings.Join(shell.Names(), "|") + `)\b`)
}

// Change is what an Install or an Uninstall does to a startup file. Nothing is changed before Apply.
type Change struct {
	Path     string
	Result   Result
	Lines    string // what Install adds, or changes its line into
	ReadOnly bool   // the file is there, and its mode lets nobody write to it
	Twice    bool   // a line that the user wrote loads the hook too

	data   []byte // the new content
	mode   fs.FileMode
	writes bool // the content differs
	remove bool // the file goes
}

// Changes reports whether Apply changes anything.
func (c Change) Changes() bool { return c.writes || c.remove }

// Apply makes the change. It follows links, and keeps the mode and the owner of the file.
func (c Change) Apply() error {
	var err error
	switch {
	case c.remove:
		err = atomicfile.Remove(c.Path)
	case c.writes:
		// Missing directories get mode 0700, as the XDG specification asks for ~/.config.
		err = atomicfile.Write(c.Path, c.data, atomicfile.Options{Mode: c.mode, MkdirParents: true})
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", c.Path, atomicfile.WithoutPath(err))
	}
	return nil
}

// PlanInstall returns the change that makes line the one line of the startup file at path that loads the hook. It
// creates the file when there is none, and keeps all other bytes. The file ends in a newline afterwards.
func PlanInstall(path, line string) (Change, error) {
	old, mode, err := readStartup(path)
	created := errors.Is(err, fs.ErrNotExist)
	if err != nil && !created {
		return Change{}, err
	}
	c := Change{Path: path, mode: mode, ReadOnly: !created && mode&0o222 == 0}
	stripped, found := strip(old)
	// Beside the user's own line, an earlier one of ours stays: it may be what puts the program on PATH for the other. A
	// hook that is loaded twice is loaded once.
	if c.Twice = byHand().Match(stripped); c.Twice && found == 0 {
		c.Result = ByHand
		return c, nil
	}
	head := marker
	if created || bytes.HasPrefix(old, []byte(markerCreated)) || bytes.HasPrefix(old, []byte(oldMarkerCreated)) {
		head = markerCreated
	}
	c.Lines = head + "\n" + line + "\n"
	if c.data, err = appendLines(path, stripped, c.Lines); err != nil {
		return Change{}, err
	}
	if found == 1 {
		c.data = replaceBlock(old, c.Lines)
	}
	c.writes = !bytes.Equal(c.data, old)
	switch {
	case !c.writes:
		c.Result = Unchanged
	case found > 0:
		c.Result = Updated
	default:
		c.Result = Added
	}
	return c, nil
}

// PlanUninstall returns the change that removes what Install put into the startup file at path. It removes the file
// when Install created it and nothing else is in it. A missing file is not an error.
func PlanUninstall(path string) (Change, error) {
	c := Change{Path: path, Result: Unchanged}
	old, mode, err := readStartup(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	stripped, found := strip(old)
	if found == 0 {
		return c, nil
	}
	c.Result, c.mode, c.ReadOnly, c.data = Removed, mode, mode&0o222 == 0, stripped
	ours := bytes.HasPrefix(old, []byte(markerCreated)) || bytes.HasPrefix(old, []byte(oldMarkerCreated))
	c.remove = ours && len(stripped) == 0
	c.writes = !c.remove
	return c, nil
}

// Install carries out PlanInstall.
func Install(path, line string) (Result, error) {
	c, err := PlanInstall(path, line)
	if err != nil {
		return "", err
	}
	return c.Result, c.Apply()
}

// AddsPath reports whether the line that Install wrote into the startup file at path has --add-path.
func AddsPath(path string) bool {
	data, _, err := readStartup(path)
	return err == nil && bytes.Contains(anyBlock().Find(data), []byte(" --add-path"))
}

// Completes reports whether a line that the user wrote into the startup file at path loads the completion.
func Completes(path string) bool {
	data, _, err := readStartup(path)
	return err == nil && completionByHand().Match(data)
}

// Installed reports whether the startup file at path loads the hook, by Install's line or by one that the user wrote.
func Installed(path string) (bool, error) {
	data, _, err := readStartup(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return byHand().Match(data), err
}

// anyBlock matches what Install writes: a marker and the line. An earlier version left a missing final newline away:
// there the block has a newline before it and none after it. A line that a person has changed is theirs: then only the
// marker matches.
var anyBlock = sync.OnceValue(func() *regexp.Regexp {
	var lines, markers []string
	for _, s := range shell.All() {
		line := regexp.QuoteMeta(fmt.Sprintf(s.IfPresent, "EXE", fmt.Sprintf(s.Eval, "EXE init "+s.Name+"ARGS"), "EXE"))
		lines = append(lines, strings.NewReplacer("EXE", `[^\n]+`, "ARGS", `[^\n]*`).Replace(line))
	}
	for _, text := range []string{marker, markerCreated, oldMarker, oldMarkerCreated} {
		markers = append(markers, regexp.QuoteMeta(text))
	}
	return regexp.MustCompile(`(?m)^(?:` + strings.Join(markers, "|") + `)` +
		`(?:\n(?:` + strings.Join(lines, "|") + `)$)?(?:\n|\z)`)
})

// strip returns data without Install's blocks, and how many there were.
func strip(data []byte) (stripped []byte, found int) {
	found = len(anyBlock().FindAllIndex(data, -1))
	return anyBlock().ReplaceAll(data, nil), found
}

// replaceBlock replaces the block in data by lines.
func replaceBlock(data []byte, lines string) []byte {
	return anyBlock().ReplaceAllLiteral(data, []byte(lines))
}

// appendLines returns data with lines at its end, on lines of their own.
func appendLines(path string, data []byte, lines string) ([]byte, error) {
	if bytes.HasSuffix(bytes.TrimSuffix(data, []byte("\n")), []byte(`\`)) {
		return nil, unfit(path, "ends in a backslash, which would swallow the line")
	}
	text := bytes.Clone(data)
	if len(data) > 0 && data[len(data)-1] != '\n' {
		text = append(text, '\n')
	}
	return append(text, lines...), nil
}

// Line returns the line, without a newline, that loads the hook. It prints nothing when there is no program at exe.
// args are further arguments of `claude-auth init`.
func Line(s *shell.Shell, exe string, args ...string) (string, error) {
	literal, err := s.Literal(exe)
	if err != nil {
		return "", fmt.Errorf("write the line that loads the hook in %s: %w", s.Name, err)
	}
	words := append([]string{exe, "init", s.Name}, args...)
	for i, word := range words {
		if strings.ContainsAny(word, "\n\r") {
			return "", fmt.Errorf("%s cannot load a program whose path has a newline: %q", s.Name, word)
		}
		by := s
		if s.EvalInSh {
			by = shell.ByName("bash") // sh reads it as bash does
		}
		if words[i], err = by.Word(word); err != nil { // without quotes the line is easier to read
			return "", fmt.Errorf("write the line that loads the hook in %s: %w", s.Name, err)
		}
	}
	command := strings.Join(words, " ")
	if s.EvalInSh {
		if command, err = s.Literal(command); err != nil {
			return "", fmt.Errorf("write the line that loads the hook in %s: %w", s.Name, err)
		}
		command = command[1 : len(command)-1] // the quotes are those of Eval
	}
	return fmt.Sprintf(s.IfPresent, words[0], fmt.Sprintf(s.Eval, command), literal), nil
}

// readStartup reads the file at path and its mode. The error wraps fs.ErrNotExist when there is none or path is a
// dangling link, and the mode is then that of a new file.
func readStartup(path string) ([]byte, fs.FileMode, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0o644, unreadable(path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, unfit(path, "is not a regular file")
	}
	if info.Size() > maxStartup {
		return nil, 0, unfit(path, "is larger than 4 MiB")
	}
	data, _, err := atomicfile.ReadRegular(path, maxStartup)
	if err != nil {
		return nil, 0, unreadable(path, err)
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, 0, unfit(path, "has a NUL byte, so it is not text")
	}
	return data, info.Mode().Perm(), nil
}

func unreadable(path string, err error) error {
	return fmt.Errorf("cannot read %s: %w", path, atomicfile.WithoutPath(err))
}
