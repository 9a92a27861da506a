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
	marker        = "# claude-auth: the next line was added by `claude-auth install`; `claude-auth uninstall` takes it out"
	markerCreated = "# claude-auth: this file was made by `claude-auth install`; `claude-auth uninstall` takes it away"
)

// Result says what Install or Uninstall did.
type Result string

// The results.
const (
	Added     Result = "added"         // the line is new
	Updated   Result = "updated"       // the line of an earlier Install was changed
	Unchanged Result = "unchanged"     // the line was there already; for Uninstall: it was not there
	ByHand    Result = "added by hand" // a line that the user wrote loads the hook
	Removed   Result = "removed"       // the file is what it was before Install
)

// unfit is the error for a file that no line can be appended to.
func unfit(path, reason string) error {
	return fmt.Errorf("edit the startup file %s: it %s", path, reason)
}

// byHand matches a line that loads the hook, in any form a person may have written.
var byHand = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^[^#\n]*\bclaude-auth(\.exe)?['"]?[ \t]+init[ \t]+['"]?(` +
		strings.Join(shell.Names(), "|") + `)\b`)
})

// Install makes line the one line of the startup file at path that loads the hook. It creates the file when there is
// none. It follows links and keeps the mode, the owner, all other bytes and a missing final newline.
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
		// Ours is removed, because two lines would load the hook twice.
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

// Uninstall removes exactly what Install put into the startup file at path. It removes the file when Install created it
// and nothing else is in it. A missing file is not an error.
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

// Installed reports whether the startup file at path loads the hook, by Install's line or by one that the user wrote.
func Installed(path string) (bool, error) {
	data, _, err := readStartup(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return byHand().Match(data), err
}

// anyBlock matches what Install writes: a marker and the line. Where the file did not end in a newline, the block has
// one before it and none after it. A line that a person has changed is theirs: then only the marker matches.
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

// replaceBlock replaces the block in data by head and line.
func replaceBlock(data []byte, head, line string) []byte {
	text := strings.ReplaceAll(head+"\n"+line, "$", "$$")
	return anyBlock().ReplaceAll(data, []byte("${before}"+text+"${after}"))
}

// appendLine returns data with the block at its end, and with a final newline only when data has one or is empty.
func appendLine(path string, data []byte, head, line string) ([]byte, error) {
	text := head + "\n" + line
	if bytes.HasSuffix(bytes.TrimSuffix(data, []byte("\n")), []byte(`\`)) {
		return nil, unfit(path, "ends in a backslash, which would swallow the line")
	}
	if len(data) == 0 || data[len(data)-1] == '\n' {
		return append(bytes.Clone(data), text+"\n"...), nil
	}
	return append(bytes.Clone(data), "\n"+text...), nil
}

// plain are the characters that need no quotes in any shell, anywhere in a word.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+,:@"

// Line returns the line, without a newline, that loads the hook. It prints nothing when there is no program at exe.
// args are further arguments of `claude-auth init`.
func Line(s *shell.Shell, exe string, args ...string) (string, error) {
	words := append([]string{exe, "init", s.Name}, args...)
	for i, word := range words {
		if word != "" && strings.Trim(word, plain) == "" {
			continue // without quotes the line is easier to read
		}
		if strings.ContainsAny(word, "\n\r") {
			return "", fmt.Errorf("write %q into the startup file of %s: it has a newline", word, s.Name)
		}
		quoted, err := s.Quote(word)
		if err != nil {
			return "", fmt.Errorf("write the line for the startup file of %s: %w", s.Name, err)
		}
		words[i] = quoted
	}
	return fmt.Sprintf(s.IfPresent, words[0], fmt.Sprintf(s.Eval, strings.Join(words, " "))), nil
}

// readStartup reads the file at path and its mode. The error wraps fs.ErrNotExist when there is none or path is a
// dangling link, and the mode is then that of a new file.
func readStartup(path string) ([]byte, fs.FileMode, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0o644, fmt.Errorf("read the startup file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, unfit(path, "is no regular file")
	}
	if info.Size() > maxStartup {
		return nil, 0, unfit(path, "is larger than 4 MiB")
	}
	data, _, err := atomicfile.ReadRegular(path, maxStartup)
	if err != nil {
		return nil, 0, fmt.Errorf("read the startup file: %w", err)
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, 0, unfit(path, "holds a NUL byte, so it is no text")
	}
	return data, info.Mode().Perm(), nil
}

func write(path string, data []byte, mode fs.FileMode) error {
	// Missing directories get mode 0700, as the XDG specification asks for ~/.config.
	if err := atomicfile.Write(path, data, atomicfile.Options{Mode: mode, MkdirParents: true}); err != nil {
		return fmt.Errorf("write the startup file: %w", err)
	}
	return nil
}
