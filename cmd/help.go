package cmd

import (
	"cmp"
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/ui"
)

//go:embed topics/*.txt
var topicFiles embed.FS

// topic returns the text of `help TOPIC`, whose first line is its title; "" when there is no such topic.
func topic(name string) string {
	text, _ := topicFiles.ReadFile("topics/" + name + ".txt")
	return string(text)
}

func topicTitle(name string) string {
	title, _, _ := strings.Cut(topic(name), "\n")
	return title
}

func topicNames() []string {
	entries, _ := topicFiles.ReadDir("topics") // sorted, and embedded: it can be read
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = strings.TrimSuffix(entry.Name(), ".txt")
	}
	return names
}

var _ = register("help", func() command {
	return command{
		group: groupMore, rank: 30,
		usage:     "explain a command, a topic or a state of the login",
		argsUsage: "[COMMAND|TOPIC|STATE]",
		description: "The topics are " + strings.Join(topicNames(), ", ") + ".\n\n" +
			"The states are " + strings.Join(stateNames(), ", ") + ".",
		examples: "claude-auth help set   # explain a command, as 'claude-auth set --help' does\n" +
			"claude-auth help expiring   # explain what 'status' says\n" +
			"claude-auth help --man | man -l -   # read the manual page",
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Usage: "also list the topics and the external commands"},
			&cli.BoolFlag{Name: "man", Usage: "print the manual page"},
		},
		run: (*program).help, badSettings: passBadSetting,
		maxArgs: 2, readsOnly: true, needsNoHome: true, complete: (*program).completeHelp,
	}
})

func (p *program) completeHelp(args []string, _ string) answer {
	if len(args) > 0 {
		return answer{list: candidatesOf(commands.find(args...).subcommands)}
	}
	list := p.commandCandidates()
	for _, name := range topicNames() {
		list = append(list, candidate{name, topicTitle(name)})
	}
	for _, state := range credentials.States() {
		list = append(list, candidate{string(state), "a state of the login"})
	}
	return answer{list: list}
}

func (p *program) help(c *cli.Context) error {
	args := c.Args().Slice()
	if c.Bool("man") {
		_, err := p.ui.Out.Write(manPage())
		return err
	}
	if len(args) == 0 {
		return p.showHelp(nil, c.Bool("all"))
	}
	if named := commands.find(args[0]); named.name != "" && !named.plumbing {
		return p.showHelp(args, false)
	}
	if text := cmp.Or(topic(args[0]), stateText(args[0])); text != "" && len(args) == 1 {
		p.ui.Page(text)
		return nil
	}
	if path, ok := findExternal(p.env, args[0]); ok {
		p.ui.Textf("%s is an external command: %s", args[0], path)
		p.ui.Hintf("run 'claude-auth %s --help'", args[0])
		return nil
	}
	hint := suggestion("help ", args[0], slices.Concat(p.commandNames(), topicNames(), stateNames()))
	return usageErrorf(hint, "no such command, topic or state: %s", args[0])
}

// stateNames lists the states of a login.
func stateNames() []string {
	var names []string
	for _, state := range credentials.States() {
		names = append(names, string(state))
	}
	return names
}

// stateText returns the part of the topic states that explains one state; "" for an unknown state.
func stateText(name string) string {
	if slices.Contains(stateNames(), name) {
		for part := range strings.SplitSeq(topic("states"), "\n\n") {
			if strings.HasPrefix(part, name+"\n") {
				return part + "\n"
			}
		}
	}
	return ""
}

// asksForHelp reports whether --help or -h is among flags.
func asksForHelp(flags []string) bool {
	return slices.ContainsFunc(flags, func(flag string) bool {
		return flag == "--help" || flag == "-help" || flag == "-h"
	})
}

// showHelp explains the command that path names, or the program.
func (p *program) showHelp(path []string, all bool) error {
	if len(path) == 0 {
		p.programHelp(all)
		return nil
	}
	named, full := commands.find(path...), strings.Join(path, " ")
	if named.name == "" {
		return usageErrorf("run 'claude-auth help "+path[0]+"'", "no such command: %s", full)
	}
	p.ui.Text(fmt.Sprintf("claude-auth %s - %s\n\n", full, named.usage))
	p.ui.Table([][]ui.Cell{{{Text: "Usage:"}, {Text: strings.Join(named.synopsis(full), " ")}}})
	if named.description != "" {
		p.ui.Prose("\n" + named.description)
	}
	if len(named.subcommands) > 0 {
		p.ui.Text("\nCommands:\n")
		var rows [][]ui.Cell
		for _, sub := range named.subcommands {
			rows = append(rows, []ui.Cell{{Text: "  " + sub.name}, {Text: sub.usage}})
		}
		p.ui.Table(rows)
	}
	p.ui.Text("\nFlags:\n")
	p.ui.Table(flagRows(named.flags, "show this help"))
	p.showExamples(named.exampleList())
	return nil
}

// synopsis returns the words of the usage line.
func (c command) synopsis(full string) []string {
	words := []string{"claude-auth", full}
	for _, flag := range c.flags {
		words = append(words, "["+flagForm(flag, "--"+flag.Names()[0])+"]")
	}
	if len(c.subcommands) > 0 {
		var names []string
		for _, sub := range c.subcommands {
			names = append(names, sub.name)
		}
		words = append(words, "["+strings.Join(names, "|")+"]")
	}
	if c.argsUsage != "" {
		words = append(words, c.argsUsage)
	}
	return words
}

// flagForm adds the placeholder of a flag's value, which its usage has in backquotes, to its names.
func flagForm(flag cli.Flag, names string) string {
	if parts := strings.Split(flag.(cli.DocGenerationFlag).GetUsage(), "`"); len(parts) == 3 {
		return names + " " + parts[1]
	}
	return names
}

// usageOf returns what a flag does.
func usageOf(flag cli.Flag) string {
	return strings.ReplaceAll(flag.(cli.DocGenerationFlag).GetUsage(), "`", "")
}

// dashed returns the name of a flag as it is typed.
func dashed(name string) string { return strings.Repeat("-", min(len(name), 2)) + name }

// flagRows lists flags, and --help after them.
func flagRows(flags []cli.Flag, help string) [][]ui.Cell {
	var rows [][]ui.Cell
	for _, flag := range append(slices.Clone(flags), &cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: help}) {
		var names []string
		for _, name := range flag.Names() {
			names = append(names, dashed(name))
		}
		usage := usageOf(flag)
		documented := flag.(cli.DocGenerationFlag)
		if value := documented.GetValue(); documented.TakesValue() && value != "" && value != "0s" {
			usage += " (default: " + value + ")"
		}
		rows = append(rows, []ui.Cell{{Text: "  " + flagForm(flag, strings.Join(names, ", "))}, {Text: usage}})
	}
	return rows
}

// programHelp lists the commands in their groups.
func (p *program) programHelp(all bool) {
	p.ui.Text("claude-auth - " + programUsage + "\n\n")
	p.ui.Table([][]ui.Cell{{{Text: "Usage:"}, {Text: "claude-auth [--file PATH] [--no-color] COMMAND …"}}})
	list, width := commands.inHelpOrder(), 0
	for _, c := range list {
		width = max(width, len(c.name))
	}
	for _, group := range groups {
		p.heading(group)
		for _, c := range list {
			if c.group == group {
				name := fmt.Sprintf("  %-*s", width, c.name) // the same columns in every group
				p.ui.Table([][]ui.Cell{{{Text: name}, {Text: c.usage}}})
			}
		}
	}
	p.heading("Flags of every command")
	p.ui.Table(flagRows(globalFlags(), "explain a command, with examples"))
	if !all {
		p.ui.Prose("\nIf Claude Code answers 401, start with: claude-auth recover\n\n" +
			"'claude-auth COMMAND --help' has examples; 'claude-auth help -a' lists topics.")
		return
	}
	p.moreHelp()
}

// heading prints the heading of a list, behind an empty line.
func (p *program) heading(text string) {
	p.ui.Text("\n")
	p.ui.Line(ui.Cell{Text: text, Style: ui.Bold})
}

// moreHelp lists what only `help -a` does.
func (p *program) moreHelp() {
	p.heading("Topics, for 'claude-auth help TOPIC'")
	var rows [][]ui.Cell
	for _, name := range topicNames() {
		rows = append(rows, []ui.Cell{{Text: "  " + name}, {Text: topicTitle(name)}})
	}
	p.ui.Table(rows)
	p.heading("External commands")
	rows = nil
	for _, name := range externals(p.env) {
		path, _ := findExternal(p.env, name)
		rows = append(rows, []ui.Cell{{Text: "  " + name}, {Text: path}})
	}
	if len(rows) == 0 {
		rows = [][]ui.Cell{{{Text: "  none"}}}
	}
	p.ui.Table(rows)
}
