package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

// File is the file of the settings. A change keeps every other line, and so the comments.
type File struct {
	path  string
	mode  fs.FileMode // 0 for a file that is not there yet
	read  string      // what it was when it was read
	text  string
	lines []line
}

// line is a line of the file, with its ending.
type line struct {
	number int // from 1
	text   string
	key    string // "" for an empty line, a comment, and what is not `key = value`
	value  string
	stray  bool // it is none of these
}

// Open reads the file for a change. It may have lines that are not valid: a change can correct them.
func Open(path string) (*File, error) { return readFile(path) }

func (f *File) parse(text string) {
	f.text, f.lines = text, nil
	for raw := range strings.Lines(text) {
		l := line{number: len(f.lines) + 1, text: raw}
		bare := strings.TrimSpace(strings.TrimPrefix(raw, "\ufeff"))
		if bare != "" && bare[0] != '#' {
			key, value, found := strings.Cut(bare, "=")
			if key = strings.TrimSpace(key); found && key != "" {
				l.key, l.value = key, strings.TrimSpace(value)
			} else {
				l.stray = true
			}
		}
		f.lines = append(f.lines, l)
	}
}

// find returns the line that counts for a key: the first one. Another one is a problem.
func (f *File) find(key string) (line, bool) {
	if i := slices.IndexFunc(f.lines, func(l line) bool { return l.key == key }); i >= 0 {
		return f.lines[i], true
	}
	return line{}, false
}

// problems says what is wrong with the lines.
func (f *File) problems() (problems []error) {
	for _, l := range f.lines {
		if problem, hint := f.problem(l); problem != "" {
			problems = append(problems, &ValueError{fmt.Sprintf("%s:%d: %s", f.path, l.number, problem), hint})
		}
	}
	return problems
}

// problem says what is wrong with a line, and what helps; "" when nothing is.
func (f *File) problem(l line) (problem, hint string) {
	key, known := Find(l.key)
	first, _ := f.find(l.key)
	switch {
	case l.stray:
		return fmt.Sprintf("expected KEY = VALUE, not %q", strings.TrimSpace(l.text)), "correct that line; " + helpTopic
	case l.key == "":
		return "", ""
	case !known && strings.ContainsFunc(l.key, func(r rune) bool { return r < 'A' || r > 'z' }):
		return fmt.Sprintf("unknown setting %q", l.key), "correct that line; " + helpTopic
	case !known:
		return fmt.Sprintf("unknown setting %q: expected %s", l.key, orList(Names())),
			"run 'claude-auth config unset " + l.key + "' to remove it"
	case first.number != l.number:
		return fmt.Sprintf("%s is already set in line %d", l.key, first.number), "remove one of the two lines"
	}
	if err := key.check(l.value); err != nil {
		return l.key + " " + err.Error(), "run 'claude-auth config set " + l.key + " " + cmp.Or(key.Default, "PROGRAM") + "'"
	}
	return "", ""
}

// Names lists the names of the settings.
func Names() (list []string) {
	for _, key := range Keys() {
		list = append(list, key.Name)
	}
	return list
}

// Has reports whether the file has a line for key, which need not be a known one.
func (f *File) Has(key string) bool {
	_, found := f.find(key)
	return found
}

// Set gives key a value: in the line that it has, or in a new one at the end. Further lines of the key are removed.
func (f *File) Set(key, value string) {
	var out strings.Builder
	done := false
	for _, l := range f.lines {
		switch {
		case l.key != key:
			out.WriteString(l.text)
		case !done:
			out.WriteString(key + " = " + value + ending(l.text))
			done = true
		}
	}
	text := out.String()
	if !done {
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		text += key + " = " + value + "\n"
	}
	f.parse(text)
}

// ending returns how a line ends.
func ending(text string) string { return text[len(strings.TrimRight(text, "\r\n")):] }

// Unset removes the lines of a key.
func (f *File) Unset(key string) {
	var out strings.Builder
	for _, l := range f.lines {
		if l.key != key {
			out.WriteString(l.text)
		}
	}
	f.parse(out.String())
}

// errChanged says that the file is not as it was read.
var errChanged = errors.New("another program has changed it meanwhile")

// Write writes the file, through a symbolic link too. It fails when the file has changed since it was read.
func (f *File) Write() error {
	unchanged := func() error {
		now, _, _ := atomicfile.ReadRegular(f.path, maxFile) // nothing where the file is missing
		if string(now) != f.read {
			return errChanged
		}
		return nil
	}
	options := atomicfile.Options{Mode: f.mode, MkdirParents: true, Before: unchanged}
	err := atomicfile.Write(f.path, []byte(f.text), options)
	if errors.Is(err, errChanged) {
		err = errChanged
	}
	if err != nil {
		return &FileError{Path: f.path, Writing: true, Err: err}
	}
	return nil
}
