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

// The comment in front of the hook's line. Uninstall finds what Install wrote by it, and by the second form knows that
// the file did not exist before.
const (
	marker        = "# claude-auth: the next line was added by `claude-auth install`; `claude-auth uninstall` takes it out"
	markerCreated = "# claude-auth: this file was made by `claude-auth install`; `claude-auth uninstall` takes it away"
)

// Result says what Install or Uninstall did.
type Result string

// The results.
const (
	Added     Result = "added"         // the line is new
	Updated   Result = "updated"       // the line that an earlier Install wrote says something else now
	Unchanged Result = "unchanged"     // the line was there, or for Uninstall: there was none of ours
	ByHand    Result = "added by hand" // a line of the person's own loads the hook: nothing was changed
	Removed   Result = "removed"       // the file is what it was before Install
)

// UnfitError says why a startup file is left alone.
type UnfitError struct{ Path, Reason string }

func (e *UnfitError) Error() string {
	return fmt.Sprintf("edit the startup file %s: it %s", e.Path, e.Reason)
}

// byHand matches a line that loads the hook, in whatever form a person wrote it.
var byHand = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^[^#\n]*\bclaude-auth(\.exe)?['"]?[ \t]+init[ \t]+['"]?(` +
		strings.Join(shell.Names(), "|") + `)\b`)
})

// Install makes line the one line of the startup file at path that loads the hook. The file is created when there is
// none; links are followed, mode and owner stay, so do all other bytes and a missing final newline. The error is an
// *UnfitError when the file is not one to append a line to.
func Install(path, line string) (Result, error) {
	old, mode, err := readStartup(path)
	created := errors.Is(err, fs.ErrNotExist)
	if err != nil && !created {
		return "", err
	}
	stripped, found := strip(old)
	if byHand().Match(stripped) {
		if found == 0 {
			return ByHand, nil
		}
		// Theirs makes ours superfluous; two would load the hook twice.
		return ByHand, write(path, stripped, mode)
	}
	head := marker
	if created || bytes.HasPrefix(old, []byte(markerCreated)) {
		head = markerCreated
	}
	updated, err := appendLine(path, stripped, head, line)
	if err != nil {
		return "", err
	}
	if found == 1 {
		updated = replaceBlock(old, head, line)
	}
	switch {
	case bytes.Equal(updated, old):
		return Unchanged, nil
	case found > 0:
		return Updated, write(path, updated, mode)
	}
	return Added, write(path, updated, mode)
}

// Uninstall removes exactly what Install put into the startup file at path, and the file when Install made it and
// nothing else is in it. A missing file is not an error.
func Uninstall(path string) (Result, error) {
	old, mode, err := readStartup(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Unchanged, nil
	}
	if err != nil {
		return "", err
	}
	stripped, found := strip(old)
	if found == 0 {
		return Unchanged, nil
	}
	if len(stripped) == 0 && bytes.HasPrefix(old, []byte(markerCreated)) {
		if err := atomicfile.Remove(path); err != nil {
			return "", fmt.Errorf("remove the startup file %s: %w", path, err)
		}
		return Removed, nil
	}
	return Removed, write(path, stripped, mode)
}

// Installed reports whether the startup file at path loads the hook, by Install's line or by a person's own.
func Installed(path string) (bool, error) {
	data, _, err := readStartup(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return byHand().Match(data), err
}

// anyBlock matches what Install writes: the newline that it had to put before it where the last line had none (then
// the block has none at its end either), a marker, and the line. Of a line that a person deleted or changed only the
// marker is left to match: a changed line is theirs.
var anyBlock = sync.OnceValue(func() *regexp.Regexp {
	var lines []string
	for _, s := range shell.All() {
		line := regexp.QuoteMeta(fmt.Sprintf(s.IfPresent, "EXE", fmt.Sprintf(s.Eval, "EXE init "+s.Name+"ARGS")))
		lines = append(lines, strings.NewReplacer("EXE", `[^\n]+`, "ARGS", `[^\n]*`).Replace(line))
	}
	block := `(?:` + regexp.QuoteMeta(marker) + `|` + regexp.QuoteMeta(markerCreated) + `)` +
		`(?:\n(?:` + strings.Join(lines, "|") + `)$)?`
	return regexp.MustCompile(`(?m)(?P<before>\n)` + block + `\z|^` + block + `(?P<after>\n|\z)`)
})

// strip returns data without Install's blocks, and how many there were.
func strip(data []byte) (stripped []byte, found int) {
	found = len(anyBlock().FindAllIndex(data, -1))
	return anyBlock().ReplaceAll(data, nil), found
}

// replaceBlock puts head and line into the one block of data, in its place.
func replaceBlock(data []byte, head, line string) []byte {
	text := strings.ReplaceAll(head+"\n"+line, "$", "$$")
	return anyBlock().ReplaceAll(data, []byte("${before}"+text+"${after}"))
}

// appendLine returns data with the block at its end, and with a final newline exactly when data has one or is empty.
func appendLine(path string, data []byte, head, line string) ([]byte, error) {
	text := head + "\n" + line
	if len(data) == 0 {
		return []byte(text + "\n"), nil
	}
	if bytes.HasSuffix(bytes.TrimSuffix(data, []byte("\n")), []byte(`\`)) {
		return nil, &UnfitError{Path: path, Reason: "ends in a backslash, which would swallow the line"}
	}
	if data[len(data)-1] == '\n' {
		return append(bytes.Clone(data), text+"\n"...), nil
	}
	return append(bytes.Clone(data), "\n"+text...), nil
}

// readStartup reads the file at path and its mode. The error wraps fs.ErrNotExist when there is none (a dangling link
// included).
func readStartup(path string) ([]byte, fs.FileMode, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0o644, fmt.Errorf("read the startup file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, &UnfitError{Path: path, Reason: "is no regular file"}
	}
	if info.Size() > maxStartup {
		return nil, 0, &UnfitError{Path: path, Reason: "is larger than 4 MiB"}
	}
	data, _, err := atomicfile.ReadRegular(path, maxStartup)
	if err != nil {
		return nil, 0, fmt.Errorf("read the startup file: %w", err)
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, 0, &UnfitError{Path: path, Reason: "holds a NUL byte, so it is no text"}
	}
	return data, info.Mode().Perm(), nil
}

func write(path string, data []byte, mode fs.FileMode) error {
	// Made 0700 where missing, as the XDG specification has it for ~/.config.
	if err := atomicfile.Write(path, data, atomicfile.Options{Mode: mode, MkdirParents: true}); err != nil {
		return fmt.Errorf("write the startup file: %w", err)
	}
	return nil
}
