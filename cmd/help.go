package cmd

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/ui"
)

//go:embed topics/*.txt
var topicFiles embed.FS

// topics are the texts of `help TOPIC`: the first line is the title.
func topics() map[string]string {
	list := map[string]string{}
	for _, name := range topicNames() {
		if text, err := topicFiles.ReadFile("topics/" + name + ".txt"); err == nil {
			list[name] = string(text)
		}
	}
	return list
}

func topicNames() []string {
	entries, err := fs.ReadDir(topicFiles, "topics") // sorted
	if err != nil {
		return nil // an embedded directory can be read
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = strings.TrimSuffix(entry.Name(), ".txt")
	}
	return names
}

var _ = register(command{
	name: "help", group: groupMore, rank: 30, build: (*program).helpCommand,
	readsOnly: true, needsNoHome: true, complete: completeHelp,
})

func (p *program) helpCommand() *cli.Command {
	return &cli.Command{
		Usage:     "explain a command, a topic or a state",
		ArgsUsage: "[COMMAND|TOPIC|STATE]",
		Description: "The topics are " + strings.Join(topicNames(), ", ") + ".\n" +
			"A state (ok, expiring, rejected, …) is explained by its name.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Usage: "list the topics and the external commands on PATH too"},
			&cli.BoolFlag{Name: "man", Usage: "print the manual page, for man: claude-auth help --man | man -l -"},
		},
		Action: p.help,
	}
}

func (p *program) help(c *cli.Context) error {
	args, err := arguments(c, 0, 2)
	if err != nil {
		return err
	}
	if c.Bool("man") {
		_, err := p.ui.Out.Write(manPage(p.app()))
		return err
	}
	if len(args) == 0 {
		return p.showHelp(p.app(), nil, c.Bool("all"))
	}
	if commandNamed(args[0]).group != hidden {
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
	return ui.WithHint(usageError{fmt.Errorf("help: no such command or topic: %s", args[0])}, hint)
}

// topicOf returns the text of a topic, or the part of the states' that is about one state.
func topicOf(name string) (string, bool) {
	all := topics()
	if text, ok := all[name]; ok {
		return text, true
	}
	if slices.Contains(credentials.States(), credentials.State(name)) {
		for part := range strings.SplitSeq(all["states"], "\n\n") {
			if strings.HasPrefix(part, name+"\n") {
				return part + "\n", true
			}
		}
	}
	return "", false
}

// asksForHelp reports whether --help or -h stands among the words that are this program's own. Of the words of another
// program's command line none is.
func asksForHelp(words ...[]string) bool {
	return slices.ContainsFunc(slices.Concat(words...), func(word string) bool {
		return word == "--help" || word == "-help" || word == "-h"
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
			return ui.WithHint(usageError{fmt.Errorf("help: no such command: %s", strings.Join(path, " "))},
				"run 'claude-auth help "+command.Name+"'")
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
	p.ui.Table(flagRows(append(slices.Clone(command.Flags), &cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "show this"})))
}

// synopsis is the words of the usage line.
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

// flagForm is the flag with the placeholder of its value, which stands in backquotes in its usage.
func flagForm(flag cli.Flag, names string) string {
	if _, placeholder, ok := strings.Cut(usageOf(flag), "`"); ok {
		placeholder, _, _ = strings.Cut(placeholder, "`")
		return names + " " + placeholder
	}
	return names
}

func usageOf(flag cli.Flag) string {
	if documented, ok := flag.(cli.DocGenerationFlag); ok {
		return documented.GetUsage()
	}
	return ""
}

func flagRows(flags []cli.Flag) [][]ui.Cell {
	var rows [][]ui.Cell
	for _, flag := range flags {
		var names []string
		for _, name := range flag.Names() {
			names = append(names, strings.Repeat("-", min(len(name), 2))+name)
		}
		usage := strings.ReplaceAll(usageOf(flag), "`", "")
		if documented, ok := flag.(cli.DocGenerationFlag); ok && documented.TakesValue() && documented.GetValue() != "" {
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

// programHelp is the list of the commands, in groups.
func (p *program) programHelp(app *cli.App, all bool) {
	p.ui.Text("claude-auth - " + app.Usage + "\n\n")
	p.ui.Table([][]ui.Cell{{{Text: "usage:"}, {Text: app.UsageText}}})
	var groups []string
	members := map[string][]*cli.Command{}
	width := 0
	for _, command := range app.Commands {
		if command.Hidden {
			continue
		}
		if _, seen := members[command.Category]; !seen {
			groups = append(groups, command.Category)
		}
		members[command.Category] = append(members[command.Category], command)
		width = max(width, len(command.Name))
	}
	for _, group := range groups {
		p.ui.Text("\n" + group + "\n")
		rows := commandRows(members[group])
		for i := range rows { // the same columns in every group
			rows[i][0].Text = fmt.Sprintf("  %-*s", width, strings.TrimSpace(rows[i][0].Text))
		}
		p.ui.Table(rows)
	}
	p.ui.Text("\nglobal flags, anywhere on the line\n")
	p.ui.Table(flagRows(append(slices.Clone(app.Flags), &cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "show help, for a command too"})))
	if !all {
		p.ui.Text("\n'claude-auth help -a' lists the topics and the external commands too.\n")
		return
	}
	p.moreHelp()
}

// moreHelp is what only `help -a` lists.
func (p *program) moreHelp() {
	p.ui.Text("\ntopics\n")
	var rows [][]ui.Cell
	all := topics()
	for _, name := range topicNames() {
		title, _, _ := strings.Cut(all[name], "\n")
		rows = append(rows, []ui.Cell{{Text: "  " + name}, {Text: title}})
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
