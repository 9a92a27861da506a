package cmd

import (
	"cmp"
	"slices"

	"github.com/urfave/cli/v2"
)

// command is a subcommand and what the rest of the program must know of it. Its own file registers it, so that no list
// of names has to be kept beside the commands.
type command struct {
	name  string
	group string // its heading in help, or hidden
	rank  int    // its place within the group
	build func(*program) *cli.Command

	// readsOnly: a signal may end it anywhere, because it leaves nothing half done.
	readsOnly bool
	// needsNoHome: it prints the same in every home.
	needsNoHome bool
	// findsHome: it looks for the home itself, because nothing may make it fail.
	findsHome bool
	// passesArgs: its arguments are another program's, so its own flags end at the first argument.
	passesArgs bool
	// complete completes its arguments; nil when there is nothing to offer.
	complete func(c completer, l line, current string) answer
}

// The groups of the commands.
const (
	groupLogin    = "the login"
	groupDocument = "the document"
	groupShell    = "the shell"
	groupMore     = "more"
	hidden        = ""
)

// groups lists the groups in the order in which help has them.
var groups = []string{groupLogin, groupDocument, groupShell, groupMore, hidden}

// commands are all commands, in the order in which their files registered them.
var commands []command

func register(c command) bool {
	commands = append(commands, c)
	return true
}

// commandNamed returns the command of that name; an empty one when there is none.
func commandNamed(name string) command {
	if i := slices.IndexFunc(commands, func(c command) bool { return c.name == name }); i >= 0 {
		return commands[i]
	}
	return command{}
}

// inHelpOrder returns all commands as help lists them.
func inHelpOrder() []command {
	return slices.SortedFunc(slices.Values(commands), func(a, b command) int {
		group := func(c command) int { return slices.Index(groups, c.group) }
		return cmp.Or(group(a)-group(b), a.rank-b.rank, cmp.Compare(a.name, b.name))
	})
}

// cli makes the command that urfave runs.
func (c command) cli(p *program) *cli.Command {
	built := c.build(p)
	built.Name, built.Category, built.Hidden = c.name, c.group, c.group == hidden
	finish(built)
	return built
}

// finish gives a command what all of them have.
func finish(command *cli.Command) {
	command.OnUsageError = badUsage
	command.HideHelp = true
	for _, sub := range command.Subcommands {
		finish(sub)
	}
}
