package cmd

import (
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
)

// commandLine is a command line of this program with its words sorted.
type commandLine struct {
	words     []string // that name the command and its subcommand; none where the line is not to be touched
	global    []string // flags
	local     []string // flags of the command
	arguments []string
}

// readLine sorts the words of a command line. The ones behind `--`, and those that the command passes on to another
// program, are arguments.
func readLine(app *cli.App, args []string) (l commandLine) {
	first := firstWord(app, args)
	l.global = slices.Clone(args[:first])
	if first == len(args) {
		return l
	}
	name := args[first]
	command := app.Command(name)
	if command == nil || command.SkipFlagParsing {
		return l
	}
	l.words, args = []string{name}, args[first+1:]
	// Global flags may stand between a command and its subcommand too.
	at := 0
	for at < len(args) && flagNamed(app.Flags, args[at]) != nil && flagNamed(command.Flags, args[at]) == nil {
		at += flagLength(flagNamed(app.Flags, args[at]), args[at:])
	}
	if at < len(args) && command.Command(args[at]) != nil {
		command = command.Command(args[at])
		l.words, l.global, args = append(l.words, args[at]), append(l.global, args[:at]...), args[at+1:]
	}
	passes := commandNamed(name).passesArgs
	for len(args) > 0 && args[0] != "--" && (isFlag(args[0]) || !passes) {
		into, take := l.listFor(app, command, args)
		*into, args = append(*into, args[:take]...), args[take:]
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	l.arguments = append(l.arguments, args...)
	return l
}

// listFor returns the list that the first of the arguments belongs to, and how many of them go with it.
func (l *commandLine) listFor(app *cli.App, command *cli.Command, args []string) (into *[]string, take int) {
	if flag := flagNamed(command.Flags, args[0]); flag != nil {
		return &l.local, flagLength(flag, args)
	}
	if flag := flagNamed(app.Flags, args[0]); flag != nil {
		return &l.global, flagLength(flag, args)
	}
	if isFlag(args[0]) && !isNumber(args[0]) {
		return &l.local, 1 // unknown, or --help: urfave deals with both
	}
	return &l.arguments, 1
}

// flagsFirst is the line as urfave/cli/v2 wants it, which stops parsing flags at the first argument.
func (l commandLine) flagsFirst() []string {
	out := slices.Concat(l.global, l.words, l.local)
	if len(l.arguments) > 0 {
		out = append(append(out, "--"), l.arguments...)
	}
	return out
}

// firstWord returns how many of the arguments stand before the command: global flags.
func firstWord(app *cli.App, args []string) int {
	i := 0
	for i < len(args) && isFlag(args[i]) {
		take := 1
		if flag := flagNamed(app.Flags, args[i]); flag != nil {
			take = flagLength(flag, args[i:])
		}
		i += take
	}
	return i
}

// commandOf returns the command that a command line is for; an empty one for none.
func commandOf(app *cli.App, args []string) command {
	if i := firstWord(app, args); i < len(args) {
		return commandNamed(args[i])
	}
	return command{}
}

func isFlag(arg string) bool { return len(arg) > 1 && arg[0] == '-' && arg != "--" }

// isNumber tells a negative number, as in `set a.b -5`, from a flag.
func isNumber(arg string) bool {
	_, err := strconv.ParseFloat(arg, 64)
	return err == nil
}

func flagNamed(flags []cli.Flag, arg string) cli.Flag {
	if !isFlag(arg) {
		return nil
	}
	name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	for _, flag := range flags {
		if slices.Contains(flag.Names(), name) {
			return flag
		}
	}
	return nil
}

// flagLength returns how many of the arguments the flag, which is the first of them, takes up: two where its value is
// the next one.
func flagLength(flag cli.Flag, args []string) int {
	if takesNext(flag, args[0]) {
		return min(2, len(args))
	}
	return 1
}

func takesNext(flag cli.Flag, arg string) bool {
	_, isBool := flag.(*cli.BoolFlag)
	return !isBool && !strings.Contains(arg, "=")
}
