package cmd

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

// commandLine is a command line of this program, with its words sorted.
type commandLine struct {
	flags     []cli.Flag // of the command or of its subcommand
	command   command    // empty when it is not one of this program's
	words     []string   // that name the command and its subcommand; none for plumbing, whose line stays as it is
	global    []string   // flags of the program, with their values
	local     []string   // flags of the command, with their values
	arguments []string

	unknown  []string          // flags that the command does not have
	values   map[string]string // of the flags that were given, by the first name of the flag
	awaits   cli.Flag          // the flag at the end of the line, when its value is missing
	verbatim bool              // a -- ended the flags
}

// readLine sorts the words of a command line. The ones behind --, and those that the command passes on to another
// program, are arguments.
func readLine(known commandSet, args []string) (l commandLine) {
	l = commandLine{values: map[string]string{}}
	global := globalFlags()
	for len(args) > 0 && isFlag(args[0]) {
		flag := flagNamed(global, args[0])
		if flag == nil && !asksForHelp(args[:1]) {
			l.unknown = append(l.unknown, args[0])
		}
		args = l.take(&l.global, flag, args)
	}
	if len(args) == 0 {
		return l
	}
	l.command = known.find(args[0])
	if l.command.name == "" || l.command.plumbing {
		return l
	}
	command := l.command
	defer func() { l.flags = command.flags }()
	l.words, args = args[:1:1], args[1:]
	// Global flags may stand between a command and its subcommand too.
	for len(args) > 0 && flagNamed(global, args[0]) != nil {
		args = l.take(&l.global, flagNamed(global, args[0]), args)
	}
	if len(args) > 0 && command.subcommand(args[0]).name != "" {
		command = command.subcommand(args[0])
		l.words, args = append(l.words, args[0]), args[1:]
	}
	for len(args) > 0 && args[0] != "--" && (isFlag(args[0]) || !command.passesArgs) {
		if flag := flagNamed(command.flags, args[0]); flag != nil {
			args = l.take(&l.local, flag, args)
		} else if flag := flagNamed(global, args[0]); flag != nil {
			args = l.take(&l.global, flag, args)
		} else if isFlag(args[0]) && !isNumber(args[0]) { // unknown, or --help
			if !asksForHelp(args[:1]) {
				l.unknown = append(l.unknown, args[0])
			}
			args = l.take(&l.local, nil, args)
		} else {
			args = l.take(&l.arguments, nil, args)
		}
	}
	if len(args) > 0 && args[0] == "--" {
		args, l.verbatim = args[1:], true
	}
	l.arguments = append(l.arguments, args...)
	return l
}

// take moves the first of args to list, and the value with it where it is a flag that has one. It returns the rest.
// The flag is nil for an argument and for an unknown flag, which urfave reports.
func (l *commandLine) take(list *[]string, flag cli.Flag, args []string) []string {
	length := 1
	if flag != nil {
		_, value, joined := strings.Cut(args[0], "=")
		if _, isBool := flag.(*cli.BoolFlag); !isBool && !joined {
			if len(args) > 1 {
				length, value = 2, args[1]
			} else {
				l.awaits = flag
			}
		}
		l.values[flag.Names()[0]] = value
	}
	*list = append(*list, args[:length]...)
	return args[length:]
}

// flagsFirst is the line as urfave/cli/v2 wants it, which stops parsing flags at the first argument.
func (l commandLine) flagsFirst() []string {
	out := slices.Concat(l.global, l.words, l.local)
	if len(l.arguments) > 0 {
		out = append(append(out, "--"), l.arguments...)
	}
	return out
}

func isFlag(arg string) bool { return len(arg) > 1 && arg[0] == '-' && arg != "--" }

// isNumber tells a negative number or time, as in `set a.b -5` or `config set timeout -3m`, from a flag.
func isNumber(arg string) bool {
	_, err := strconv.ParseFloat(arg, 64)
	_, notTime := time.ParseDuration(arg)
	return err == nil || notTime == nil
}

// flagNamed returns the flag that arg names; nil when it names none of them.
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

// choiceFlag is a flag whose value is one of a few, which completion offers.
type choiceFlag struct {
	*cli.StringFlag
	choices []string
}
