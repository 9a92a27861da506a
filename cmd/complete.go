package cmd

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/shell"
)

// The completion scripts call `__complete SHELL WORD…` at a TAB, with the words after `claude-auth` up to the cursor.
// The answer is a line with a directive and a line for each candidate, with its description behind a TAB:
//
//	:none                  offer the candidates and nothing else
//	:files                 offer file names too
//	:client N              the words from N on, counted from 1, are the client's command line
//	:exec PROGRAM N        the words from N on are those of PROGRAM
//
// It evaluates nothing that was typed, takes no lock, writes no file, and never fails.
var _ = register("__complete", func() command {
	return command{
		plumbing: true, findsHome: true, maxArgs: anyNumber, run: (*program).completeCommand,
	}
})

func (p *program) completeCommand(c *cli.Context) error {
	args := c.Args().Slice()
	if len(args) < 2 {
		return nil
	}
	words := args[1:]
	if sh := shell.ByName(args[0]); sh == nil || !sh.UnquotesWords {
		words = unquoteAll(words)
	}
	a := p.complete(words)
	_ = p.write(a.text()) // it fails only when the shell has gone
	return nil
}

// candidate is a word that the one under the cursor can become, with its description.
type candidate struct{ value, about string }

// answer is what __complete tells the shell.
type answer struct {
	directive string // without the colon; "" for none
	list      []candidate
}

// maxCandidates is how many candidates an answer has at most.
const maxCandidates = 490

func (a answer) text() string {
	var out strings.Builder
	out.WriteString(":" + cmp.Or(a.directive, "none") + "\n")
	for _, c := range a.list[:min(len(a.list), maxCandidates)] {
		if c.value == "" || hasControl(c.value) {
			continue
		}
		out.WriteString(c.value)
		if c.about != "" && !hasControl(c.about) {
			out.WriteString("\t" + c.about)
		}
		out.WriteString("\n")
	}
	return out.String()
}

func hasControl(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 })
}

// keep drops the candidates that do not begin with word.
func (a answer) keep(word string) answer {
	a.list = slices.DeleteFunc(a.list, func(c candidate) bool { return !strings.HasPrefix(c.value, word) })
	return a
}

// complete answers for the words of a command line, of which the last is under the cursor.
func (p *program) complete(words []string) answer {
	before, current := words[:len(words)-1], words[len(words)-1]
	l := readLine(commands, before)
	command := commands.find(l.words...)
	if l.awaits != nil {
		return flagValues(l.awaits).keep(current)
	}
	if first := len(l.global); len(l.words) == 0 && first < len(before) {
		return p.completeExternal(before[first], first+2)
	}
	flag := !l.verbatim && strings.HasPrefix(current, "-") && current != "-"
	switch {
	case command.passesArgs && (len(l.arguments) > 0 || !flag):
		return answer{directive: fmt.Sprintf("client %d", len(words)-len(l.arguments))}
	case flag:
		return completeFlag(slices.Concat(command.flags, globalFlags()), l.values, current)
	case len(l.words) == 0:
		return answer{list: p.commandCandidates()}.keep(current)
	case len(l.arguments) == 0 && len(command.subcommands) > 0:
		return answer{list: candidatesOf(command.subcommands)}.keep(current)
	case command.complete == nil:
		return answer{}
	}
	resolved, err := paths.Resolve(p.env, l.values["file"])
	if err != nil {
		return answer{}
	}
	p.usePaths(resolved)
	return command.complete(p, l.arguments, current).keep(current)
}

// completeExternal hands the words from the one at position first on, counted from 1, to the external command name.
func (p *program) completeExternal(name string, first int) answer {
	if path, ok := findExternal(p.env, name); ok && !strings.ContainsAny(path, " \t\n") {
		return answer{directive: fmt.Sprintf("exec %s%s %d", externalPrefix, name, first)}
	}
	return answer{}
}

// completeFlag completes a flag that was not given yet, or its value behind `=`.
func completeFlag(flags []cli.Flag, given map[string]string, current string) answer {
	var a answer
	if name, _, joined := strings.Cut(current, "="); joined {
		if flag := flagNamed(flags, name); flag != nil {
			a = flagValues(flag)
		}
		for i := range a.list {
			a.list[i].value = name + "=" + a.list[i].value
		}
		return a.keep(current)
	}
	for _, flag := range flags {
		if _, used := given[flag.Names()[0]]; used {
			continue
		}
		for _, alias := range flag.Names() {
			if len(alias) > 1 || dashed(alias) == current {
				a.list = append(a.list, candidate{dashed(alias), usageOf(flag)})
			}
		}
	}
	a.list = append(a.list, candidate{"--help", "show help"})
	return a.keep(current)
}

// flagValues are the values that a flag can have.
func flagValues(flag cli.Flag) answer {
	switch flag := flag.(type) {
	case choiceFlag:
		return plainValues(flag.choices)
	case *cli.StringFlag:
		if flag.TakesFile {
			return answer{directive: "files"}
		}
	}
	return answer{}
}

// plainValues offers values without a description.
func plainValues(values []string) answer {
	var a answer
	for _, value := range values {
		a.list = append(a.list, candidate{value: value})
	}
	return a
}

func candidatesOf(all []command) (list []candidate) {
	for _, c := range all {
		list = append(list, candidate{c.name, c.usage})
	}
	return list
}

func (p *program) commandCandidates() []candidate {
	list := candidatesOf(commands.inHelpOrder())
	for _, name := range externals(p.env) {
		if commands[name] == nil {
			list = append(list, candidate{name, "external command"})
		}
	}
	return list
}

func unquoteAll(words []string) []string {
	plain := make([]string, len(words))
	for i, word := range words {
		plain[i] = unquote(word)
	}
	return plain
}

// unquote removes the quotes and backslashes of a typed word as a POSIX shell does, but expands nothing. A quote may
// be open.
func unquote(word string) string {
	var out strings.Builder
	quote := byte(0)
	for i := 0; i < len(word); i++ {
		c := word[i]
		switch {
		case c == '\\' && quote != '\'' && i+1 < len(word) && (quote == 0 || strings.IndexByte("\"\\$`", word[i+1]) >= 0):
			i++
			out.WriteByte(word[i])
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case quote != 0 && c == quote:
			quote = 0
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}
