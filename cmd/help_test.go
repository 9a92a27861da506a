package cmd

import (
	"bytes"
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
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/ui"
)

func testProgram() *program {
	return &program{env: paths.New(nil), ui: &ui.UI{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}, now: time.Now,
		exe: "/usr/bin/claude-auth"}
}

// helpText is the help of a command as it is printed into a pipe.
func (p *program) helpText(path ...string) (string, error) {
	var out bytes.Buffer
	quiet := *p
	quiet.ui = &ui.UI{Out: &out, Err: &out}
	err := quiet.showHelp(path, true)
	return out.String(), err
}

// visit calls f for every command that people are told of, with the names that lead to it.
func visit(list []command, above []string, f func(path []string, c command)) {
	for _, c := range list {
		path := append(slices.Clone(above), c.name)
		f(path, c)
		visit(c.subcommands, path, f)
	}
}

func TestHelpSaysEverything(t *testing.T) {
	p := testProgram()
	whole, err := p.helpText()
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range globalFlags() {
		checkFlag(t, "claude-auth", whole, flag)
	}
	for _, name := range topicNames() {
		if !strings.Contains(whole, "\n  "+name+" ") {
			t.Errorf("help -a does not list the topic %s", name)
		}
	}
	visit(commands.inHelpOrder(), nil, func(path []string, command command) {
		full := strings.Join(path, " ")
		if len(path) == 1 && !strings.Contains(whole, "\n  "+full+" ") {
			t.Errorf("help does not list %s", full)
		}
		text, err := p.helpText(path...)
		if err != nil {
			t.Fatal(err)
		}
		if command.usage == "" || !strings.HasPrefix(text, "claude-auth "+full+" - "+command.usage+"\n") {
			t.Errorf("help %s begins %.80q", full, text)
		}
		if strings.HasSuffix(command.usage, ".") || command.usage[0] >= 'A' && command.usage[0] <= 'Z' {
			t.Errorf("%s: the usage is no phrase in lower case: %q", full, command.usage)
		}
		for _, flag := range command.flags {
			checkFlag(t, full, text, flag)
		}
		for _, sub := range command.subcommands {
			if !strings.Contains(text, "\n  "+sub.name+" ") {
				t.Errorf("help %s does not list %s", full, sub.name)
			}
		}
	})
}

// checkFlag wants every name of the flag in the text, with what it does.
func checkFlag(t *testing.T, command, text string, flag cli.Flag) {
	t.Helper()
	for _, name := range flag.Names() {
		if !regexp.MustCompile(`(?m)^  (.*, )?` + dashed(name) + `[, ].*\S`).MatchString(text) {
			t.Errorf("%s: %s is missing in help", command, dashed(name))
		}
	}
	if usage := usageOf(flag); usage == "" || !strings.Contains(text, usage) {
		t.Errorf("%s: help does not say what --%s does", command, flag.Names()[0])
	}
}

const manFile = "../docs/claude-auth.1"

// The committed page is looked at by itself, not only compared with what would be made now.
func TestManPage(t *testing.T) {
	page, err := os.ReadFile(manFile)
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{} // by command
	for part := range strings.SplitSeq(string(page), "\n.It Cm ") {
		name, rest, _ := strings.Cut(part, "\n")
		name = strings.TrimSpace(regexp.MustCompile(`(?s) (Oo|Ar) .*`).ReplaceAllString(name, ""))
		sections[strings.ReplaceAll(name, `\-`, "-")] = part[:len(part)-len(rest)] + rest
	}
	visit(commands.inHelpOrder(), nil, func(path []string, command command) {
		full := strings.Join(path, " ")
		section, ok := sections[full]
		if !ok {
			t.Errorf("%s has no entry in the manual page", full)
			return
		}
		for _, flag := range command.flags {
			for _, name := range flag.Names() {
				macro := "Fl " + escapeRoff(strings.Repeat("-", min(len(name), 2)-1)+name)
				if !regexp.MustCompile(`(?m)^\.It (Fl .*)?` + regexp.QuoteMeta(macro) + `( |$)`).MatchString(section) {
					t.Errorf("%s: --%s is missing in the manual page", full, name)
				}
			}
		}
		delete(sections, full)
	})
	for name := range sections {
		if !strings.HasPrefix(name, ".") { // what stands before the first command
			t.Errorf("the manual page explains %q, which is no command", name)
		}
	}
	for _, flag := range globalFlags() {
		if !strings.Contains(string(page), ".It Fl "+escapeRoff("-"+flag.Names()[0])) {
			t.Errorf("--%s is missing in the manual page", flag.Names()[0])
		}
	}
	if !bytes.Equal(page, manPage()) {
		t.Errorf("%s is not what the program says now: run 'make man'", manFile)
	}
}

func TestReadmeNamesEveryCommand(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(text), "## Commands")
	for _, command := range commands.inHelpOrder() {
		if !ok || !regexp.MustCompile("`(claude-auth )?"+command.name+"[` ]").MatchString(table) {
			t.Errorf("the README does not name %s", command.name)
		}
	}
}

func TestTopicsSayEverything(t *testing.T) {
	all := map[string]string{}
	for _, name := range topicNames() {
		all[name] = topic(name)
	}
	for _, state := range credentials.States() {
		text := stateText(string(state))
		if !strings.Contains(text, "    ") {
			t.Errorf("the state %s is not explained: %q", state, text)
		}
	}
	statuses := []int{exitOK, exitFailed, exitUsage, exitSignIn, exitNoHelp, exitLocked, exitNoClient}
	for _, status := range statuses {
		if !regexp.MustCompile(`(?m)^` + strconv.Itoa(status) + ` +\S`).MatchString(all["exit-codes"]) {
			t.Errorf("the exit status %d is not explained", status)
		}
	}
	for _, section := range manSections {
		if all[section[0]] == "" {
			t.Errorf("the manual page wants a topic %s", section[0])
		}
	}
	if len(manSections) != len(all) {
		t.Errorf("%d topics, and %d sections of the manual page", len(all), len(manSections))
	}
	everything := strings.Join(slices.Collect(func(yield func(string) bool) {
		for _, text := range all {
			if !yield(text) {
				return
			}
		}
	}), "\n")
	for name := range variables(t) {
		if !regexp.MustCompile(`\b` + name + `\b`).MatchString(everything) {
			t.Errorf("no topic explains the variable %s", name)
		}
	}
}

// variables lists the environment variables of this program that stand as strings in its source, those of the
// stand-in client and of tests left aside.
func variables(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	variable := regexp.MustCompile(`^"(CLAUDE_AUTH_[A-Z_]+|XDG_[A-Z]+_HOME|NO_COLOR|CLAUDE_CONFIG_DIR` +
		`|ANTHROPIC_API_KEY|ANTHROPIC_AUTH_TOKEN|CLAUDE_CODE_[A-Z_]*[A-Z])"$`)
	skipped := []string{"standin", "realclient", "bench", ".git"}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains(skipped, entry.Name()) {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || path == "demo.go" {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && variable.MatchString(literal.Value) {
				names[strings.Trim(literal.Value, `"`)] = true
			}
			return true
		})
		return nil
	})
	if err != nil || len(names) < 10 {
		t.Fatalf("%d variables, %v", len(names), err)
	}
	return names
}
