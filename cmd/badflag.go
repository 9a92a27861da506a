package cmd

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

// problem says what is wrong with the flags of the line; nil when nothing is. It comes before urfave's parser, which
// knows neither the flag that was meant nor what a value should look like.
func (l commandLine) problem() error {
	full := strings.Join(append([]string{"claude-auth"}, l.words...), " ")
	help := "run '" + full + " --help'"
	if len(l.unknown) > 0 {
		typed, _, _ := strings.Cut(l.unknown[0], "=")
		if near := l.meant(l.unknown[0]); near != "" {
			help = "did you mean '" + full + " " + near + "'?"
		} else if l.command.passesArgs {
			help = "put -- before what is for Claude Code: " + full + " -- " + typed
		}
		return usageErrorf(help, "unknown flag: %s", typed)
	}
	if l.codeAsArgument() {
		return usageErrorf("give the code on standard input: run 'claude-auth login --code'",
			"a code is not an argument: other users can read arguments")
	}
	if l.command.onlyPasses && len(l.arguments) > 0 && !l.verbatim {
		return usageErrorf("put -- before what is for Claude Code: "+full+" -- "+l.arguments[0],
			"%s takes no arguments, but there is %q", l.command.name, l.arguments[0])
	}
	if l.awaits != nil {
		return usageErrorf(help, "%s needs a value: %s", longForm(l.awaits), flagForm(l.awaits, longForm(l.awaits)))
	}
	for _, flag := range slices.Concat(l.flags, globalFlags()) {
		value, given := l.values[flag.Names()[0]]
		if !given {
			continue
		}
		if must := l.mustBe(flag, value); must != "" {
			return usageErrorf(help, "%s must be %s, not %q", longForm(flag), must, value)
		}
	}
	return nil
}

// codeAsArgument reports whether the line of a sign-in has its code as an argument, with --code or alone: each code has
// a # in it. No message may repeat that.
func (l commandLine) codeAsArgument() bool {
	if l.command.name != "login" {
		return false
	}
	value, given := l.values["code"]
	if _, err := strconv.ParseBool(value); given && err != nil && value != "" {
		return true
	}
	isCode := func(argument string) bool { return argument == "--code" || strings.Contains(argument, "#") }
	return len(l.arguments) > 0 && (given || !l.verbatim && slices.ContainsFunc(l.arguments, isCode))
}

func longForm(flag cli.Flag) string { return dashed(flag.Names()[0]) }

// mustBe says what the value of a flag must be; "" when it is that.
func (l commandLine) mustBe(flag cli.Flag, value string) string {
	switch flag := flag.(type) {
	case choiceFlag:
		if !slices.Contains(flag.choices, value) {
			return orList(flag.choices)
		}
	case *cli.DurationFlag:
		if d, err := time.ParseDuration(value); err != nil || d < 0 || d == 0 && flag.Name == "timeout" {
			return "a time such as 90s, 15m or 1h"
		}
	case *cli.BoolFlag:
		if _, err := strconv.ParseBool(value); err != nil && value != "" {
			return "true or false"
		}
	}
	return ""
}

// otherWords are names that other programs give to a flag of ours.
var otherWords = map[string][]string{
	"dry-run": {"simulate", "preview", "check", "what-if", "just-print"},
	"quiet":   {"silent", "no-output"},
	"yes":     {"assume-yes", "no-prompt", "non-interactive", "force"},
	"json":    {"format", "output", "o"},
	"format":  {"output", "o"},
	"no-color": {
		"no-colour", "color=never", "colour=never", "plain", "monochrome",
	},
	"all":     {"everything"},
	"timeout": {"max-time"},
	"version": {"V"},
}

// meant returns the flag that an unknown one stands for, as it is typed; "" when none is like it.
func (l commandLine) meant(typed string) string {
	whole := strings.ToLower(strings.TrimLeft(typed, "-"))
	if len(whole) == 1 {
		whole = strings.TrimLeft(typed, "-") // -v and -V differ
	}
	name, _, _ := strings.Cut(whole, "=")
	flags := slices.Concat(l.flags, globalFlags())
	var names []string
	for _, flag := range flags {
		own := flag.Names()[0]
		if words := otherWords[own]; squeezed(own) == squeezed(name) || slices.Contains(words, whole) ||
			slices.Contains(words, name) {
			return dashed(own)
		}
		names = append(names, own)
	}
	if len(name) < 3 {
		return ""
	}
	if near := nearest(name, names); near != "" {
		return dashed(near)
	}
	return ""
}

// squeezed is a name without what is easily left out of it, or put into it.
func squeezed(name string) string {
	return strings.ReplaceAll(strings.NewReplacer("-", "", "_", "").Replace(name), "colour", "color")
}

// asksForVersion reports whether a line without a command has --version.
func (l commandLine) asksForVersion() bool { _, given := l.values["version"]; return given }

// wrongArguments is the error for too few or too many arguments.
func (c command) wrongArguments(context *cli.Context) error {
	name := strings.TrimPrefix(context.Command.HelpName, "claude-auth ")
	help := "run 'claude-auth " + name + " --help'"
	args := context.Args()
	switch {
	case args.Len() < c.minArgs:
		return usageErrorf(help, "%s needs %s", name, c.argsUsage)
	case len(c.subcommands) > 0:
		hint := help
		if meant := c.subcommandMeant(args.First()); meant != "" {
			hint = "did you mean 'claude-auth " + c.name + " " + meant + "'?"
		}
		return usageErrorf(hint, "%s has no subcommand %q", c.name, args.First())
	case c.maxArgs == 0:
		return usageErrorf(help, "%s takes no arguments, but there is %q", name, args.First())
	}
	return usageErrorf(help, "%s takes no more than %s, but there is %q", name, c.argsUsage, args.Get(c.maxArgs))
}
