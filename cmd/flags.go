package cmd

import (
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
)

// passesOn is the category of the commands whose arguments belong to another program: their own flags end at the
// first argument.
const passesOn = "passes its arguments on"

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

// splitCommand finds the words that name the command (and its subcommand) behind the global flags. No words are
// returned where there is no command of this program.
func splitCommand(app *cli.App, args []string) (words, before, rest []string) {
	i := 0
	for i < len(args) && isFlag(args[i]) {
		take := 1
		if flag := flagNamed(app.Flags, args[i]); flag != nil {
			take = min(flagLength(flag, args[i]), len(args)-i)
		}
		i += take
	}
	if i == len(args) {
		return nil, args, nil
	}
	command := app.Command(args[i])
	if command == nil {
		return nil, args, nil
	}
	end := i + 1
	if end < len(args) && len(command.Subcommands) > 0 && command.Command(args[end]) != nil {
		end++
	}
	return args[i:end], args[:i], args[end:]
}

func sortArguments(app *cli.App, command *cli.Command, args []string) (global, local, arguments []string) {
	for len(args) > 0 {
		arg := args[0]
		if arg == "--" {
			return global, local, append(arguments, args[1:]...)
		}
		if !isFlag(arg) && command.Category == passesOn {
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
