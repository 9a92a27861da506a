package cmd

import (
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
)

// permute brings flags before arguments, because urfave/cli/v2 stops parsing flags at the first argument and people
// do not. Global flags may stand anywhere too. What follows `--`, an unknown word or an external subcommand is left
// as it is.
func permute(app *cli.App, args []string) []string {
	if len(args) == 0 {
		return args
	}
	words, before, rest := splitCommand(app, args[1:])
	if len(words) == 0 {
		return args
	}
	command := app.Command(words[0])
	if len(words) == 2 {
		command = command.Command(words[1])
	}
	if command.SkipFlagParsing {
		return args
	}
	global, local, arguments := sortArguments(app, command, rest)
	out := slices.Concat(args[:1], before, global, words, local)
	if len(arguments) > 0 {
		out = append(append(out, "--"), arguments...)
	}
	return out
}

// ownWords returns the words that name the command, and the flags and arguments that are this program's: not those that
// it passes on, nor those behind `--`.
func ownWords(app *cli.App, args []string) (words, own []string) {
	if len(args) == 0 {
		return nil, nil
	}
	words, before, rest := splitCommand(app, args[1:])
	if len(words) == 0 || app.Command(words[0]).SkipFlagParsing {
		return nil, before
	}
	command := app.Command(words[0])
	if len(words) == 2 {
		command = command.Command(words[1])
	}
	global, local, _ := sortArguments(app, command, rest)
	return words, slices.Concat(before, global, local)
}

// splitCommand finds the words that name the command (and its subcommand) behind the global flags. No words are
// returned where there is no command of this program.
func splitCommand(app *cli.App, args []string) (words, before, rest []string) {
	i := firstWord(app, args)
	if i == len(args) {
		return nil, args, nil
	}
	command := app.Command(args[i])
	if command == nil {
		return nil, args[:i], nil
	}
	words, before, rest = args[i:i+1], slices.Clone(args[:i]), args[i+1:]
	if len(command.Subcommands) == 0 {
		return words, before, rest
	}
	// Global flags may stand between a command and its subcommand too.
	end := 0
	for end < len(rest) && flagNamed(app.Flags, rest[end]) != nil && flagNamed(command.Flags, rest[end]) == nil {
		end = min(end+flagLength(flagNamed(app.Flags, rest[end]), rest[end]), len(rest))
	}
	if end < len(rest) && command.Command(rest[end]) != nil {
		return append(slices.Clone(words), rest[end]), append(before, rest[:end]...), rest[end+1:]
	}
	return words, before, rest
}

// firstWord returns how many of the arguments stand before the command: global flags.
func firstWord(app *cli.App, args []string) int {
	i := 0
	for i < len(args) && isFlag(args[i]) {
		take := 1
		if flag := flagNamed(app.Flags, args[i]); flag != nil {
			take = min(flagLength(flag, args[i]), len(args)-i)
		}
		i += take
	}
	return i
}

// commandOf returns the command that a command line, with the program's name in front, is for; an empty one for none.
func commandOf(app *cli.App, args []string) command {
	if len(args) == 0 {
		return command{}
	}
	if args = args[1:]; firstWord(app, args) < len(args) {
		return commandNamed(args[firstWord(app, args)])
	}
	return command{}
}

func sortArguments(app *cli.App, command *cli.Command, args []string) (global, local, arguments []string) {
	for len(args) > 0 {
		arg := args[0]
		if arg == "--" {
			return global, local, append(arguments, args[1:]...)
		}
		if !isFlag(arg) && commandNamed(command.Name).passesArgs {
			return global, local, append(arguments, args...)
		}
		take := 1
		if flag := flagNamed(command.Flags, arg); flag != nil {
			take = min(flagLength(flag, arg), len(args))
			local = append(local, args[:take]...)
		} else if flag := flagNamed(app.Flags, arg); flag != nil {
			take = min(flagLength(flag, arg), len(args))
			global = append(global, args[:take]...)
		} else if isFlag(arg) && !isNumber(arg) {
			local = append(local, arg) // unknown, or --help: urfave deals with both
		} else {
			arguments = append(arguments, arg)
		}
		args = args[take:]
	}
	return global, local, arguments
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

// flagLength returns how many arguments the flag arg takes up: two where its value is the next one.
func flagLength(flag cli.Flag, arg string) int {
	if _, isBool := flag.(*cli.BoolFlag); isBool || strings.Contains(arg, "=") {
		return 1
	}
	return 2
}
