package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
	"github.com/xrash/smetrics"

	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// externalPrefix begins the file name of an external command, as "git-" does for git.
const externalPrefix = "claude-auth-"

// mostExternals bounds how deep external commands can call each other: one that calls itself would fill the machine.
const mostExternals = 16

// external replaces this process by claude-auth-NAME from PATH. Without such a program it suggests the nearest
// command.
func (p *program) external(c *cli.Context) error {
	name, args := c.Args().First(), c.Args().Tail()
	if path, ok := findExternal(p.env, name); ok {
		above, _ := strconv.Atoi(p.env.Get(paths.EnvExternal)) // 0 where it is not set, or no number
		if above >= mostExternals {
			return ui.WithHint(fmt.Errorf("%s was not started: %d external commands are running above it", path, above),
				"let "+externalPrefix+name+" call a command of claude-auth, not itself")
		}
		env := p.env.With(paths.EnvExe, p.exe).With(paths.EnvFile, p.paths.Credentials).
			With(paths.EnvExternal, strconv.Itoa(above+1))
		return fmt.Errorf("run %s: %w", path, runner.Exec(runner.Command{Path: path, Args: args, Env: env.Environ()}))
	}
	if meant, words := commandMeant(name, args); meant != "" {
		return usageErrorf("did you mean 'claude-auth "+meant+"'?", "no such command: %s", words)
	}
	if slices.Contains(topicNames(), name) {
		return usageErrorf("did you mean 'claude-auth help "+name+"'?", "no such command: %s", name)
	}
	return usageErrorf(suggestion("", name, p.commandNames()), "no such command: %s", name)
}

// findExternal looks only into absolute entries of PATH: a relative one would run whatever the current directory
// holds. paths.Wrapper is this program, and no command.
func findExternal(env paths.Env, name string) (string, bool) {
	if name == "" || externalPrefix+name == paths.Wrapper || strings.ContainsRune(name, filepath.Separator) {
		return "", false
	}
	for _, dir := range filepath.SplitList(env.Get("PATH")) {
		path := filepath.Join(dir, externalPrefix+name)
		info, err := os.Stat(path)
		if filepath.IsAbs(dir) && err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, true
		}
	}
	return "", false
}

// externals lists the names of the external commands on PATH, each once, sorted.
func externals(env paths.Env) []string {
	var names []string
	for _, dir := range filepath.SplitList(env.Get("PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		entries, _ := os.ReadDir(dir) // a directory that cannot be listed has no commands to show
		for _, entry := range entries {
			if name, ok := strings.CutPrefix(entry.Name(), externalPrefix); ok && !slices.Contains(names, name) {
				if _, runs := findExternal(env, name); runs {
					names = append(names, name)
				}
			}
		}
	}
	slices.Sort(names)
	return names
}

// commandNames lists all that can be a command, in the order of help: nearest takes the first of equals.
func (p *program) commandNames() []string {
	names := externals(p.env)
	for _, c := range commands.inHelpOrder() {
		names = append(names, c.name)
	}
	return names
}

// otherNames has the command for words that people try because other programs have them.
var otherNames = map[string][]string{
	"status": {"auth", "auth status", "whoami", "who", "state", "info", "show-login", "account", "me"},
	"login":  {"auth login", "signin", "sign-in", "authenticate", "connect", "reauth", "relogin"},
	"wipe": {
		"auth logout", "logout", "log-out", "signout", "sign-out", "reset", "remove", "rm", "delete", "clear", "clean",
		"forget",
	},
	"recover": {"fix", "repair", "mend", "heal", "rescue", "auth fix"},
	"undo":    {"restore", "revert", "rollback", "undelete", "back"},
	"renew":   {"refresh", "update", "auth refresh", "auth renew", "auth token", "extend"},
	"doctor": {
		"check", "diagnose", "health", "healthcheck", "test", "verify", "validate", "lint", "debug", "report",
	},
	"why":           {"explain", "reason", "error", "errors", "last"},
	"history":       {"log", "logs", "events", "timeline", "list", "ls", "lives"},
	"backups":       {"backup", "snapshots", "versions", "trash"},
	"backups prune": {"prune", "gc"},
	"get":           {"read", "value", "query"},
	"show":          {"cat", "view", "print", "dump", "display", "inspect", "credentials", "token"},
	"set":           {"edit", "put", "change", "modify"},
	"unset":         {"del"},
	"schedule":      {"cron", "timer", "daemon", "service", "watch", "autorenew", "auto-renew"},
	"schedule on":   {"enable", "start"}, "schedule off": {"disable", "stop"},
	"install": {"setup", "hook", "enable-hook", "activate"},
	"config":  {"settings", "setting", "configure", "preferences", "prefs", "options"},
	"run":     {"exec", "claude", "start-client"},
	"help":    {"man", "docs", "usage", "commands", "?"},
	"version": {"upgrade", "about", "ver"},

	"status --format prompt": {"prompt", "segment"},
}

// otherSubcommands is the same for subcommands.
var otherSubcommands = map[string][]string{
	"schedule on": {"start", "enable", "add"}, "schedule off": {"stop", "disable", "remove", "rm"},
	"backups list": {"ls", "show"}, "backups restore": {"undo", "get"},
	"backups prune": {"clean", "clear", "delete", "remove", "rm", "purge"},
	"config list":   {"ls", "show"}, "config set": {"add", "edit", "put"},
	"config unset": {"clear", "delete", "remove", "reset", "rm"},
}

// subcommandMeant returns the subcommand of c that a word stands for; "" for none.
func (c command) subcommandMeant(word string) string {
	var names []string
	for _, sub := range c.subcommands {
		if slices.Contains(otherSubcommands[c.name+" "+sub.name], word) {
			return sub.name
		}
		names = append(names, sub.name)
	}
	return nearest(word, names)
}

// commandMeant returns the command that a word, or two, stands for in other programs, and these words; "" for none.
func commandMeant(name string, args []string) (meant, words string) {
	tries := []string{name}
	if len(args) > 0 {
		tries = []string{name + " " + args[0], name}
	}
	for _, words := range tries {
		for meant, names := range otherNames {
			if slices.Contains(names, strings.ToLower(words)) {
				return meant, words
			}
		}
	}
	return "", ""
}

// suggestion is the hint for an unknown word behind command.
func suggestion(command, word string, names []string) string {
	hint := "run 'claude-auth help -a' for the list"
	if near := nearest(word, names); near != "" {
		hint = fmt.Sprintf("did you mean 'claude-auth %s%s'?", command, near)
	}
	return hint
}

// nearest returns the name that is most like word, or "" when none is near enough for a typing error.
func nearest(word string, names []string) string {
	const nearEnough, boost, prefix = 0.75, 0.7, 4
	best, similarity := "", nearEnough
	for _, name := range names {
		if s := smetrics.JaroWinkler(word, name, boost, prefix); s > similarity {
			best, similarity = name, s
		}
	}
	return best
}
