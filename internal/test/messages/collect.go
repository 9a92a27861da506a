// Package messages collects every sentence that the program can say, from its source. Its test prints them as a person
// sees them, at 40 and 80 columns, and looks for words that the project does not use (docs/screens/messages-*.txt).
package messages

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
)

// Message is a text in the source that a person may read.
type Message struct {
	File string // from the top of the repository
	Line int
	Text string // what varies has its widest value
}

// without lists the directories and files whose texts no person reads, or that are not the program's own.
var without = []string{
	".git", "bench", "build", "docs", "testscripts", "internal/test", "internal/standin",
	"internal/claude",               // the client's own words
	"internal/detect/table.go",      // the client's messages
	"internal/detect/jsonstream.go", // the client's JSON
	"internal/vt",                   // escape sequences
	"internal/secret/redact.go",     // patterns
	"internal/transcript/entry.go",  // the client's marks
	"internal/schedule/systemd.go",  // unit files
	"internal/schedule/launchd.go",  // a property list
}

// earlier begins the texts of earlier versions, which the program looks for and never says.
const earlier = "# claude-auth: "

// Collect returns the messages of the repository at root, in the order of their files.
func Collect(root string) ([]Message, error) {
	var all []Message
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case slices.Contains(without, rel):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case filepath.Dir(rel) == topics:
			found, err := inTopic(path, rel)
			all = append(all, found...)
			return err
		case entry.IsDir() || !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go"):
			return nil
		}
		found, err := inFile(path, rel)
		all = append(all, found...)
		return err
	})
	return all, err
}

// topics is the directory of the help topics, which are text.
const topics = "cmd/topics"

func inTopic(path, rel string) ([]Message, error) {
	text, err := os.ReadFile(path)
	var found []Message
	line := 0
	for part := range strings.Lines(string(text)) {
		if line++; isMessage(part) {
			found = append(found, Message{rel, line, strings.TrimSpace(part)})
		}
	}
	return found, err
}

func inFile(path, rel string) ([]Message, error) {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		return nil, err
	}
	var found []Message
	ast.Inspect(parsed, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			return node.Tag == nil
		case *ast.BasicLit, *ast.BinaryExpr:
			text, literal := textOf(node.(ast.Expr))
			if !literal {
				return true
			}
			for part := range strings.SplitSeq(text, "\n") {
				if isMessage(part) && !strings.HasPrefix(part, earlier) {
					found = append(found, Message{rel, files.Position(node.Pos()).Line, strings.TrimSpace(widest(part))})
				}
			}
			return false
		}
		return true
	})
	return found, nil
}

// textOf returns the text of a string, or of several that are joined; what is not a literal is a %s. literal is false
// when there is no literal in it.
func textOf(e ast.Expr) (text string, literal bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.ParenExpr:
		return textOf(e.X)
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		left, isLeft := textOf(e.X)
		right, isRight := textOf(e.Y)
		if !isLeft {
			left = "%s"
		}
		if !isRight {
			right = "%s"
		}
		return left + right, isLeft || isRight
	}
	return "", false
}

var (
	// twoWords is what a sentence has and an identifier, a path or a pattern has not.
	twoWords = regexp.MustCompile(`(^|[\s('"“])[A-Za-z][a-z'’]*[,:;.?!…]? +[A-Za-z][a-z'’]+`)
	// notText is what only code has.
	notText = regexp.MustCompile("\\\\|\\(\\?|\\[\\^|\\^\\[|^#!|^exec |^\\.[A-Z]|\x1b|\\$@|[a-z]\\+[a-z]|=\\$\\(")
)

func isMessage(text string) bool { return twoWords.MatchString(text) && !notText.MatchString(text) }

var verb = regexp.MustCompile(`%[-+ #0]*(\[\d+\])?[\d.*]*[a-zA-Z%]`)

// widest fills in what varies, as wide as it gets on a machine of today.
func widest(format string) string {
	return verb.ReplaceAllStringFunc(format, func(verb string) string {
		switch verb[len(verb)-1] {
		case '%':
			return "%"
		case 'd':
			return "20783"
		case 'o':
			return "0644"
		case 'q':
			return `"claudeAiOauth.organizationUuid"`
		case 'w', 'v':
			return "~/.config/claude/work/.credentials.json: permission denied"
		default:
			return "~/.config/claude/work/.credentials.json"
		}
	})
}
