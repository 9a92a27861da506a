package messages

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// quoted is what a page shows as it is: code, and the words of other programs.
var quoted = regexp.MustCompile("`[^`]*`|“[^”]*”|\"[^\"]*\"|<!--.*?-->|\\]\\([^)]*\\)")

// Prose returns the lines of the pages for people: README.md and its like, and docs/. Blocks of code are left out,
// and so is what a line quotes.
func Prose(root string) ([]Message, error) {
	var all []Message
	for _, pattern := range []string{"*.md", "docs/*.md", "testscripts/*.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			rel, _ := filepath.Rel(root, path)
			all = append(all, lines(rel, string(text))...)
		}
	}
	return all, nil
}

func lines(file, text string) []Message {
	var all []Message
	inCode, number := false, 0
	for line := range strings.Lines(text) {
		number++
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "```"):
			inCode = !inCode
		case !inCode && !strings.HasPrefix(line, "    "):
			all = append(all, Message{file, number, strings.TrimSpace(quoted.ReplaceAllString(line, "…"))})
		}
	}
	return all
}
