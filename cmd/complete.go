package cmd

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/shell"
)

// completeName is the plumbing that the completion scripts call at a TAB: `__complete SHELL WORD…`, the words after
// `claude-auth` up to the cursor. The answer is a line of directives and a line for each candidate, with its
// description behind a TAB:
//
//	:none                  the candidates and nothing else
//	:files, :dirs          file names too
//	:client N              the words from N on, counted from 1, are the client's command line
//	:exec PROGRAM N        the words from N on are those of PROGRAM
//
// Nothing that was typed is evaluated. No lock is taken, nothing is written, and nothing is ever an error.
const completeName = "__complete"

var _ = register(command{name: completeName, group: hidden, findsHome: true, build: (*program).completeCommand})

func (p *program) completeCommand() *cli.Command {
	return &cli.Command{SkipFlagParsing: true, Action: func(c *cli.Context) error {
		args := c.Args().Slice()
		if len(args) < 2 {
			return nil
		}
		words := args[1:]
		if sh := shell.ByName(args[0]); sh == nil || !sh.UnquotesWords {
			words = unquoteAll(words)
		}
		a := p.complete(p.app(), words)
		_, _ = fmt.Fprint(p.ui.Out, a.text()) // the shell has gone, or it will read it
		return nil
	}}
}

// candidate is a word that the one under the cursor can become.
type candidate struct{ value, about string }

// answer is what the shell is told.
type answer struct {
	directive string
	list      []candidate
}

// maxCandidates is how many a shell is given at most.
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

// line is the command line before the cursor, as far as it is understood.
type line struct {
	app      *cli.App
	path     []*cli.Command // the command and its subcommand
	args     []string       // its arguments
	used     []string       // the flags that it has
	file     string         // the value of --file
	awaits   cli.Flag       // the flag whose value is under the cursor
	literal  bool           // behind `--`
	handOver *answer        // the line is another program's
}

func (l *line) command() *cli.Command {
	if len(l.path) == 0 {
		return nil
	}
	return l.path[len(l.path)-1]
}

func (l *line) flags() []cli.Flag {
	if command := l.command(); command != nil {
		return slices.Concat(command.Flags, l.app.Flags)
	}
	return l.app.Flags
}

// read takes the word at position i, counted from 1, which stands before the cursor.
func (l *line) read(p *program, i int, word string) {
	command := l.command()
	switch {
	case l.awaits != nil:
		if slices.Contains(l.awaits.Names(), "file") {
			l.file = word
		}
		l.awaits = nil
	case command != nil && commandNamed(command.Name).passesArgs && (word == "--" || !isFlag(word)):
		first := i
		if word == "--" {
			first++
		}
		l.handOver = &answer{directive: "client " + strconv.Itoa(first)}
	case word == "--":
		l.literal = true
	case !l.literal && isFlag(word):
		l.readFlag(word)
	case command == nil:
		if command = l.app.Command(word); command == nil {
			l.handOver = p.handExternal(word, i)
			return
		}
		l.path = append(l.path, command)
	case len(l.args) == 0 && command.Command(word) != nil:
		l.path = append(l.path, command.Command(word))
	default:
		l.args = append(l.args, word)
	}
}

func (l *line) readFlag(word string) {
	flag := flagNamed(l.flags(), word)
	if flag == nil {
		return
	}
	l.used = append(l.used, flag.Names()...)
	if takesNext(flag, word) {
		l.awaits = flag
	} else if _, value, ok := strings.Cut(word, "="); ok && slices.Contains(flag.Names(), "file") {
		l.file = value
	}
}

func (p *program) handExternal(word string, i int) *answer {
	if path, ok := findExternal(p.env, word); ok && !strings.ContainsAny(path, " \t\n") {
		return &answer{directive: "exec " + externalPrefix + word + " " + strconv.Itoa(i+1)}
	}
	return &answer{}
}

// complete answers for the words of a command line, of which the last is under the cursor.
func (p *program) complete(app *cli.App, words []string) answer {
	l := line{app: app}
	for i, word := range words[:len(words)-1] {
		if l.read(p, i+1, word); l.handOver != nil {
			return *l.handOver
		}
	}
	current := words[len(words)-1]
	command := l.command()
	switch {
	case l.awaits != nil:
		return flagValues(l.awaits).keep(current)
	case !l.literal && strings.HasPrefix(current, "-") && current != "-":
		return l.completeFlag(current)
	case command == nil:
		return answer{list: p.commandCandidates(app)}.keep(current)
	case commandNamed(command.Name).passesArgs:
		return answer{directive: "client " + strconv.Itoa(len(words))}
	}
	resolved, err := paths.Resolve(p.env, l.file)
	if err != nil {
		return answer{}
	}
	named := commandNamed(l.path[0].Name)
	if named.complete == nil {
		return answer{}
	}
	return named.complete(completer{p, app, resolved}, l, current).keep(current)
}

// completeFlag completes a flag, or its value behind `=`.
func (l *line) completeFlag(current string) answer {
	name, _, joined := strings.Cut(current, "=")
	if joined {
		flag := flagNamed(l.flags(), name)
		if flag == nil {
			return answer{}
		}
		a := flagValues(flag)
		for i := range a.list {
			a.list[i].value = name + "=" + a.list[i].value
		}
		return a.keep(current)
	}
	var a answer
	for _, flag := range l.flags() {
		if slices.Contains(l.used, flag.Names()[0]) {
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

func (p *program) commandCandidates(app *cli.App) []candidate {
	var list []candidate
	for _, command := range app.Commands {
		if !command.Hidden {
			list = append(list, candidate{command.Name, command.Usage})
		}
	}
	for _, name := range externals(p.env) {
		if app.Command(name) == nil {
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

// unquote removes the quotes and backslashes of a word as it was typed, as a POSIX shell does, and expands nothing. A
// quote may still be open.
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
