package cmd

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/ui"
)

// Every command has examples, and each is a line of that command that is right.
func TestExamples(t *testing.T) {
	visit(commands.inHelpOrder(), nil, func(path []string, c command) {
		full := strings.Join(path, " ")
		list := c.exampleList()
		if len(list) == 0 {
			t.Errorf("%s has no examples", full)
		}
		for _, e := range list {
			if e.does == "" || strings.HasSuffix(e.does, ".") {
				t.Errorf("%s: the example %q needs a phrase behind '# '", full, e.line)
			}
			isOfCommand := func(called string) bool { return strings.HasPrefix(called+" ", full+" ") }
			if !slices.ContainsFunc(c.callsIn(t, e.line), isOfCommand) {
				t.Errorf("%s: the example is of another command: %s", full, e.line)
			}
		}
		text, err := testProgram().helpText(path...)
		if err != nil || !strings.Contains(text, "\n  "+list[0].line) {
			t.Errorf("help %s does not show its examples: %v", full, err)
		}
	})
}

// callsIn returns the commands of this program that a line of shell runs, and checks their flags and arguments.
func (c command) callsIn(t *testing.T, line string) (called []string) {
	for _, call := range regexp.MustCompile(`claude-auth [^|<>()&']*('[^']*'[^|<>()&']*)*`).FindAllString(line, -1) {
		words := shellWords(call)[1:]
		l := readLine(commands, words)
		full := strings.Join(l.words, " ")
		called = append(called, full)
		for _, flag := range append(slices.Clone(l.local), l.global...) {
			known := flagNamed(slices.Concat(l.command.find(l.words).flags, globalFlags()), flag) != nil
			if isFlag(flag) && !known && !slices.Contains([]string{"--help", "-h"}, flag) {
				t.Errorf("%s has no flag %s: %s", full, flag, line)
			}
		}
		named := l.command.find(l.words)
		if n := len(l.arguments); n < named.minArgs || n > named.maxArgs {
			t.Errorf("%s takes no %d arguments: %s", full, n, line)
		}
		if l.awaits != nil {
			t.Errorf("a flag has no value: %s", line)
		}
	}
	return called
}

// find returns the command that words name, of which the first is its own name.
func (c command) find(words []string) command {
	for _, word := range words[min(1, len(words)):] {
		c = c.subcommand(word)
	}
	return c
}

// shellWords splits a line at white space outside quotes, and removes the quotes.
func shellWords(line string) (words []string) {
	for _, word := range regexp.MustCompile(`('[^']*'|"[^"]*"|\S)+`).FindAllString(line, -1) {
		words = append(words, strings.NewReplacer("'", "", `"`, "").Replace(word))
	}
	return words
}

// Where two columns do not fit, what an example does is above it.
func TestExampleLayout(t *testing.T) {
	const long = "for a program that reads what this command prints, and which wants it as one object of JSON"
	for does, want := range map[string]string{
		"for a program": "\nExamples:\n  claude-auth why         # why it failed\n" +
			"  claude-auth why --json  # for a program\n",
		long: "\nExamples:\n  # why it failed\n  claude-auth why\n\n  # " + long + "\n  claude-auth why --json\n",
	} {
		var out bytes.Buffer
		p := testProgram()
		p.ui = &ui.UI{Out: &out}
		c := command{examples: "claude-auth why   # why it failed\nclaude-auth why --json   # " + does}
		p.showExamples(c.exampleList())
		if out.String() != want {
			t.Errorf("%q, want %q", out.String(), want)
		}
	}
}
