package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// root is the top of the repository, as seen from here.
const root = "../../.."

// without lists what may write facts about the client as it likes: their home, the stand-in, and tests.
var without = []string{"internal/claude", "internal/standin", "internal/test", "bench", "testscripts", ".git"}

// phrases are the client's own messages, which are searched for as a whole.
const phrases = "internal/detect/table.go"

// variable is a variable of the client's, not one of this program's.
var variable = regexp.MustCompile(`\b(ANTHROPIC_[A-Z]|CLAUDE_[A-Z])\w*|\bCLAUDECODE\b`)

// facts lists what only package claude may name: everything in its own lists.
func facts() []string {
	words := append(slices.Clone(claude.Locks[:]), claude.CredentialsFile, claude.KeychainService, claude.APIKeyHelper)
	for _, key := range claude.AccountKeys {
		words = append(words, key.Name)
	}
	for _, o := range claude.Overrides {
		words = append(words, o.Name)
	}
	return words
}

// factIn returns a fact about the client that the text of a literal names, or "".
func factIn(text string, words []string) string {
	for _, name := range variable.FindAllString(text, -1) {
		if !strings.HasPrefix(name, "CLAUDE_AUTH_") {
			return name
		}
	}
	for _, word := range words {
		if strings.Contains(text, word) {
			return word
		}
	}
	return ""
}

// TestFactsHaveOneHome holds that what the client calls its variables, account keys and locks stands in package claude
// alone: a new version of the client then changes one package.
func TestFactsHaveOneHome(t *testing.T) {
	words := facts()
	for _, path := range productFiles(t) {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, filepath.Join(root, path), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			fact := factIn(text, words)
			if fact != "" {
				t.Errorf("%s:%d names %s: take it from package claude", path, set.Position(literal.Pos()).Line, fact)
			}
			return true
		})
	}
}

// productFiles lists the Go files of the program, of every system, below root.
func productFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(without, path):
			return fs.SkipDir
		case filepath.Ext(path) == ".go" && !strings.HasSuffix(path, "_test.go") && path != phrases:
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 100 {
		t.Fatalf("only %d files of the program were seen", len(files))
	}
	return files
}

// TestHooksNameNoFact holds the same of the scripts that shells source: hooks.Render fills the names in. A comment may
// name what it likes.
func TestHooksNameNoFact(t *testing.T) {
	scripts, err := filepath.Glob(filepath.Join(root, "hooks", "c*.*"))
	if err != nil {
		t.Fatal(err)
	}
	words, seen := facts(), 0
	for _, path := range scripts {
		if filepath.Ext(path) == ".go" {
			continue
		}
		seen++
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(data), "\n") {
			fact := factIn(line, words)
			if fact != "" && !strings.HasPrefix(strings.TrimSpace(line), "#") {
				t.Errorf("%s:%d names %s: let hooks.Render fill it in from package claude", path, i+1, fact)
			}
		}
	}
	if seen < 6 {
		t.Fatalf("only %d scripts were seen", seen)
	}
}
