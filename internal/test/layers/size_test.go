package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// maxFunction is how many lines a function may have, its first and its last included. The length of lines is checked by
// .ci/check.sh, which looks at the shell scripts too.
const maxFunction = 60

// TestFunctionsFitAScreen measures every function of the tree, tests included.
func TestFunctionsFitAScreen(t *testing.T) {
	const root = "../../.."
	measured := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == ".git"):
			return filepath.SkipDir
		case filepath.Ext(path) != ".go":
			return nil
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, declaration := range file.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			measured++
			first, last := files.Position(f.Pos()), files.Position(f.End())
			if lines := last.Line - first.Line + 1; lines > maxFunction {
				name := strings.TrimPrefix(filepath.ToSlash(path), root+"/")
				t.Errorf("%s:%d: %s has %d lines, more than %d", name, first.Line, f.Name.Name, lines, maxFunction)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if measured < 1000 {
		t.Fatalf("only %d functions were found", measured)
	}
}
