package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A package has the documents without what they link to, so each link must lead to the repository.
func TestLinksAreWhole(t *testing.T) {
	t.Chdir("../..")
	target := regexp.MustCompile(`\]\(([^)]+)\)`)
	for _, name := range []string{"README.md", "CHANGELOG.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		links := target.FindAllSubmatch(withAddresses(text), -1)
		if len(links) == 0 {
			t.Errorf("%s has no link", name)
		}
		for _, link := range links {
			address, ours := strings.CutPrefix(string(link[1]), repository)
			if !strings.HasPrefix(string(link[1]), "https://") {
				t.Errorf("%s links to %s", name, link[1])
			}
			if !ours {
				continue
			}
			_, file, _ := strings.Cut(address, "/HEAD/")
			file, _, _ = strings.Cut(file, "#")
			if _, err := os.Stat(filepath.FromSlash(file)); err != nil {
				t.Errorf("%s links to %s: %v", name, address, err)
			}
		}
	}
}
