package shell

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

// The comment in front of the hook's line. Uninstall finds what Install wrote by it, and by the second form knows that the
// file did not exist before.
const (
	marker        = "# claude-auth: the next line was added by `claude-auth install`; `claude-auth uninstall` takes it out"
	markerCreated = "# claude-auth: this file was made by `claude-auth install`; `claude-auth uninstall` takes it away"
)

// maxStartup is the size, in bytes, above which a file is no startup file.
const maxStartup = 4 << 20

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
	return regexp.MustCompile(`(?m)^[^#\n]*\bclaude-auth(\.exe)?['"]?[ \t]+init[ \t]+['"]?(bash|zsh|fish)\b`)
})

// Install makes line the one line of the startup file at path that loads the hook. The file is created when there is none;
// links are followed, mode and owner stay, so do all other bytes and a missing final newline. The error is an *UnfitError
// when the file is not one to append a line to.
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
	switch {
	case found == 1 && block(head, line).Match(old):
		return Unchanged, nil
	case found == 1:
		return Updated, write(path, replaceBlock(old, head, line), mode)
	case found > 1:
		return Updated, write(path, updated, mode)
	}
	return Added, write(path, updated, mode)
}

// Uninstall takes out exactly what Install put into the startup file at path; a file that Install made goes when nothing else
// is in it. No file is no error.
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

// anyBlock matches what Install writes: the newline that it had to put before it where the last line had none (then the
// block has none at its end either), a marker, and the line. A person who has deleted the line has left the marker; one who
// has changed it has made it theirs, and only the marker goes.
var anyBlock = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)\n` + blockText + `\z|^` + blockText + `(?:\n|\z)`)
})

var blockText = `(?:` + regexp.QuoteMeta(marker) + `|` + regexp.QuoteMeta(markerCreated) + `)(?:\n(?:` +
	`if \[ -x [^\n]+ \]; then eval "\$\([^\n]+ init (?:bash|zsh)[^\n]*\)"; fi|` +
	`test -x [^\n]+; and [^\n]+ init fish[^\n]* \| source)$)?`

// strip returns data without Install's blocks, and how many there were.
func strip(data []byte) (stripped []byte, found int) {
	found = len(anyBlock().FindAllIndex(data, -1))
	return anyBlock().ReplaceAll(data, nil), found
}

func block(head, line string) *regexp.Regexp {
	return regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(head) + `\n` + regexp.QuoteMeta(line) + `$`)
}

// replaceBlock puts line into the one block of data, in its place.
func replaceBlock(data []byte, head, line string) []byte {
	return anyBlock().ReplaceAllFunc(data, func(old []byte) []byte {
		text := []byte(head + "\n" + line)
		if old[0] == '\n' {
			text = append([]byte("\n"), text...)
		}
		if old[len(old)-1] == '\n' {
			text = append(text, '\n')
		}
		return text
	})
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

// readStartup reads the file at path. The error wraps fs.ErrNotExist when there is none (a dangling link included).
func readStartup(path string) ([]byte, fs.FileMode, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0) // a FIFO must not hold the program
	if err != nil {
		return nil, 0o644, fmt.Errorf("read the startup file: %w", err)
	}
	defer f.Close() // nothing was written: an error in closing says nothing
	info, err := f.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("read the startup file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, &UnfitError{Path: path, Reason: "is no regular file"}
	}
	data, err := io.ReadAll(io.LimitReader(f, maxStartup+1))
	if err != nil {
		return nil, 0, fmt.Errorf("read the startup file: %w", err)
	}
	if len(data) > maxStartup {
		return nil, 0, &UnfitError{Path: path, Reason: "is larger than 4 MiB"}
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
