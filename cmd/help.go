package cmd

import (
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
		usage:     "explain a command, a topic or a state",
		argsUsage: "[COMMAND|TOPIC|STATE]",
		description: "The topics are " + strings.Join(topicNames(), ", ") + ".\n" +
			"A state (ok, expiring, rejected, …) is explained by its name.",
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Usage: "list the topics and the external commands on PATH too"},
			&cli.BoolFlag{Name: "man", Usage: "print the manual page, for man: claude-auth help --man | man -l -"},
		},
		run:     (*program).help,
		maxArgs: 2, readsOnly: true, needsNoHome: true, complete: (*program).completeHelp,
	}
})

func (p *program) completeHelp(args []string, _ string) answer {
	if len(args) > 0 {
		return answer{list: candidatesOf(commandNamed(args...).subcommands)}
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
		_, err := p.ui.Out.Write(manPage(p.app()))
		return err
	}
	if len(args) == 0 {
		return p.showHelp(p.app(), nil, c.Bool("all"))
	}
	if named := commandNamed(args[0]); named.name != "" && !named.plumbing {
		return p.showHelp(p.app(), args, false)
	}
	if len(args) == 1 {
		if topic, ok := topicOf(args[0]); ok {
			p.ui.Text(topic)
			return nil
		}
	}
	if path, ok := findExternal(p.env, args[0]); ok {
		p.ui.Printf("%s is an external command: %s\n", args[0], path)
		p.ui.Hintf("run 'claude-auth %s --help'", args[0])
		return nil
	}
	hint := "run 'claude-auth help -a' for the list"
	if near := nearest(args[0], append(p.commandNames(), topicNames()...)); near != "" {
		hint = fmt.Sprintf("did you mean 'claude-auth help %s'? %s", near, hint)
	}
	return usageErrorf(hint, "help: no such command or topic: %s", args[0])
}

// topicOf returns the text of a topic, or the part of the topic states that explains one state.
func topicOf(name string) (string, bool) {
	if text := topic(name); text != "" || !slices.Contains(credentials.States(), credentials.State(name)) {
		return text, text != ""
	}
	for part := range strings.SplitSeq(topic("states"), "\n\n") {
		if strings.HasPrefix(part, name+"\n") {
			return part + "\n", true
		}
	}
	return "", false
}

// asksForHelp reports whether --help or -h is among flags.
func asksForHelp(flags []string) bool {
	return slices.ContainsFunc(flags, func(flag string) bool {
		return flag == "--help" || flag == "-help" || flag == "-h"
	})
}

// showHelp explains the command that path names, or the program.
func (p *program) showHelp(app *cli.App, path []string, all bool) error {
	if len(path) == 0 {
		p.programHelp(app, all)
		return nil
	}
	command := app.Command(path[0])
	full := command.Name
	for _, name := range path[1:] {
		sub := command.Command(name)
		if sub == nil {
			return usageErrorf("run 'claude-auth help "+command.Name+"'",
				"help: no such command: %s", strings.Join(path, " "))
		}
		command, full = sub, full+" "+sub.Name
	}
	p.commandHelp(command, full)
	return nil
}

func (p *program) commandHelp(command *cli.Command, full string) {
	p.ui.Text(fmt.Sprintf("claude-auth %s - %s\n\n", full, command.Usage))
	p.ui.Table([][]ui.Cell{{{Text: "usage:"}, {Text: strings.Join(synopsis(command, full), " ")}}})
	if command.Description != "" {
		p.ui.Text("\n" + command.Description + "\n")
	}
	if len(command.Subcommands) > 0 {
		p.ui.Text("\n")
		p.ui.Table(commandRows(command.Subcommands))
	}
	p.ui.Text("\n")
	p.ui.Table(flagRows(command.Flags, "show this"))
}

// synopsis returns the words of the usage line.
func synopsis(command *cli.Command, full string) []string {
	words := []string{"claude-auth", full}
	for _, flag := range command.Flags {
		words = append(words, "["+flagForm(flag, "--"+flag.Names()[0])+"]")
	}
	if len(command.Subcommands) > 0 {
		var names []string
		for _, sub := range command.Subcommands {
			names = append(names, sub.Name)
		}
		words = append(words, "["+strings.Join(names, "|")+"]")
	}
	if command.ArgsUsage != "" {
		words = append(words, command.ArgsUsage)
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
		if documented := flag.(cli.DocGenerationFlag); documented.TakesValue() && documented.GetValue() != "" {
			usage += " (default: " + documented.GetValue() + ")"
		}
		rows = append(rows, []ui.Cell{{Text: "  " + flagForm(flag, strings.Join(names, ", "))}, {Text: usage}})
	}
	return rows
}

func commandRows(commands []*cli.Command) [][]ui.Cell {
	var rows [][]ui.Cell
	for _, command := range commands {
		rows = append(rows, []ui.Cell{{Text: "  " + command.Name}, {Text: command.Usage}})
	}
	return rows
}

// programHelp lists the commands in their groups.
func (p *program) programHelp(app *cli.App, all bool) {
	p.ui.Text("claude-auth - " + app.Usage + "\n\n")
	p.ui.Table([][]ui.Cell{{{Text: "usage:"}, {Text: app.UsageText}}})
	width := 0
	for _, command := range app.VisibleCommands() {
		width = max(width, len(command.Name))
	}
	for _, group := range groups {
		p.ui.Text("\n" + group + "\n")
		for _, command := range app.VisibleCommands() {
			if command.Category == group {
				name := fmt.Sprintf("  %-*s", width, command.Name) // the same columns in every group
				p.ui.Table([][]ui.Cell{{{Text: name}, {Text: command.Usage}}})
			}
		}
	}
	p.ui.Text("\nglobal flags, anywhere on the line\n")
	p.ui.Table(flagRows(app.Flags, "show help, for a command too"))
	if !all {
		p.ui.Text("\n'claude-auth help -a' lists the topics and the external commands too.\n")
		return
	}
	p.moreHelp()
}

// moreHelp lists what only `help -a` does.
func (p *program) moreHelp() {
	p.ui.Text("\ntopics\n")
	var rows [][]ui.Cell
	for _, name := range topicNames() {
		rows = append(rows, []ui.Cell{{Text: "  " + name}, {Text: topicTitle(name)}})
	}
	p.ui.Table(rows)
	p.ui.Text("\nexternal commands (claude-auth-NAME on PATH)\n")
	rows = nil
	for _, name := range externals(p.env) {
		path, _ := findExternal(p.env, name)
		rows = append(rows, []ui.Cell{{Text: "  " + name}, {Text: p.displayPath(path)}})
	}
	if len(rows) == 0 {
		rows = [][]ui.Cell{{{Text: "  none"}}}
	}
	p.ui.Table(rows)
}
