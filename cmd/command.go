package cmd

import (
	"cmp"
	"math"
	"slices"

	"github.com/urfave/cli/v2"
)

// command is a subcommand and what the rest of the program must know of it. The file of a command registers it, so
// that no list of commands has to be kept elsewhere.
type command struct {
	name  string // only a subcommand has it here; that of the others is registered
	group string // its heading in help; none for plumbing and for the subcommands of a command
	rank  int    // its place within the group

	usage       string     // what it does: a phrase in lower case without a full stop
	argsUsage   string     // its arguments, as help shows them
	description string     // paragraphs; a line that begins with a space stays a line of its own
	examples    string     // a line each: a command that can be pasted, spaces, "# " and what it does
	flags       []cli.Flag // a choiceFlag when the value is one of a few
	minArgs     int
	maxArgs     int // 0 when it takes no arguments, anyNumber when there is no limit
	run         func(*program, *cli.Context) error
	subcommands []command

	// plumbing: scripts call it, not people. Help does not list it, and its arguments are never parsed as flags.
	plumbing bool
	// readsOnly: a signal may end it anywhere, because it leaves nothing half done.
	readsOnly bool
	// needsNoHome: it also works where no home is known.
	needsNoHome bool
	// findsHome: it looks for the home itself, because nothing may make it fail.
	findsHome bool
	// acts: it changes something, and says so. It has --quiet.
	acts bool
	// badSettings says what it does about a setting that is not valid.
	badSettings settingsRule
	// passesArgs: its arguments are another program's, so its own flags end at the first argument.
	passesArgs bool
	// onlyPasses: it has no argument of its own, so that -- must stand before those of the other program.
	onlyPasses bool
	// complete completes the word under the cursor, an argument behind args; nil when there is nothing to offer.
	complete func(p *program, args []string, current string) answer
}

const anyNumber = math.MaxInt

// The groups of the commands.
const (
	groupLogin  = "Find out what is wrong"
	groupRepair = "Repair and renew the login"
	groupFile   = "Look into the file and edit it"
	groupShell  = "Use it from your shell"
	groupMore   = "More"
)

// groups lists the groups in the order in which help has them.
var groups = []string{groupLogin, groupRepair, groupFile, groupShell, groupMore}

// commandSet has the function that makes each command, by name: a run of the program makes only what it needs.
type commandSet map[string]func() command

var commands = commandSet{}

func register(name string, define func() command) bool {
	commands[name] = define
	return true
}

// find returns the command that words name, a subcommand behind its command; an empty one when there is none.
func (s commandSet) find(words ...string) (found command) {
	if len(words) == 0 || s[words[0]] == nil {
		return command{}
	}
	found = s[words[0]]().withCommonFlags()
	found.name = words[0]
	for _, word := range words[1:] {
		found = found.subcommand(word)
	}
	return found
}

// withCommonFlags adds the flags that a command has for what it is.
func (c command) withCommonFlags() command {
	if c.acts {
		c.flags = append(slices.Clone(c.flags), quietFlag())
	}
	c.subcommands = slices.Clone(c.subcommands)
	for i, sub := range c.subcommands {
		c.subcommands[i] = sub.withCommonFlags()
	}
	return c
}

func (c command) subcommand(name string) command {
	if i := slices.IndexFunc(c.subcommands, func(sub command) bool { return sub.name == name }); i >= 0 {
		return c.subcommands[i]
	}
	return command{}
}

// inHelpOrder returns all commands but the plumbing, as help lists them.
func (s commandSet) inHelpOrder() []command {
	var all []command
	for name := range s {
		if c := s.find(name); !c.plumbing {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b command) int {
		group := func(c command) int { return slices.Index(groups, c.group) }
		return cmp.Or(group(a)-group(b), a.rank-b.rank, cmp.Compare(a.name, b.name))
	})
	return all
}

// cli makes the command that urfave runs.
func (c command) cli(p *program) *cli.Command {
	built := &cli.Command{
		Name: c.name, Flags: c.flags, SkipFlagParsing: c.plumbing, HideHelp: true, OnUsageError: p.badUsage,
		Action: func(context *cli.Context) error {
			if n := context.NArg(); n < c.minArgs || n > c.maxArgs {
				return c.wrongArguments(context)
			}
			if c.acts && context.Bool("quiet") {
				p.ui.Quiet()
			}
			return c.run(p, context)
		},
	}
	for _, sub := range c.subcommands {
		built.Subcommands = append(built.Subcommands, sub.cli(p))
	}
	return built
}
